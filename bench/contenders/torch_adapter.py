"""PyTorch as its tutorials show it: `torch.nn.Sequential`, an optimizer of `torch.optim`, eager steps."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows

ACTIVATIONS: dict[str, Callable[[], Any]] = {
    "linear": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "softmax": lambda: torch.nn.Softmax(dim=1),
    "tanh": torch.nn.Tanh,
}

# PyTorch's cross-entropies take logits and apply the last activation themselves.
LOSSES_OF_LOGITS: dict[str, Callable[[], Any]] = {
    "binary_crossentropy": torch.nn.BCEWithLogitsLoss,
    "categorical_crossentropy": torch.nn.CrossEntropyLoss,
    "sparse_categorical_crossentropy": torch.nn.CrossEntropyLoss,
}


class TorchNetwork:
    """A `torch.nn.Sequential` up to the logits, its last activation, and a loop over batches."""

    def __init__(self, spec: NetworkSpec) -> None:
        if spec.is_penalized:
            raise NotImplementedError("this contender has no penalties on its weights")
        dtype = getattr(torch, spec.dtype)
        *hidden, last = spec.layers
        below = [
            part
            for layer in hidden
            for part in (torch.nn.Linear(layer.inputs, layer.units, dtype=dtype), ACTIVATIONS[layer.activation]())
        ]
        self._logits = torch.nn.Sequential(*below, torch.nn.Linear(last.inputs, last.units, dtype=dtype))
        self._activation = ACTIVATIONS[last.activation]()
        self._loss = _loss(spec.loss, self._activation)
        self._optimizer = _optimizer(spec, self._logits.parameters())
        self._target_dtype = torch.int64 if spec.loss == "sparse_categorical_crossentropy" else dtype
        self._batch_size = spec.batch_size

    def get_weights(self) -> list[FloatArray]:
        """Return copies, kernels transposed from PyTorch's (units, inputs) to Keras's shape."""
        return [np.array(parameter.detach().numpy().T) for parameter in self._logits.parameters()]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set kernel and bias of each layer."""
        with torch.no_grad():
            for parameter, array in zip(self._logits.parameters(), weights, strict=True):
                parameter.copy_(torch.tensor(array.T))

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train one batch at a time."""
        inputs, targets = torch.tensor(x), torch.tensor(y, dtype=self._target_dtype)
        for order in orders:
            for rows in torch.tensor(order).split(self._batch_size or len(x)):
                self._optimizer.zero_grad()
                self._loss(self._logits(inputs[rows]), targets[rows]).backward()
                self._optimizer.step()
            on_epoch_end()

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs)."""
        with torch.inference_mode():
            outputs: FloatArray = self._activation(self._logits(torch.tensor(x))).numpy()
        return outputs


def _loss(name: str, activation: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Return the mean loss of logits and targets."""
    if name in LOSSES_OF_LOGITS:
        loss: Callable[[Any, Any], Any] = LOSSES_OF_LOGITS[name]()
        return loss
    squared = torch.nn.MSELoss()
    return lambda logits, targets: squared(activation(logits), targets)


def _optimizer(spec: NetworkSpec, parameters: Any) -> Any:
    """Return PyTorch's optimizer if it follows Keras's rule."""
    if spec.optimizer != "sgd":
        raise NotImplementedError(
            f"this contender has plain PyTorch's optimizers where they follow Keras's rule, got {spec.optimizer}: "
            "PyTorch's RMSprop adds epsilon outside the root, its Adam after correcting the second moment"
        )
    options = dict(spec.optimizer_options)
    if not options.get("momentum"):
        options.pop("nesterov", None)  # meaningless without momentum, and PyTorch rejects it
    return torch.optim.SGD(parameters, lr=spec.learning_rate, **options)


def bind_threads(threads: int) -> int:
    """Bound PyTorch to ``threads`` threads, within an operation and between them; return the number read back."""
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)
    return int(max(torch.get_num_threads(), torch.get_num_interop_threads()))


build = TorchNetwork
