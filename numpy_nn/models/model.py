"""`Model`, used as Keras's: ``compile``, ``fit``, ``predict``, ``evaluate``. The mathematics is in `backprop`."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from numpy_nn import data, optimizers
from numpy_nn.arrays import FloatArray, IntArray
from numpy_nn.callbacks import Callback, CallbackList, History, ProgbarLogger
from numpy_nn.data import Prepared
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.layer import serialized
from numpy_nn.layers.symbols import Part
from numpy_nn.losses import FunctionLoss, Loss
from numpy_nn.metrics import Metric
from numpy_nn.models.backprop import Backprop, forward
from numpy_nn.models.evaluation import Metrics, evaluate
from numpy_nn.models.layout import undisturbed
from numpy_nn.models.objective import Objective, loss_to_train_with
from numpy_nn.models.stack import LayerStack
from numpy_nn.models.training import BATCH_SIZE, Epoch, batches_of, check_sizes, orders_of, train
from numpy_nn.models.workspace import Workspace
from numpy_nn.names import described_function
from numpy_nn.optimizers import Optimizer
from numpy_nn.progress import Progress, verbosity
from numpy_nn.registration import NETWORKS

if TYPE_CHECKING:
    ValidationData = tuple[npt.ArrayLike, npt.ArrayLike] | tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None]

_NOT_COMPILED = "compile the network first, as in compile(optimizer='sgd', loss='binary_crossentropy')"


class Model(LayerStack):
    """A network that trains. Matches ``keras.Model`` for chains of layers.

    ``Model(inputs, outputs)`` returns the `Functional` network of the layers between an `Input` and an output; see
    there. A network in training belongs to one thread; several threads may predict with it at the same time.

    Attributes:
        dtype: the number type of all parameters.
        built: whether there are weights.
        stop_training: set it to end `fit` after the running batch or epoch.
        initial_epoch: the epoch that `fit` begins with; a callback may set it in ``on_train_begin``.
        history: what the last `fit` returned.

    Raises:
        TypeError: if a class derives from ``Model``: the gradient of a ``call`` method is unknown.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG004 - `__init__` takes them
        """Return the network; a `Functional` for ``Model(inputs, outputs)``."""
        return object.__new__(NETWORKS["Functional"] if cls is Model else cls)

    if TYPE_CHECKING:

        def __init__(
            self, inputs: Any = None, outputs: Any = None, *, name: str | None = None, trainable: bool = True
        ) -> None: ...

    def _begin(
        self, first: InputLayer | None, parts: Sequence[Part], name: str, seed: int | None, dtype: str | None
    ) -> None:
        self.stop_training = False
        self.initial_epoch = 0
        self.history: History | None = None
        self._loss: Loss | None = None
        self._optimizer: Optimizer | None = None
        self._metrics = Metrics(None, None)
        self._may_change = False
        super()._begin(first, parts, name, seed, dtype)

    def __init_subclass__(cls) -> None:
        """Register the classes of this package, and reject other subclasses of `Model` itself."""
        if cls.__module__.startswith("numpy_nn."):
            NETWORKS[cls.__name__] = cls
        elif Model in cls.__bases__:
            raise TypeError(
                f"{cls.__name__} cannot derive from Model: without automatic differentiation the gradient of its call "
                "method is unknown. Write Sequential([...]) or Model(inputs, outputs), with a Layer of your own for "
                "what is missing"
            )

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
        """Choose the optimizer, the loss, and metrics to report with it (``["accuracy"]``).

        ``run_eagerly``, ``steps_per_execution``, ``jit_compile`` and ``auto_scale_loss`` are accepted and ignored.
        Changes of a layer's ``trainable`` take effect when training begins after it.

        Raises:
            ValueError: if a name is unknown, or for ``loss_weights``, which need several outputs.
        """
        if not self._parts:
            raise ValueError("a network needs at least one layer before it is compiled")
        if loss_weights not in (None, 1, 1.0, [1], [1.0]):
            raise ValueError(f"loss_weights need several outputs, this network has one, got {loss_weights!r}")
        chosen = loss_to_train_with(loss, self._layout if self.built else None, self._parts[-1].name)
        self._metrics = Metrics(metrics, weighted_metrics)
        self._loss, self._optimizer = chosen, optimizers.get(optimizer)
        self._may_change = True
        if self.built:
            self._link()

    def _lay_out(self) -> None:
        super()._lay_out()
        self._link()

    def _link(self) -> None:
        """Join layout, loss and optimizer, as far as they are known, for `backprop`."""
        if self._optimizer is not None:
            self._layout.hold()
            self._optimizer.build(self._layout.parameters, self.split, self._layout.paths(self.name))
            if self._loss is not None:
                objective = Objective(self._loss, self._layout.last)
                self._backprop = Backprop(self._layout, objective, self._optimizer)

    def _hold(self) -> None:
        """Move the weights into this network's vectors, to train those layers that are trainable now."""
        if self._may_change and self._layout.learning != self.learning:
            self._lay_out()
        self._layout.hold()

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` describes it."""
        self.compile(**config)

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given, as Keras's ``get_compile_config`` does: names as names, objects described.

        Raises:
            RuntimeError: if the network is not compiled.
        """
        plain, weighted = ([_described(each) for each in some] or None for some in self._metrics.given)
        given = {"optimizer": _described(self.optimizer), "loss": _described(self._loss), "loss_weights": None}
        unused = {"run_eagerly": False, "steps_per_execution": 1, "jit_compile": False}
        return {**given, "metrics": plain, "weighted_metrics": weighted, **unused}

    @property
    def is_compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._optimizer is not None

    compiled = is_compiled

    @property
    def loss(self) -> Loss:
        """The loss given to `compile`; a RuntimeError before."""
        if self._loss is None:
            raise RuntimeError(_NOT_COMPILED)
        return self._loss

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer given to `compile`; a RuntimeError before."""
        if self._optimizer is None:
            raise RuntimeError(_NOT_COMPILED)
        return self._optimizer

    @property
    def metrics(self) -> list[Metric]:
        """The metrics given to `compile`; the first labels decide what ``"accuracy"`` means."""
        return self._metrics.plain

    @property
    def weighted_metrics(self) -> list[Metric]:
        """The metrics given to `compile` that count rows by their weights."""
        return self._metrics.weighted

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order; Keras 3 has "compile_metrics" for all but the loss."""
        return ["loss", *(name for name, _, _ in self._metrics.named())]

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

        As in Keras, ``loss`` and the metrics of an epoch are running averages: each row counts with the weights before
        the update that it takes part in.

        Args:
            x: rows of features, (rows, features), or of the shape of the `Input`: an array, a list, a data frame.
            y: labels, (rows,) or (rows, outputs).
            batch_size: rows an update, 32 by default; the last batch of an epoch may be smaller.
            epochs: the epoch to end with.
            verbose: 0 for silence, 1 or ``"auto"`` for a progress bar, 2 for a line an epoch.
            callbacks: see `numpy_nn.callbacks`.
            validation_split: the share of the rows, the last ones, to keep for validation.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)`` to evaluate after epochs, as ``val_loss`` and so
                on.
            shuffle: whether to draw a new order of rows for every epoch.
            class_weight: how much the rows of each class count, ``{0: 1.0, 1: 5.0}``; 1 for other classes.
            sample_weight: how much each row counts, (rows,).
            initial_epoch: the epoch to begin with.
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
        _ = self.loss
        check_sizes(batch_size, epochs, steps_per_epoch)
        level = verbosity(verbose)
        if validation_split and validation_data is None:
            (x, y, sample_weight), held = data.split_off(validation_split, x, y, sample_weight)
            validation_data = (held[0], held[1], held[2])
        examples = self._examples(x, y, sample_weight, class_weight)
        held_out = None if validation_data is None else self._examples(*validation_data)
        count = len(examples.rows)
        batch_size, used = batches_of(count, batch_size, steps_per_epoch)
        params = {"verbose": level, "epochs": epochs, "steps": ceil(used / batch_size)}
        self._hold()
        self._may_change = False
        self.history, bar = History(), ProgbarLogger()
        given = CallbackList(callbacks, self, params).callbacks
        called = CallbackList([*given, *([bar] if level else []), self.history], self, params)
        epoch = Epoch(self, self._backprop, self._metrics, examples, batch_size, called, bar if level == 1 else None)
        size = validation_batch_size or batch_size
        logs = train(
            self,
            epoch,
            range(initial_epoch, epochs),
            used,
            orders_of(orders, count, self._rng, shuffle=bool(shuffle)),
            called,
            None if held_out is None else partial(self._evaluated, held_out, size, validation_steps),
            validation_freq,
        )
        if epochs > self.initial_epoch:
            self.optimizer.finalize(self._layout.parameters)
        called.on_train_end(logs)
        return self.history

    def train_on_batch(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Make one update on all rows, and return their loss and metrics before it, as `evaluate` does."""
        examples = self._examples(x, y, sample_weight, class_weight)
        self._hold()
        self._may_change = False
        count = len(examples.rows)
        epoch = Epoch(self, self._backprop, self._metrics, examples, count, CallbackList(), None)
        return self._returned(epoch.run(np.arange(count)), return_dict)

    def gradients(
        self, x: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> list[FloatArray]:
        """Return the gradient that an update on all rows would descend, for each weight that learns.

        Nothing is changed: the next noise is the same, and moving statistics stay.
        """
        rows, targets, _, weights = self._examples(x, y, sample_weight)
        self._hold()
        with undisturbed(self.leaves):
            workspace, logits = self._looked_at(rows)
            self._backprop.backward(workspace, rows, targets, weights, logits)
        return [np.array(array) for array in self.split(self._layout.gradient)]

    def objective(self, x: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> float:
        """Return the loss that an update on all rows would descend: as in training, with noise and penalties.

        Nothing is changed: the next noise is the same, and moving statistics stay.
        """
        rows, targets, _, weights = self._examples(x, y, sample_weight)
        objective = self._backprop.objective
        self._hold()
        with undisturbed(self.leaves):
            workspace, logits = self._looked_at(rows)
            losses = objective.per_row(logits, targets)
            return objective.reduced(losses, targets, weights, len(losses)) + self._layout.penalties(workspace)

    def _looked_at(self, rows: FloatArray) -> tuple[Workspace, FloatArray]:
        """Return buffers after a forward pass as in training, and a copy of the logits, (rows, outputs)."""
        workspace = self._layout.workspace(len(rows), training=True)
        return workspace, forward(workspace, rows.T if workspace.reads_ones else rows.T[:-1]).T.copy()

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

        As in Keras the result is a number without metrics, otherwise a list in the order of `metrics_names`; with
        ``return_dict`` it is a dict.

        Args:
            x: rows as `fit` takes them.
            y: labels as `fit` takes them.
            batch_size: only matters to ``steps``, and to a loss that is not a mean over rows.
            verbose: 0 for silence, 1 or ``"auto"`` for a progress bar, 2 for a line.
            sample_weight: how much each row counts, (rows,).
            steps: how many batches to evaluate; all by default.
            callbacks: called at the beginning and the end.
            return_dict: whether to return names with the values.

        Raises:
            RuntimeError: if the network is not compiled.
            ValueError: if the data is not finite, empty, or its shape does not fit the network.
        """
        examples = self._examples(x, y, sample_weight)
        called = CallbackList(callbacks, self, {})
        size = batch_size or BATCH_SIZE
        progress = Progress(ceil(len(examples.rows) / size), verbosity(verbose))
        called.on_test_begin()
        logs = self._evaluated(examples, size, steps)
        called.on_test_end(logs)
        progress.finish(logs)
        return self._returned(logs, return_dict)

    def test_on_batch(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics of all rows, as `evaluate` does, without a progress bar."""
        return self.evaluate(x, y, len(np.asarray(y)), 0, sample_weight, return_dict=return_dict)

    def _evaluated(self, examples: Prepared, batch_size: int, steps: int | None) -> dict[str, Any]:
        return evaluate(self._layout, self._backprop.objective, self._metrics, examples, batch_size, steps)

    def _returned(self, logs: Mapping[str, Any], return_dict: bool) -> Any:
        values = [logs[name] for name in self.metrics_names]
        return logs if return_dict else values[0] if len(values) == 1 else values

    # Data

    def _examples(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> Prepared:
        """Return rows with their column of ones, targets, labels and weights, checked."""
        _ = self.loss
        rows = data.rows_with_ones(self._numbers(x), self.dtype)
        data.check_finite(rows)
        targets = self._backprop.objective.form.prepare(y, self._layout.outputs, self.dtype)
        data.check_length(rows, targets)
        labels = data.labels(y)
        self._metrics.settle(labels, self._layout.outputs, self.dtype)
        return Prepared(rows, targets, labels, data.row_weights(sample_weight, class_weight, y, rows))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copy, whose optimizer keeps its state."""
        optimizer = state["_optimizer"]
        super().__setstate__(state | {"_optimizer": None})
        self._optimizer = optimizer
        if self.built and optimizer is not None:
            batches, slots = optimizer.batches, [np.array(slot) for slot in optimizer.slots()]
            self._link()
            for slot, kept in zip(optimizer.slots(), slots, strict=True):
                slot[...] = kept
            optimizer.batches = batches


def clone_model(model: Model) -> Model:
    """Return a network of the same layers with new weights, compiled alike. Matches ``keras.models.clone_model``."""
    clone = type(model).from_config(model.get_config())
    if model.is_compiled:
        clone.compile_from_config(model.get_compile_config())
    return clone


def _described(part: Any) -> Any:
    """Return an optimizer, a loss or a metric as Keras writes it; a name, or None, stays as it is."""
    part = part.fn if isinstance(part, FunctionLoss) else part
    if callable(part) and not hasattr(part, "get_config"):
        return described_function(part)
    module = type(part).__module__.split(".")[1] if type(part).__module__.startswith("numpy_nn.") else None
    return part if module is None else serialized(module, part)
