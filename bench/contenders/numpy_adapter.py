"""David: numpy_nn behind the harness's protocol."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows
from numpy_nn.callbacks import LambdaCallback
from numpy_nn.layers import Dense, Input
from numpy_nn.models import Sequential
from numpy_nn.optimizers import OPTIMIZERS
from numpy_nn.regularizers import L1L2
from numpy_nn.saving import save_model


class NumpyNetwork:
    """A `numpy_nn.Sequential`, compiled as the spec says."""

    def __init__(self, spec: NetworkSpec) -> None:
        layers = [
            Dense(layer.units, layer.activation, kernel_regularizer=L1L2(layer.l1, layer.l2))
            if layer.l1 or layer.l2
            else Dense(layer.units, layer.activation)
            for layer in spec.layers
        ]
        self._model = Sequential([Input((spec.layers[0].inputs,)), *layers], dtype=spec.dtype)
        optimizer = OPTIMIZERS[spec.optimizer](learning_rate=spec.learning_rate, **dict(spec.optimizer_options))
        self._model.compile(optimizer, spec.loss)
        self._batch_size = spec.batch_size

    def get_weights(self) -> list[FloatArray]:
        """Return copies of kernel and bias of each layer."""
        return self._model.get_weights()

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set kernel and bias of each layer."""
        self._model.set_weights(weights)

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train with one ``fit``."""
        tell = LambdaCallback(on_epoch_end=lambda _epoch, _logs: on_epoch_end())
        self._model.fit(x, y, self._batch_size or len(x), len(orders), 0, [tell], orders=orders)

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs)."""
        return self._model.predict(x)

    def save(self, path: Path) -> Path:
        """Write an ``.npz`` file and return its path."""
        file = path.with_suffix(".npz")
        save_model(self._model, file)
        return file


build = NumpyNetwork
