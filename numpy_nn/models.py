"""The network: layers in sequence, trained by backpropagation.

`Sequential` is used as Keras's: ``compile``, ``fit``, ``predict``, ``evaluate``. The three lines of
`Sequential._update` are gradient descent: forward, backward, update. Everything else is checking and carrying.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from numpy_nn import data, layers, losses, metrics, names, optimizers, randomness
from numpy_nn.arrays import FloatArray, IntArray
from numpy_nn.callbacks import Callback, CallbackList, History, ProgbarLogger
from numpy_nn.config import float_type
from numpy_nn.data import Gather
from numpy_nn.functional import Model
from numpy_nn.layers.dropout import Noise
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.layer import Layer, Shape, serialized
from numpy_nn.losses import Loss
from numpy_nn.metrics import Metric
from numpy_nn.names import automatic, find
from numpy_nn.optimizers import Optimizer
from numpy_nn.progress import Progress
from numpy_nn.utils import clone_model
from numpy_nn.workspace import Workspace, chain

if TYPE_CHECKING:
    ValidationData = tuple[npt.ArrayLike, npt.ArrayLike] | tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None]

__all__ = ["Model", "Sequential", "clone_model", "load_model"]

# How many rows go through `predict` and `evaluate` at a time.
_PREDICT_ROWS = 4096

# What Keras takes for a batch unless told otherwise.
_BATCH_SIZE = 32

# A network that diverges shows it in its loss, as in Keras; it is not worth a warning per call.
_QUIET: Any = {"over": "ignore", "invalid": "ignore", "divide": "ignore"}


class Data(NamedTuple):
    """What a network is trained or evaluated on, after every check.

    Attributes:
        rows: features with a column of ones, (rows, features + 1).
        targets: what the loss compares, (rows, outputs).
        labels: what the user gave, (rows, ...): what metrics compare.
        weights: how much each row counts, (rows,), or None if all count alike.
    """

    rows: FloatArray
    targets: FloatArray
    labels: npt.NDArray[Any]
    weights: FloatArray | None


class Sequential:
    """Layers in sequence. Matches ``keras.Sequential``.

    A network uses its buffers over and over, so it serves one thread at a time.

    Args:
        layers: the layers, which an `Input` may precede. Without one the network is built when it first sees data.
        trainable: whether the layers learn; it is set for all of them.
        name: unset, ``sequential`` and a number.
        seed: of initial weights, of shuffling and of noise; unset, they differ from run to run, unless
            ``utils.set_random_seed`` was called.
        dtype: ``"float32"`` or ``"float64"``; unset, what the layers say, or else `numpy_nn.config.floatx`.

    Attributes:
        layers: the layers, without the `Input`.
        dtype: the number type of all parameters.
        built: whether there are weights.
        stop_training: set it to end `fit` after the batch or epoch that runs.
        initial_epoch: the epoch that `fit` begins with; a callback may set it in ``on_train_begin``.
        history: what the last `fit` returned.
    """

    def __init__(
        self,
        layers: Sequence[InputLayer | Layer] | None = None,
        trainable: bool = True,
        name: str | None = None,
        *,
        seed: int | None = None,
        dtype: str | None = None,
    ) -> None:
        self.name = automatic("Sequential") if name is None else name
        self.layers: list[Layer] = []
        self._given_dtype = None if dtype is None else float_type(dtype).name
        self.dtype = float_type(dtype)
        self.built = False
        self.stop_training = False
        self.initial_epoch = 0
        self.history: History | None = None
        self._input: InputLayer | None = None
        self._rng = randomness.generator(seed)
        self._loss: Loss | None = None
        self._optimizer: Optimizer | None = None
        self._wanted_metrics: tuple[list[Any], list[Any]] = ([], [])
        self._metrics_settled = False
        self._metrics: list[Metric] = []
        self._weighted_metrics: list[Metric] = []
        self._workspaces: dict[tuple[int, bool], Workspace] = {}
        for layer in layers or ():
            self.add(layer, rebuild=False)
        if not trainable:
            self.trainable = False
        self._build_if_known()

    # Structure

    def add(self, layer: InputLayer | Layer, rebuild: bool = True) -> None:
        """Append a layer; an `Input` may only come first. Layers that are built keep their weights.

        Raises:
            ValueError: if an `Input` does not come first, or the layer is in a network already, or its shape does not
                fit.
            TypeError: if it is no layer.
        """
        if isinstance(layer, InputLayer):
            if self.layers or self._input is not None:
                raise ValueError("Input must be the first layer")
            self._input = layer
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"a layer must be one of numpy_nn.layers, got {layer!r}")
        if layer in self.layers:
            raise ValueError("the same layer object stands twice in the network; make a new one")
        if layer.owner is not None:
            raise ValueError(f"{layer.name} stands in another network; make a new one, or take it out with pop()")
        if any(layer.name == other.name for other in self.layers):
            raise ValueError(f"layers must have different names, got {layer.name!r} twice")
        if not self.layers and self._input is None and layer.given_shape is not None:
            self._input = InputLayer(layer.given_shape)
        layer.owner = self
        self.layers.append(layer)
        if rebuild:
            self._build_if_known()

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the last layer out, and return it; the others keep their weights.

        Raises:
            ValueError: if there is none.
        """
        if not self.layers:
            raise ValueError("there is no layer to take out")
        layer = self.layers.pop()
        layer.owner = None
        shape, self.built = self.input_shape if self.built else None, False
        if rebuild and self.layers and shape is not None:
            self.build(shape)
        return layer

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer of that name, or at that place.

        Raises:
            ValueError: if there is none; for a name, with the nearest.
        """
        if (name is None) == (index is None):
            raise ValueError(f"give a name or an index, got name={name!r} and index={index!r}")
        if name is not None:
            return find("layer", name, {layer.name: layer for layer in self.layers})
        if index is None or not -len(self.layers) <= index < len(self.layers):
            raise ValueError(f"index must lie below {len(self.layers)}, got {index}")
        return self.layers[index]

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Lay out the parameters for rows of a shape, (None, features), and draw the initial weights.

        Raises:
            ValueError: if a layer cannot take what the one before it gives.
        """
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        row: Shape = InputLayer(tuple(input_shape)[1:]).row
        self.dtype = self._number_type()
        self._row = row
        for layer in self.layers:
            if layer.built and layer.input_shape[1:] != row:
                raise ValueError(
                    f"{layer.name} was built for rows of the shape {layer.input_shape[1:]}, and now stands behind {row}"
                )
            row = layer.shape(row)
            layer.dtype = self.dtype.name
        self._lay_out()

    def _build_if_known(self) -> None:
        if self._input is not None and self.layers:
            self.build(self._input.shape)

    def _lay_out(self) -> None:
        """Give all layers their places in the flat vectors, with the weights they have, or else initial ones."""
        sizes = [
            [sum(each.size for each in layer.specified if each.trainable is kind) for kind in (True, False)]
            for layer in self.layers
        ]
        self._state = [layer.trainable for layer in self.layers]
        learned, frozen = (
            sum(size for (size, _), state in zip(sizes, self._state, strict=True) if state is kind)
            for kind in (True, False)
        )
        kept = [layer.get_weights() if layer.built else None for layer in self.layers]
        self._parameters = np.zeros(learned, self.dtype)
        self._gradient = np.zeros_like(self._parameters)
        vectors = {True: (self._parameters, self._gradient), False: tuple(np.zeros((2, frozen), self.dtype))}
        start = {True: 0, False: 0}
        self._places: list[tuple[Layer, slice]] = []
        for layer, (size, fixed), weights, state in zip(self.layers, sizes, kept, self._state, strict=True):
            place = slice(start[state], start[state] + size)
            start[state] = place.stop
            parameters, gradient = vectors[state]
            layer.bind(parameters[place], gradient[place], np.zeros(fixed, self.dtype))
            if weights is None:
                layer.initialize(self._rng)
            else:
                layer.set_weights(weights)
            if state:
                self._places.append((layer, place))
        self.built = True
        self._workspaces.clear()
        self._links = {training: chain(self.layers, training=training) for training in (True, False)}
        self._last = self._links[True][-1].activation
        self._outputs_count = self._links[True][-1].outputs
        trained = [
            (layer, weight)
            for layer in self.layers
            for weight in layer.specified
            if layer.trainable and weight.trainable
        ]
        self._regularized = [
            (weight.regularizer, getattr(layer, weight.name), layer.gradients[weight.name])
            for layer, weight in trained
            if weight.regularizer is not None
        ]
        self._constrained = [
            (weight.constraint, getattr(layer, weight.name))
            for layer, weight in trained
            if weight.constraint is not None
        ]
        self._penalizes = bool(self._regularized) or any(link.penalty is not None for link in self._links[True])
        self._penalty = 0.0
        self._link_loss()
        if self._optimizer is not None:
            self._build_optimizer(self._optimizer)

    def _build_optimizer(self, optimizer: Optimizer) -> None:
        paths = [
            f"{self.name}/{layer.name}/{weight.name}"
            for layer, _ in self._places
            for weight in layer.specified
            if weight.trainable
        ]
        optimizer.build(self._parameters, self.split, paths)

    def _number_type(self) -> np.dtype[np.floating[Any]]:
        said = {layer.dtype for layer in self.layers} - {None}
        if self._given_dtype is not None:
            said.add(self._given_dtype)
        if len(said) > 1:
            raise ValueError(f"a network has one number type, got {' and '.join(sorted(str(each) for each in said))}")
        return float_type(said.pop() if said else self.dtype.name)

    def split(self, vector: FloatArray) -> list[FloatArray]:
        """Return views of each weight that learns, in Keras's order, into a vector laid out as the parameters."""
        return [view for layer, place in self._places for view in layer.views(vector[place])]

    @property
    def trainable(self) -> bool:
        """Whether any layer learns; setting it sets it for all, and takes effect when the network is compiled."""
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.layers:
            layer.trainable = value

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of what `predict` takes, (None, features)."""
        self._require_built("input_shape")
        return (None, *self._row)

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of what `predict` returns, (None, outputs)."""
        self._require_built("output_shape")
        return self.layers[-1].output_shape

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,  # noqa: ARG002 - Keras's further ways to lay out the table
        print_fn: Callable[[str], Any] | None = None,
        **options: Any,  # noqa: ARG002
    ) -> None:
        """Print a table of the layers, their output shapes and parameters.

        Of Keras's options ``line_length`` and ``print_fn`` count; the others are accepted and change nothing.
        """
        from numpy_nn.summary import table

        (print_fn or print)(table(self, line_length))

    def get_config(self) -> dict[str, Any]:
        """Return what makes this network again, without its weights, as Keras's ``get_config`` does."""
        given: list[InputLayer | Layer] = [*([self._input] if self._input else []), *self.layers]
        described = [names.described("layers", each) for each in given]
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "dtype": self._policy()}
        config["layers"] = described
        return config | ({"build_input_shape": list(self.input_shape)} if self.built else {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the network that `get_config`, or Keras's, describes, with new weights.

        Raises:
            ValueError: if it names a layer that is not known.
        """
        made = [layers.deserialize(each) for each in config["layers"]]
        policy = config.get("dtype")
        model = cls(
            made, name=config.get("name"), dtype=policy["config"]["name"] if isinstance(policy, dict) else policy
        )
        if not model.built and config.get("build_input_shape"):
            model.build(config["build_input_shape"])
        return model

    def _policy(self) -> dict[str, Any]:
        policy = {"name": self.dtype.name}
        return {"module": "keras", "class_name": "DTypePolicy", "config": policy, "registered_name": None}

    # Compiling

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,  # noqa: ARG002 - there is no other way here
        steps_per_execution: int = 1,  # noqa: ARG002 - nothing is gained by it here
        jit_compile: Any = "auto",  # noqa: ARG002 - nothing is compiled here
        auto_scale_loss: bool = True,  # noqa: ARG002 - for number types that are not here
    ) -> None:
        """Choose the optimizer, the loss, and metrics to report beside it (``["accuracy"]``).

        ``run_eagerly``, ``steps_per_execution``, ``jit_compile`` and ``auto_scale_loss`` are accepted, and mean nothing
        here. Of layers whose ``trainable`` was changed, the change takes effect now.

        Raises:
            ValueError: if a name is not known, or there are ``loss_weights``, which are for several outputs.
        """
        if not self.layers:
            raise ValueError("a network needs at least one layer before it is compiled")
        if loss_weights not in (None, 1, 1.0, [1], [1.0]):
            raise ValueError(f"loss_weights are for several outputs, where there is one, got {loss_weights!r}")
        chosen = (
            None
            if loss is None
            else losses.get(
                loss[0] if isinstance(loss, list) and len(loss) == 1 else loss,
                self._outputs_count if self.built else None,
            )
        )
        if chosen is not None and chosen.reduction in (None, "none"):
            raise ValueError(
                "reduction of a loss to train with must not be 'none': there must be one number to minimize"
            )
        before = self._loss
        self._loss = chosen
        try:
            if self.built:
                self._link_loss()
        except ValueError:
            self._loss = before
            raise
        self._wanted_metrics = _flat(metrics), _flat(weighted_metrics)
        self._metrics, self._weighted_metrics = ([_metric(each) for each in some] for some in self._wanted_metrics)
        self._metrics_settled = False
        self._optimizer = optimizers.get(optimizer)
        if self.built:
            if self._state != [layer.trainable for layer in self.layers]:
                self._lay_out()
            self._build_optimizer(self._optimizer)

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given, as Keras's ``get_compile_config`` does: names as names, objects described.

        Raises:
            RuntimeError: if the network is not compiled.
        """
        plain, weighted = ([_described(each) for each in some] or None for some in self._wanted_metrics)
        return {
            "optimizer": _described(self.optimizer),
            "loss": None if self._loss is None else _described(self._loss),
            "loss_weights": None,
            "metrics": plain,
            "weighted_metrics": weighted,
            "run_eagerly": False,
            "steps_per_execution": 1,
            "jit_compile": False,
        }

    def _link_loss(self) -> None:
        """Ask the loss for its form behind the last layer's activation."""
        if self._loss is None:
            return
        self._link = self._loss.link(self._last)
        self._fused = self._loss.fuses(self._last)
        self._form = self._loss.behind(self._last)
        # Then the sum of the losses is simply divided by the number of rows.
        self._counts_rows = self._loss.reduction in ("sum_over_batch_size", "mean") and not self._loss.leaves_rows_out

    @property
    def is_compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._optimizer is not None

    compiled = is_compiled

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
    def metrics(self) -> list[Metric]:
        """The metrics given to `compile`; what ``"accuracy"`` means is settled by the first labels."""
        return self._metrics

    @property
    def weighted_metrics(self) -> list[Metric]:
        """The metrics given to `compile` that count rows by their weights."""
        return self._weighted_metrics

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order; Keras 3 has "compile_metrics" for all but the loss."""
        return ["loss", *(name for name, _, _ in self._named_metrics())]

    def _named_metrics(self) -> Iterator[tuple[str, Metric, bool]]:
        """Yield each metric with its name in the logs, and whether it counts rows by their weights."""
        names = [metric.name for metric in self._metrics]
        yield from ((metric.name, metric, False) for metric in self._metrics)
        for metric in self._weighted_metrics:
            yield (f"weighted_{metric.name}" if metric.name in names else metric.name), metric, True

    # Training

    def fit(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Iterable[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: ValidationData | None = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        *,
        orders: Iterable[IntArray] | None = None,
    ) -> History:
        """Train for a number of epochs and return their history.

        As in Keras, ``loss`` and the metrics of an epoch are running averages: each row counts with the weights that
        it met, before the update it took part in.

        Args:
            x: rows of features, (rows, features), or of the shape of the `Input`: an array, a list, a data frame.
            y: labels, (rows,) or (rows, outputs).
            batch_size: rows an update, 32 unless said otherwise; the last batch of an epoch may be smaller.
            epochs: after which epoch to end.
            verbose: 0 for silence, 1 or ``"auto"`` for a progress bar, 2 for a line an epoch.
            callbacks: told of what happens; see `numpy_nn.callbacks`.
            validation_split: what share of the rows, the last ones, to keep for validation.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)`` to evaluate after every epoch, as ``val_loss`` and
                so on.
            shuffle: whether to draw a new order of rows for every epoch.
            class_weight: how much the rows of each class count, ``{0: 1.0, 1: 5.0}``; 1 for a class that is not named.
            sample_weight: how much each row counts, (rows,).
            initial_epoch: at which epoch to begin.
            steps_per_epoch: how many batches an epoch has; without a batch size it sets that, otherwise an epoch is
                the first batches of its order.
            validation_steps: how many batches of the validation data to evaluate.
            validation_batch_size: the size of those batches; it matters to losses that are not means over rows.
            validation_freq: after every how many epochs to evaluate, or after which, counted from 1.
            orders: the order of rows in each epoch, (rows,) permutations, in place of shuffling.

        Raises:
            RuntimeError: if the network is not compiled.
            ValueError: if the data is not finite, empty, or its shape does not fit the network, or an argument is out
                of range.
        """
        _ = self.loss, self.optimizer
        if (batch_size is not None and batch_size < 1) or epochs < 0:
            raise ValueError(f"batch_size must be at least 1 and epochs at least 0, got {batch_size} and {epochs}")
        if steps_per_epoch is not None and steps_per_epoch < 1:
            raise ValueError(f"steps_per_epoch must be at least 1, got {steps_per_epoch}")
        level = _verbosity(verbose)
        if validation_split and validation_data is None:
            (x, y, sample_weight), held = data.split_off(validation_split, x, y, sample_weight)
            validation_data = (held[0], held[1], held[2])
        given = self._training_data(x, y, sample_weight, class_weight)
        validation = None if validation_data is None else self._training_data(*validation_data)
        count = len(given.rows)
        if batch_size is None:
            batch_size = ceil(count / steps_per_epoch) if steps_per_epoch else _BATCH_SIZE
        batch_size = min(batch_size, count)
        used = count if steps_per_epoch is None else min(count, steps_per_epoch * batch_size)
        steps = ceil(used / batch_size)

        history, bar = History(), ProgbarLogger()
        told = CallbackList(callbacks, self, params := {"verbose": level, "epochs": epochs, "steps": steps})
        told = CallbackList([*told.callbacks, *([bar] if level else []), history], self, params)
        epoch_at_work = _Epoch(self, given, batch_size, told, bar if level == 1 else None)
        queue = iter(orders) if orders is not None else None
        self.stop_training, self.initial_epoch = False, initial_epoch
        told.on_train_begin()
        logs: dict[str, Any] = {}
        for epoch in range(self.initial_epoch, epochs):
            told.on_epoch_begin(epoch)
            order = (
                self._order(count, bool(shuffle))
                if queue is None
                else data.checked_order(next(queue, None), count, epoch)
            )
            logs = epoch_at_work.run(order[:used])
            if validation is not None and _is_due(epoch, validation_freq):
                told.on_test_begin()
                found = self._evaluate(validation, validation_batch_size or batch_size, validation_steps)
                told.on_test_end(found)
                logs |= {f"val_{name}": value for name, value in found.items()}
            told.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        if epochs > self.initial_epoch and hasattr(self.optimizer, "finalize"):
            self.optimizer.finalize(self._parameters)
        told.on_train_end(logs)
        self.history = history
        return history

    def train_on_batch(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Make one update on all rows, and return their loss and metrics before it, as `evaluate` does."""
        _ = self.optimizer
        given = self._training_data(x, y, sample_weight, class_weight)
        count = len(given.rows)
        logs = _Epoch(self, given, count, CallbackList((), self, {}), None).run(np.arange(count))
        return logs if return_dict else self._listed(logs)

    def _update(
        self,
        workspace: Workspace,
        x: FloatArray,
        targets: FloatArray,
        weights: FloatArray | None,
        logits: FloatArray,
    ) -> None:
        """Make one update on rows x, (rows, features + 1), and leave the ``logits`` they had before it."""
        self._forward(workspace, x, logits)
        self._backward(workspace, x, targets, weights, logits)
        self._optimizer.update(self._parameters, self._gradient)  # type: ignore[union-attr] # there is one: see `fit`
        if self._constrained:
            for constraint, weight in self._constrained:
                weight[...] = constraint(weight)

    def _forward(self, workspace: Workspace, x: FloatArray, logits: FloatArray) -> None:
        """Feed rows through the layers, up to what the loss compares with the targets."""
        below = x.T if workspace.reads_ones else x.T[:-1]  #            (features + 1, rows)
        for transform, activate, outputs, inputs in workspace.hidden:
            transform(below, outputs)
            activate(outputs)
            below = inputs  #                                           (units + 1, rows)
        workspace.last.forward(below, workspace.outputs)
        logits[...] = workspace.outputs.T  #                            (rows, outputs)
        self._link.forward(workspace.outputs)

    def _backward(
        self, workspace: Workspace, x: FloatArray, targets: FloatArray, weights: FloatArray | None, logits: FloatArray
    ) -> None:
        """Backpropagate: from the loss down to the first layer that learns, keep the gradient of all weights."""
        for activation, outputs, slope in workspace.runs:
            activation.derivative(outputs, slope)
        delta = workspace.output_delta  #                               (outputs, rows)
        divisor = len(x) if self._counts_rows else self._divisor(targets, weights)
        self._form.gradient(workspace.outputs, targets.T, divisor, delta)
        if weights is not None:
            np.multiply(delta, weights, delta)
        if not self._fused:
            known = logits.T if self._link.of_logits else workspace.outputs
            self._link.derivative(known, workspace.output_slope)
            self._link.backward(delta, workspace.outputs, workspace.output_slope)
        for weight_gradient, below, input_gradient, gradient, delta_below, backward, a, slope in workspace.steps:
            weight_gradient(below, delta)
            input_gradient(delta, gradient)
            delta = delta_below  #                                      (units, rows)
            backward(delta, a, slope)
        if workspace.first is not None:
            inputs, stage = workspace.first
            if inputs is None:
                inputs = x.T if stage.reads_ones else x.T[:-1]
            stage.weight_gradient(inputs, delta)
        if self._penalizes:
            self._penalize(workspace, len(x))

    def _penalize(self, workspace: Workspace, rows: int) -> None:
        """Add the regularizers' gradients to those of the loss, and keep their penalties, each row counting one."""
        self._penalty += rows * self._penalties(workspace)
        for regularizer, weight, gradient in self._regularized:
            regularizer.add_gradient(weight, gradient)

    def _penalties(self, workspace: Workspace | None) -> float:
        """Return what regularizers add to the loss: of the weights, and of the batch that last came forward."""
        of_weights = sum(float(regularizer(weight)) for regularizer, weight, _ in self._regularized)
        return of_weights + sum(stage.penalty() for stage in (workspace.penalized if workspace else ()))

    def _divisor(self, targets: FloatArray, weights: FloatArray | None) -> float:
        """Return what the sum of the rows' losses is divided by."""
        if self.loss.reduction == "sum":
            return 1.0
        # Where nothing counts there is no gradient, whatever it is divided by.
        return float(self._shares(targets, weights).sum()) or 1.0

    def _shares(self, targets: FloatArray, weights: FloatArray | None) -> FloatArray:
        """Return what each row, (rows,), adds to what the sum of their losses is divided by."""
        weighted = weights is not None and self.loss.reduction == "mean_with_sample_weight"
        shares: FloatArray = weights if weighted else np.ones(len(targets), self.dtype)  # type: ignore[assignment] # there are weights
        return shares * self.loss.counted(targets) if self.loss.leaves_rows_out else shares

    def gradients(
        self, x: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> list[FloatArray]:
        """Return the gradient that an update on all rows would descend by, for each weight that learns.

        Nothing is changed: the next noise is the same, and moving statistics stay.
        """
        given = self._training_data(x, y, sample_weight)
        with self._looking(given) as (workspace, logits):
            self._forward(workspace, given.rows, logits)
            self._backward(workspace, given.rows, given.targets, given.weights, logits)
        return [np.array(array) for array in self.split(self._gradient)]

    def objective(self, x: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> float:
        """Return the loss that an update on all rows would descend: as in training, with noise and penalties.

        Nothing is changed: the next noise is the same, and moving statistics stay.
        """
        given = self._training_data(x, y, sample_weight)
        with self._looking(given) as (workspace, logits):
            self._forward(workspace, given.rows, logits)
            losses = self._losses(logits, given.targets)
            return self._reduced(losses, given.targets, given.weights, len(losses)) + self._penalties(workspace)

    @contextmanager
    def _looking(self, given: Data) -> Iterator[tuple[Workspace, FloatArray]]:
        """Lend buffers for a look at training that leaves no trace."""
        workspace = self._workspace(len(given.rows), training=True)
        noisy = [layer for layer in self.layers if isinstance(layer, Noise)]
        states = [layer.generator.bit_generator.state for layer in noisy]
        fixed = [(array, array.copy()) for array in self.non_trainable_weights]
        penalty = self._penalty
        try:
            with np.errstate(**_QUIET):
                yield workspace, np.empty_like(given.targets)
        finally:
            for layer, state in zip(noisy, states, strict=True):
                layer.generator.bit_generator.state = state
            for array, was in fixed:
                array[...] = was
            self._penalty = penalty

    # Prediction

    def predict(
        self,
        x: npt.ArrayLike,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Iterable[Callback] | Callback | None = None,
    ) -> FloatArray:
        """Return what the last layer makes of rows, (rows, outputs).

        Other than in Keras, ``verbose="auto"`` is silent: a line for every prediction would take longer than most.

        Args:
            x: rows as `fit` takes them.
            batch_size: counts for ``steps`` and the progress bar alone.
            verbose: 1 for a progress bar.
            steps: how many batches of 32, or of ``batch_size``, to predict; unset, all.
            callbacks: told of the beginning and the end.

        Raises:
            ValueError: if the shape of ``x`` does not fit the network.
        """
        if verbose in ("auto", 0) and steps is None and callbacks is None:
            return self.predict_on_batch(x)
        size = batch_size or _BATCH_SIZE
        array = np.asarray(x) if steps is None else np.asarray(x)[: steps * size]
        told = CallbackList(callbacks, self, {})
        told._tell("on_predict_begin", None)
        progress = Progress(ceil(len(array) / size), 0 if verbose == "auto" else _verbosity(verbose))
        predicted = self.predict_on_batch(array)
        progress.finish({})
        told._tell("on_predict_end", None)
        return predicted

    def predict_on_batch(self, x: npt.ArrayLike) -> FloatArray:
        """Return what the last layer makes of rows, (rows, outputs)."""
        # Rows that are an array already and fit need no more checks: a prediction takes some microseconds.
        if not (self.built and type(x) is np.ndarray and x.shape[1:] == self._row and x.dtype.kind in "fiub"):
            x = self._numbers(x)
        count = len(x)
        if count > _PREDICT_ROWS or len(self._row) > 1:
            return self._predict_many(x)
        with np.errstate(**_QUIET):
            outputs = self._outputs(self._filled(x, count))
            self._last.forward(outputs)
        return self._shaped(outputs.T.copy())

    def _predict_many(self, x: npt.NDArray[Any]) -> FloatArray:
        logits = np.empty((len(x), self._outputs_count), self.dtype)
        with np.errstate(**_QUIET):
            for start in range(0, len(x), _PREDICT_ROWS):
                some = x[start : start + _PREDICT_ROWS]
                flat = some.reshape(len(some), -1)
                outputs = self._outputs(self._filled(flat, len(flat)))
                self._last.forward(outputs)
                logits[start : start + _PREDICT_ROWS] = outputs.T
        return self._shaped(logits)

    def _shaped(self, predictions: FloatArray) -> FloatArray:
        """Return (rows, outputs) in the shape that the last layer gives rows, which is mostly that."""
        shape = self.layers[-1].output_shape
        return predictions if len(shape) == 2 else predictions.reshape(len(predictions), *shape[1:])

    def __call__(self, x: npt.ArrayLike, training: bool = False) -> FloatArray:
        """Return what the last layer makes of rows; with ``training`` as in training, noise and all."""
        if not training:
            return self.predict_on_batch(x)
        rows = data.rows_with_ones(self._numbers(x), self.dtype)
        workspace = self._workspace(len(rows), training=True)
        below = rows.T if workspace.reads_ones else rows.T[:-1]
        with np.errstate(**_QUIET):
            outputs = self._through(workspace, below)
            self._last.forward(outputs)
        return self._shaped(outputs.T.copy())

    def _filled(self, x: npt.NDArray[Any], count: int) -> Workspace:
        """Return the buffers for so many rows (rows, features), with these in them."""
        workspace = self._workspaces.get((count, False)) or self._workspace(count, training=False)
        workspace.features[...] = x
        return workspace

    def _outputs(self, workspace: Workspace) -> FloatArray:
        """Return the logits of the rows in the buffers, (outputs, rows): a buffer too."""
        return self._through(workspace, workspace.below)

    @staticmethod
    def _through(workspace: Workspace, below: FloatArray) -> FloatArray:
        """Feed rows, feature-major, through the layers, and return the logits, (outputs, rows)."""
        for transform, activate, outputs, inputs in workspace.hidden:
            transform(below, outputs)
            activate(outputs)
            below = inputs
        workspace.last.forward(below, workspace.outputs)
        return workspace.outputs

    # Evaluation

    def evaluate(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: npt.ArrayLike | None = None,
        steps: int | None = None,
        callbacks: Iterable[Callback] | Callback | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics over all rows, with the weights as they are.

        As in Keras it is a number if there are no metrics, otherwise a list in the order of `metrics_names`; with
        ``return_dict`` it is a dict.

        Args:
            x: rows as `fit` takes them.
            y: labels as `fit` takes them.
            batch_size: counts for ``steps``, and for a loss that is not a mean over rows.
            verbose: 0 for silence, 1 or ``"auto"`` for a progress bar, 2 for a line.
            sample_weight: how much each row counts, (rows,).
            steps: how many batches to evaluate; unset, all.
            callbacks: told of the beginning and the end.
            return_dict: whether to return names with the values.

        Raises:
            RuntimeError: if the network is not compiled.
            ValueError: if the data is not finite, empty, or its shape does not fit the network.
        """
        given = self._training_data(x, y, sample_weight)
        told = CallbackList(callbacks, self, {})
        size = batch_size or _BATCH_SIZE
        progress = Progress(ceil(len(given.rows) / size), _verbosity(verbose))
        told.on_test_begin()
        logs = self._evaluate(given, size, steps)
        told.on_test_end(logs)
        progress.finish(logs)
        return logs if return_dict else self._listed(logs)

    def test_on_batch(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics of all rows, as `evaluate` does, with nothing shown."""
        given = self._training_data(x, y, sample_weight)
        logs = self._evaluate(given, len(given.rows), None)
        return logs if return_dict else self._listed(logs)

    def _listed(self, logs: Mapping[str, Any]) -> Any:
        values = [logs[name] for name in self.metrics_names]
        return values[0] if len(values) == 1 else values

    def _evaluate(self, given: Data, batch_size: int, steps: int | None) -> dict[str, Any]:
        used = len(given.rows) if steps is None else min(len(given.rows), steps * batch_size)
        logits = np.empty((used, self._outputs_count), self.dtype)
        of_activities = 0.0
        with np.errstate(**_QUIET):
            for start in range(0, used, _PREDICT_ROWS):
                rows = given.rows[start : min(start + _PREDICT_ROWS, used)]
                workspace = self._workspace(len(rows), training=False)
                outputs = self._through(workspace, rows.T if workspace.reads_ones else rows.T[:-1])
                logits[start : start + _PREDICT_ROWS] = outputs.T
                of_activities += len(rows) * sum(stage.penalty() for stage in workspace.penalized)
        weights = None if given.weights is None else given.weights[:used]
        penalty = self._penalties(None) + of_activities / used if self._penalizes else 0.0
        return self._measure(logits, given.targets[:used], given.labels[:used], weights, batch_size, penalty)

    def _measure(
        self,
        logits: FloatArray,
        targets: FloatArray,
        labels: npt.NDArray[Any] | None,
        weights: FloatArray | None,
        batch_size: int,
        penalty: float,
    ) -> dict[str, Any]:
        """Return loss and metrics, by name, from logits and targets of shape (rows, outputs)."""
        with np.errstate(**_QUIET):
            loss = self._reduced(self._losses(logits, targets), targets, weights, batch_size) + penalty
            logs: dict[str, Any] = {"loss": loss}
            if labels is not None and (self._metrics or self._weighted_metrics):
                predictions = self._last(logits)
                for name, metric, weighted in self._named_metrics():
                    metric.reset_state()
                    metric.update_state(labels, predictions, weights if weighted else None)
                    logs[name] = _plain(metric.result())
        return dict(sorted(logs.items()))

    def _losses(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,)."""
        return self._form.per_row(logits if self._fused else self._last(logits), targets)

    def _reduced(self, losses: FloatArray, targets: FloatArray, weights: FloatArray | None, batch_size: int) -> float:
        """Return the mean over batches of what the loss makes of each, a batch counting as its rows do."""
        weighted = losses if weights is None else losses * weights
        if self._counts_rows:
            return float(weighted.mean())
        starts = np.arange(0, len(losses), batch_size)
        rows = np.diff(starts, append=len(losses))
        sums = np.add.reduceat(weighted, starts)
        if self.loss.reduction != "sum":
            divisors = np.add.reduceat(self._shares(targets, weights), starts)
            sums = np.divide(sums, divisors, out=np.zeros_like(sums), where=divisors != 0)
        return float((sums * rows).sum() / len(losses))

    # Weights

    @property
    def weights(self) -> list[FloatArray]:
        """All weights, as views, layer by layer in Keras's order."""
        return [array for layer in self.layers for array in layer.weights]

    @property
    def trainable_weights(self) -> list[FloatArray]:
        """The weights that training changes."""
        return [array for layer in self.layers for array in layer.trainable_weights]

    @property
    def non_trainable_weights(self) -> list[FloatArray]:
        """The weights that training does not learn by gradient."""
        return [array for layer in self.layers for array in layer.non_trainable_weights]

    def get_weights(self) -> list[FloatArray]:
        """Return copies of all weights, in Keras's order: of a dense layer kernel (inputs, units) and bias (units,)."""
        self._require_built("get_weights")
        return [np.array(array, order="C") for array in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Set all weights; the optimizer keeps its state.

        Raises:
            ValueError: if their number or a shape does not fit; nothing is changed then.
        """
        self._require_built("set_weights")
        own = self.weights
        if len(weights) != len(own):
            raise ValueError(f"expected {len(own)} arrays, a kernel and a bias for each layer, got {len(weights)}")
        given = [np.asarray(array, dtype=self.dtype) for array in weights]
        names = [(each.name, number) for number, layer in enumerate(self.layers, start=1) for each in layer.specified]
        for (name, number), mine, new in zip(names, own, given, strict=True):
            if mine.shape != new.shape:
                raise ValueError(f"the {name} of layer {number} must have the shape {mine.shape}, got {new.shape}")
        for mine, new in zip(own, given, strict=True):
            mine[...] = new

    def count_params(self) -> int:
        """Return the number of parameters, weights and biases, whether they learn or not."""
        self._require_built("count_params")
        return sum(array.size for array in self.weights)

    def save(self, filepath: str | PathLike[str], overwrite: bool = True, **kwargs: Any) -> None:  # noqa: ARG002
        """Write the network, its weights and its optimizer's state to a file; see `numpy_nn.saving.save_model`."""
        from numpy_nn.saving import save_model  # saving makes models, so it imports this module

        save_model(self, filepath, overwrite=overwrite)

    def save_weights(self, filepath: str | PathLike[str], overwrite: bool = True) -> None:
        """Write all weights and the optimizer's state to a file; see `numpy_nn.saving.save_weights`."""
        from numpy_nn import saving  # saving makes models, so it imports this module

        saving.save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: str | PathLike[str], skip_mismatch: bool = False) -> None:
        """Set all weights to what `save_weights` wrote; see `numpy_nn.saving.load_weights`."""
        from numpy_nn import saving

        saving.load_weights(self, filepath, skip_mismatch)

    # Data

    def _training_data(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> Data:
        """Return rows with their column of ones, targets, labels and weights, after every check that training wants."""
        _ = self.loss
        rows = data.rows_with_ones(self._numbers(x), self.dtype)
        data.check_finite(rows)
        targets = self._form.prepare(y, self._outputs_count, self.dtype)
        data.check_length(rows, targets)
        labels = data.labels(y)
        if not self._metrics_settled:
            self._settle_metrics(labels)
        return Data(rows, targets, labels, data.row_weights(sample_weight, class_weight, y, rows))

    def _settle_metrics(self, labels: npt.NDArray[Any]) -> None:
        """Make the metrics once more, now that there are labels: which accuracy is meant, they say."""
        predictions = np.broadcast_to(np.zeros((), self.dtype), (len(labels), self._outputs_count))
        self._metrics, self._weighted_metrics = (
            [_metric(each, labels, predictions) for each in some] for some in self._wanted_metrics
        )
        self._metrics_settled = True

    def _numbers(self, x: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return x, (rows, ...), as an array that fits the network, which is built if it is not."""
        array = data.numbers(x, self._row if self.built else None)
        if not self.built:
            self.build((None, *array.shape[1:]))
        return array

    def _order(self, rows: int, shuffle: bool) -> IntArray:
        return self._rng.permutation(rows) if shuffle else np.arange(rows)

    def _workspace(self, rows: int, *, training: bool) -> Workspace:
        """Return the buffers for that many rows, from the few kept."""
        key = (rows, training)
        workspace = self._workspaces.get(key)
        if workspace is None:
            if len(self._workspaces) >= 8:
                self._workspaces.clear()
            features = int(np.prod(self._row))
            workspace = self._workspaces[key] = Workspace(
                self._links[training], features, rows, self.dtype, training=training
            )
        return workspace

    def _require_built(self, method: str) -> None:
        if not self.built:
            raise RuntimeError(f"{method} needs a network that is built: begin it with Input((features,))")

    # Copying

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only views: a copy lays out its own vectors."""
        views = ("_workspaces", "_parameters", "_gradient", "_links", "_regularized", "_constrained", "_places")
        return {name: value for name, value in self.__dict__.items() if name not in views}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._workspaces = {}
        if self.built:
            optimizer, self._optimizer = self._optimizer, None
            self._lay_out()
            self._optimizer = optimizer
            if optimizer is not None:
                batches, slots = optimizer.batches, [np.array(slot) for slot in optimizer.slots()]
                self._build_optimizer(optimizer)
                for slot, kept in zip(optimizer.slots(), slots, strict=True):
                    slot[...] = kept
                optimizer.batches = batches


class _Epoch:
    """One epoch of training after the other, in buffers that are kept.

    Updates are made without a look to the side, unless somebody listens to batches or a bar is drawn.
    """

    def __init__(
        self, model: Sequential, given: Data, batch_size: int, told: CallbackList, bar: ProgbarLogger | None
    ) -> None:
        self._model = model
        self._given = given
        self._batch_size = batch_size
        self._told = told if told.listens_to_batches() else None
        self._bar = bar
        self._logits = np.empty_like(given.targets)
        self._gather = Gather(given.rows, given.targets, given.weights, batch_size)
        count = len(given.rows)
        self._full = model._workspace(batch_size, training=True)
        self._ragged = model._workspace(count % batch_size, training=True) if count % batch_size else self._full

    def run(self, order: IntArray) -> dict[str, Any]:
        """Make the updates of an epoch, its rows in that order, and return its logs."""
        model, logits, full, weights = self._model, self._logits, self._full, self._gather.ordered_weights(order)
        watched = self._told is not None or self._bar is not None
        model._penalty = 0.0
        done = 0
        with np.errstate(**_QUIET):
            for start, x_batch, y_batch in self._gather.batches(order):
                stop = start + len(x_batch)
                if watched and self._told is not None:
                    self._told.on_train_batch_begin(start // self._batch_size)
                model._update(
                    full if len(x_batch) == full.rows else self._ragged,
                    x_batch,
                    y_batch,
                    None if weights is None else weights[start:stop],
                    logits[start:stop],
                )
                done = stop
                if watched and self._ends(order, start, stop):
                    break
        return self._logs(order[:done])

    def _ends(self, order: IntArray, start: int, stop: int) -> bool:
        """Tell of a batch that is done; return whether somebody wants training to end."""
        batch = start // self._batch_size
        if self._told is not None:
            self._told.on_train_batch_end(batch, self._logs(order[:stop]))
        if self._bar is not None and self._bar.progress.due:
            self._bar.progress.draw(batch + 1, self._logs(order[:stop]))
        return self._model.stop_training

    def _logs(self, order: IntArray) -> dict[str, Any]:
        """Return loss and metrics over the rows that were met so far."""
        model, done = self._model, len(order)
        targets, weights = self._gather.ordered(order)
        wanted = model._metrics or model._weighted_metrics
        labels = self._given.labels.take(order, axis=0) if wanted else None
        return model._measure(
            self._logits[:done], targets, labels, weights, self._batch_size, model._penalty / max(done, 1)
        )


def load_model(filepath: str | PathLike[str], **options: Any) -> Sequential:
    """Return the network that a file holds; see `numpy_nn.saving.load_model`."""
    from numpy_nn import saving  # saving makes models, so it imports this module

    model: Sequential = saving.load_model(filepath, **options)
    return model


def _verbosity(verbose: str | int) -> int:
    """Return 0, 1 or 2."""
    level = 1 if verbose == "auto" else verbose
    if level not in (0, 1, 2):
        raise ValueError(f"verbose must be 0, 1, 2 or 'auto', got {verbose!r}")
    return int(level)


def _is_due(epoch: int, frequency: int | Sequence[int]) -> bool:
    """Return whether to evaluate after ``epoch``, counted from zero."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _flat(given: Any) -> list[Any]:
    """Return metrics that stand alone, in a list, or in a list of one list, for the one output."""
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        return [given]
    return [each for item in given for each in (item if isinstance(item, list | tuple) else [item])]


def _metric(identifier: Any, *data: Any) -> Metric:
    return metrics.get(identifier, *data)  # `Sequential.compile` has an argument named metrics, as in Keras


def _described(part: Any) -> Any:
    """Return an optimizer, a loss or a metric as Keras writes it; a name stays a name."""
    module = type(part).__module__.split(".")[1] if type(part).__module__.startswith("numpy_nn.") else None
    return part if isinstance(part, str) or module is None else serialized(module, part)


def _plain(result: Any) -> Any:
    """Return a metric's result as a float, unless it is several numbers."""
    return float(result) if np.ndim(result) == 0 else result
