"""The network: layers in sequence, trained by backpropagation.

`Sequential` is used as Keras's: ``compile``, ``fit``, ``predict``, ``evaluate``. The three lines of
`Sequential._update` are gradient descent: forward, backward, update. Everything else is checking and carrying.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import losses, metrics, optimizers
from numpy_nn.arrays import FloatArray, IntArray
from numpy_nn.callbacks import Callback, History
from numpy_nn.config import float_type
from numpy_nn.layers import Dense, Input
from numpy_nn.losses import Loss
from numpy_nn.optimizers import Optimizer
from numpy_nn.workspace import Workspace

# Rows are gathered in the epoch's order this many bytes at a time: enough that small data sets take one call an epoch,
# little enough that what was gathered is still in the cache when it is used.
_GATHER_BYTES = 1 << 20

# How many rows go through `predict` and `evaluate` at a time.
_PREDICT_ROWS = 4096

# A network that diverges shows it in its loss, as in Keras; it is not worth a warning per call.
_QUIET: Any = {"over": "ignore", "invalid": "ignore"}


class Sequential:
    """Dense layers in sequence.

    Args:
        layers: `Dense` layers, the first of which may be preceded by an `Input`. Without one the network is built when
            it first sees data.
        seed: of initial weights and of shuffling; unset, both differ from run to run.
        dtype: ``"float32"`` or ``"float64"``; unset, what `numpy_nn.config.floatx` says.

    Attributes:
        layers: the dense layers.
        dtype: the number type of all parameters.
    """

    def __init__(
        self, layers: Sequence[Input | Dense] = (), *, seed: int | None = None, dtype: str | None = None
    ) -> None:
        self.layers: list[Dense] = []
        self.dtype = float_type(dtype)
        self.built = False
        self.inputs: int | None = None
        self._rng = np.random.default_rng(seed)
        self._loss: Loss | None = None
        self._optimizer: Optimizer | None = None
        self._metrics: tuple[str, ...] = ()
        self._workspaces: dict[tuple[int, bool], Workspace] = {}
        for layer in layers:
            self.add(layer)
        if self.inputs is not None and self.layers:
            self.build(self.inputs)

    def add(self, layer: Input | Dense) -> None:
        """Append a layer; an `Input` may only come first.

        Raises:
            ValueError: if the network is already built, or an `Input` does not come first.
            TypeError: if it is no layer.
        """
        if self.built:
            raise ValueError("the network is built already; give all its layers at once, or leave Input out")
        if isinstance(layer, Input):
            if self.layers or self.inputs is not None:
                raise ValueError("Input must be the first layer")
            self.inputs = layer.features
        elif isinstance(layer, Dense):
            if layer in self.layers:
                raise ValueError("the same layer object stands twice in the network; make a new one")
            self.layers.append(layer)
        else:
            raise TypeError(f"a layer must be Input or Dense, got {layer!r}")

    def build(self, inputs: int) -> None:
        """Lay out the parameters for rows of ``inputs`` features, and draw the initial weights."""
        if not self.layers:
            raise ValueError("a network needs at least one Dense layer")
        self.inputs = inputs
        widths = [inputs, *(layer.units for layer in self.layers)]
        shapes = [(units, below + 1) for below, units in pairwise(widths)]
        self._parameters = np.zeros(sum(units * columns for units, columns in shapes), self.dtype)
        self._gradient = np.zeros_like(self._parameters)
        start = 0
        for layer, (units, columns) in zip(self.layers, shapes, strict=True):
            stop = start + units * columns
            layer.bind(
                self._parameters[start:stop].reshape(units, columns),
                self._gradient[start:stop].reshape(units, columns),
            )
            start = stop
        self.built = True
        self._workspaces.clear()
        self.set_weights(
            [
                array
                for layer, below in zip(self.layers, widths, strict=False)
                for array in layer.initial_weights(below, self._rng)
            ]
        )
        if self._optimizer is not None:
            self._optimizer.build(self._parameters)

    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: str | Loss = "mean_squared_error",
        metrics: Sequence[str] = (),
    ) -> None:
        """Choose the optimizer, the loss, and metrics to report beside it (``"accuracy"``).

        Raises:
            ValueError: if a name is not known, or the loss does not go with the last layer's activation.
        """
        if not self.layers:
            raise ValueError("a network needs at least one Dense layer before it is compiled")
        chosen = losses.get(loss)
        last = self.layers[-1].activation
        self._link, self._fused = chosen.link(last), chosen.fuses(last)
        self._loss = chosen
        self._metrics = tuple(metrics)
        for name in self._metrics:
            _metric(name)
        self._optimizer = optimizers.get(optimizer)
        if self.built:
            self._optimizer.build(self._parameters)

    @property
    def is_compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._loss is not None

    @property
    def loss(self) -> Loss:
        """The loss given to `compile`; a RuntimeError before."""
        if self._loss is None:
            raise RuntimeError("compile the network first, as in compile(optimizer='sgd', loss='binary_crossentropy')")
        return self._loss

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer given to `compile`; a RuntimeError before."""
        if self._optimizer is None:
            raise RuntimeError("compile the network first, as in compile(optimizer='sgd', loss='binary_crossentropy')")
        return self._optimizer

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics given to `compile`."""
        return self._metrics

    # Training

    def fit(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: int = 0,
        callbacks: Iterable[Callback] = (),
        validation_data: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
        shuffle: bool = True,
        *,
        orders: Iterable[IntArray] | None = None,
    ) -> History:
        """Train for a number of epochs and return their history.

        As in Keras, ``loss`` and the metrics of an epoch are running averages: each row counts with the weights that
        it met, before the update it took part in.

        Args:
            x: rows of features, (rows, features).
            y: labels, (rows,) or (rows, outputs).
            batch_size: rows an update; the last batch of an epoch may be smaller.
            epochs: how often to go through the data.
            verbose: 0 for silence, otherwise a line an epoch.
            callbacks: told of the end of every epoch.
            validation_data: ``(x, y)`` to evaluate after every epoch, as ``val_loss`` and so on.
            shuffle: whether to draw a new order of rows for every epoch.
            orders: the order of rows in each epoch, (rows,) permutations, in place of shuffling.

        Raises:
            RuntimeError: if the network is not compiled.
            ValueError: if the data is not finite, empty, or its shape does not fit the network.
        """
        loss, optimizer = self.loss.behind(self.layers[-1].activation), self.optimizer
        if batch_size < 1 or epochs < 0:
            raise ValueError(f"batch_size must be at least 1 and epochs at least 0, got {batch_size} and {epochs}")
        rows, targets = self._training_data(x, y)
        count = rows.shape[0]
        batch_size = min(batch_size, count)
        validation = None if validation_data is None else self._training_data(*validation_data)
        history = History()
        listeners = [history, *callbacks]
        logits = np.empty_like(targets)
        gather = _Gather(rows, targets, batch_size)
        full = self._workspace(batch_size, training=True)
        ragged = self._workspace(count % batch_size, training=True) if count % batch_size else full

        given = iter(orders) if orders is not None else None
        for epoch in range(epochs):
            order = self._order(count, shuffle) if given is None else _checked_order(next(given, None), count, epoch)
            with np.errstate(**_QUIET):
                for start, x_batch, y_batch in gather.batches(order):
                    workspace = full if len(x_batch) == batch_size else ragged
                    self._update(workspace, optimizer, loss, x_batch, y_batch, logits[start : start + len(x_batch)])
            logs = self._measure(logits, gather.ordered(targets, order))
            if validation is not None:
                logs |= {f"val_{name}": value for name, value in self._evaluate(*validation).items()}
            for listener in listeners:
                listener.on_epoch_end(epoch, logs)
            if verbose:
                print(f"epoch {epoch + 1}/{epochs}", *(f"{k} {v:.4f}" for k, v in logs.items()), sep="  ")  # noqa: T201
        return history

    def _update(
        self,
        workspace: Workspace,
        optimizer: Optimizer,
        loss: Loss,
        x: FloatArray,
        targets: FloatArray,
        logits: FloatArray,
    ) -> None:
        """Make one update on rows x, (rows, features + 1), and leave the ``logits`` they had before it."""
        self._forward(workspace, x, logits)
        self._backward(workspace, loss, x, targets)
        optimizer.update(self._parameters, self._gradient)

    def _forward(self, workspace: Workspace, x: FloatArray, logits: FloatArray) -> None:
        """Feed rows through the layers, up to what the loss compares with the targets."""
        below = x.T  #                                                  (features + 1, rows)
        for layer, activation, inputs in workspace.hidden:
            layer.forward(below, activation)
            below = inputs  #                                           (units + 1, rows)
        self.layers[-1].logits(below, workspace.outputs)
        logits[...] = workspace.outputs.T  #                            (rows, outputs)
        self._link.forward(workspace.outputs)

    def _backward(self, workspace: Workspace, loss: Loss, x: FloatArray, targets: FloatArray) -> None:
        """Backpropagate: from the loss down to the first layer, keep the gradient of all weights."""
        for activation, outputs, slope in workspace.runs:
            activation.derivative(outputs, slope)
        delta = workspace.output_delta  #                               (outputs, rows)
        loss.gradient(workspace.outputs, targets.T, len(x), delta)
        if not self._fused:
            self._link.derivative(workspace.outputs, workspace.output_slope)
            self._link.backward(delta, workspace.outputs, workspace.output_slope)
        for index in range(len(self.layers) - 1, 0, -1):
            layer, below = self.layers[index], index - 1
            layer.weight_gradient(workspace.inputs[below], delta)
            layer.input_gradient(delta, workspace.input_gradients[below])
            delta = workspace.deltas[below]  #                          (units, rows)
            self.layers[below].activation.backward(delta, workspace.activations[below], workspace.slopes[below])
        self.layers[0].weight_gradient(x.T, delta)

    def gradients(self, x: npt.ArrayLike, y: npt.ArrayLike) -> list[FloatArray]:
        """Return the gradient of the mean loss over all rows: kernel (inputs, units), bias (units,), for each layer."""
        loss = self.loss.behind(self.layers[-1].activation)
        rows, targets = self._training_data(x, y)
        workspace = Workspace(self.layers, len(rows), self.dtype, training=True)
        with np.errstate(**_QUIET):
            self._forward(workspace, rows, np.empty_like(targets))
            self._backward(workspace, loss, rows, targets)
        return [np.array(array) for layer in self.layers for array in (layer.kernel_gradient, layer.bias_gradient)]

    # Prediction

    def predict(self, x: npt.ArrayLike) -> FloatArray:
        """Return the last layer's activations, (rows, outputs).

        Raises:
            ValueError: if the shape of ``x`` does not fit the network.
        """
        with np.errstate(**_QUIET):
            logits = self._logits(self._rows(x))
            self.layers[-1].activation.forward(logits.T)
        return logits

    def evaluate(self, x: npt.ArrayLike, y: npt.ArrayLike) -> dict[str, float]:
        """Return the loss and the metrics over all rows, with the weights as they are.

        This is Keras's ``evaluate(..., return_dict=True)``.

        Raises:
            RuntimeError: if the network is not compiled.
            ValueError: if the data is not finite, empty, or its shape does not fit the network.
        """
        _ = self.loss
        return self._evaluate(*self._training_data(x, y))

    def _evaluate(self, rows: FloatArray, targets: FloatArray) -> dict[str, float]:
        with np.errstate(**_QUIET):
            logits = self._logits(rows)
        return self._measure(logits, targets)

    def _measure(self, logits: FloatArray, targets: FloatArray) -> dict[str, float]:
        """Return loss and metrics, by name, from logits and targets of shape (rows, outputs)."""
        loss = self.loss.behind(self.layers[-1].activation)
        with np.errstate(**_QUIET):
            needs_predictions = not self._fused or self._metrics
            predictions = self.layers[-1].activation(logits) if needs_predictions else logits
            value = loss.per_row(logits if self._fused else predictions, targets).mean()
        return {"loss": float(value)} | {
            name: _metric(name, targets, predictions)(targets, predictions) for name in self._metrics
        }

    def _logits(self, rows: FloatArray) -> FloatArray:
        """Return the logits of rows, (rows, features + 1), as (rows, outputs)."""
        logits = np.empty((len(rows), self.layers[-1].units), self.dtype)
        for start in range(0, len(rows), _PREDICT_ROWS):
            below = rows[start : start + _PREDICT_ROWS].T
            workspace = self._workspace(below.shape[1], training=False)
            for layer, activation, inputs in workspace.hidden:
                layer.forward(below, activation)
                below = inputs
            self.layers[-1].logits(below, workspace.outputs)
            logits[start : start + _PREDICT_ROWS] = workspace.outputs.T
        return logits

    # Weights

    def get_weights(self) -> list[FloatArray]:
        """Return copies of kernel (inputs, units) and bias (units,) of each layer, in Keras's order."""
        self._require_built("get_weights")
        return [np.array(array, order="C") for layer in self.layers for array in (layer.kernel, layer.bias)]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Set kernel and bias of each layer; the optimizer keeps its state.

        Raises:
            ValueError: if their number or a shape does not fit; nothing is changed then.
        """
        self._require_built("set_weights")
        own = [array for layer in self.layers for array in (layer.kernel, layer.bias)]
        if len(weights) != len(own):
            raise ValueError(f"expected {len(own)} arrays, a kernel and a bias for each layer, got {len(weights)}")
        given = [np.asarray(array, dtype=self.dtype) for array in weights]
        for index, (mine, new) in enumerate(zip(own, given, strict=True)):
            if mine.shape != new.shape:
                kind = "bias" if index % 2 else "kernel"
                raise ValueError(
                    f"the {kind} of layer {index // 2 + 1} must have the shape {mine.shape}, got {new.shape}"
                )
        for mine, new in zip(own, given, strict=True):
            mine[...] = new

    def count_params(self) -> int:
        """Return the number of parameters, weights and biases."""
        self._require_built("count_params")
        return int(self._parameters.size)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the network, its weights and its optimizer's state to a file; see `numpy_nn.saving.save_model`."""
        from numpy_nn.saving import save_model  # saving makes models, so it imports this module

        save_model(self, path)

    # Data

    def _training_data(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return rows with their column of ones, and targets, after every check that training wants."""
        rows = self._rows(x)
        if not len(rows):
            raise ValueError("x must have at least one row, got none")
        if not np.isfinite(rows).all():
            raise ValueError("x must be finite, got NaN or infinity")
        targets = self.loss.prepare(y, self.layers[-1].units, self.dtype)
        if len(targets) != len(rows):
            raise ValueError(f"x and y must have the same number of rows, got {len(rows)} and {len(targets)}")
        return rows, targets

    def _rows(self, x: npt.ArrayLike) -> FloatArray:
        """Return x, (rows, features), with a column of ones behind it; build the network if it is not built."""
        array = np.asarray(x)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"x must be numbers, got an array of type {array.dtype}")
        if array.ndim != 2:
            raise ValueError(f"x must have the shape (rows, features), got {array.shape}")
        if not self.built:
            self.build(array.shape[1])
        if array.shape[1] != self.inputs:
            raise ValueError(f"x must have {self.inputs} features a row, got {array.shape[1]}")
        rows = np.ones((array.shape[0], array.shape[1] + 1), self.dtype)
        rows[:, :-1] = array
        return rows

    def _order(self, rows: int, shuffle: bool) -> IntArray:
        return self._rng.permutation(rows) if shuffle else np.arange(rows)

    def _workspace(self, rows: int, *, training: bool) -> Workspace:
        """Return the buffers for that many rows, from the few kept."""
        key = (rows, training)
        workspace = self._workspaces.get(key)
        if workspace is None:
            if len(self._workspaces) >= 8:
                self._workspaces.clear()
            workspace = self._workspaces[key] = Workspace(self.layers, rows, self.dtype, training=training)
        return workspace

    def _require_built(self, method: str) -> None:
        if not self.built:
            raise RuntimeError(f"{method} needs a network that is built: begin it with Input((features,))")


class _Gather:
    """Brings rows and targets into an epoch's order, a few batches at a time, into buffers that it keeps."""

    def __init__(self, rows: FloatArray, targets: FloatArray, batch_size: int) -> None:
        self._rows = rows
        self._targets = targets
        self._batch_size = batch_size
        batch_bytes = batch_size * rows.shape[1] * rows.itemsize
        count = min(len(rows), batch_size * max(1, _GATHER_BYTES // batch_bytes))
        self._x = np.empty((count, rows.shape[1]), rows.dtype)
        self._y = np.empty((count, targets.shape[1]), targets.dtype)
        self._ordered = np.empty_like(targets)

    def batches(self, order: IntArray) -> Iterator[tuple[int, FloatArray, FloatArray]]:
        """Yield the number of rows before a batch, its rows and its targets."""
        for first in range(0, len(order), len(self._x)):
            chosen = order[first : first + len(self._x)]
            # "clip" because with "raise" NumPy would write through a buffer; the order has been checked.
            x = self._rows.take(chosen, axis=0, out=self._x[: len(chosen)], mode="clip")
            y = self._targets.take(chosen, axis=0, out=self._y[: len(chosen)], mode="clip")
            for start in range(0, len(chosen), self._batch_size):
                stop = start + self._batch_size
                yield first + start, x[start:stop], y[start:stop]

    def ordered(self, targets: FloatArray, order: IntArray) -> FloatArray:
        """Return all targets in the epoch's order."""
        return targets.take(order, axis=0, out=self._ordered, mode="clip")


def _checked_order(order: IntArray | None, rows: int, epoch: int) -> IntArray:
    """Return the order of an epoch if it names every row exactly once; a ValueError says what is wrong otherwise."""
    if order is None:
        raise ValueError(f"orders ended before epoch {epoch + 1}")
    order = np.asarray(order)
    if order.shape != (rows,) or order.dtype.kind not in "iu":
        raise ValueError(f"an order must hold {rows} whole numbers, got {order.shape} of type {order.dtype}")
    if order.min() < 0 or (np.bincount(order, minlength=rows) != 1).any():
        raise ValueError(
            f"an order must name each of the rows 0 to {rows - 1} once; that of epoch {epoch + 1} does not"
        )
    return order


_metric = metrics.get  # `Sequential.compile` has an argument named metrics, as in Keras
