"""`Model`, used as Keras's: ``compile``, ``fit``, ``predict``, ``evaluate``. The mathematics is in `backprop`."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from numpy_nn import data, optimizers
from numpy_nn.arrays import FloatArray, IntArray
from numpy_nn.callbacks import Callback, CallbackList, History, ProgbarLogger
from numpy_nn.data import Prepared
from numpy_nn.frames import array_of_numbers
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.layer import serialized
from numpy_nn.layers.symbols import Part
from numpy_nn.losses import FunctionLoss, Loss
from numpy_nn.metrics import Metric
from numpy_nn.models.backprop import Backprop, forward
from numpy_nn.models.evaluation import Metrics, Running, evaluate, logits_of
from numpy_nn.models.layout import undisturbed
from numpy_nn.models.objective import Objective, loss_to_train_with
from numpy_nn.models.pieces import Pieces, batches_of, comes_in_batches, unpacked
from numpy_nn.models.stack import LayerStack
from numpy_nn.models.training import Epoch, EpochOfPieces, Rows, check_sizes, in_parts, orders_of, train
from numpy_nn.models.workspace import Workspace
from numpy_nn.names import described_function
from numpy_nn.optimizers import Optimizer
from numpy_nn.progress import Progress, verbosity
from numpy_nn.registration import NETWORKS

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
        self.stop_training = self.stop_evaluating = False
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

    def get_config(self) -> dict[str, Any]:
        """Return what makes this network again, without its weights, as Keras's ``get_config`` does."""
        raise NotImplementedError(f"{type(self).__name__} must define get_config")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Model:
        """Return the network that `get_config`, or Keras's, describes, with new weights.

        Raises:
            ValueError: if it names an unknown layer.
        """
        kind = NETWORKS["Functional" if "input_layers" in config else "Sequential"]
        network: Model = kind.from_config(config)
        return network

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
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Iterable[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
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
            x: rows of features, (rows, features), or of the shape of the `Input`: an array, a list, a data frame;
                alone, in a list, or in a dict under the input's name. Or data that comes in batches ``(x, y)`` or
                ``(x, y, sample_weight)``: a generator, a `PyDataset`, a ``tf.data.Dataset``, a torch ``DataLoader``,
                any iterable. Every batch makes one update; batches without end need ``steps_per_epoch``.
            y: labels, (rows,) or (rows, outputs), given as x; None if x comes in batches.
            batch_size: rows an update, 32 by default; the last batch of an epoch may be smaller.
            epochs: the epoch to end with.
            verbose: 0 for silence, 1 or ``"auto"`` for a progress bar, 2 for a line an epoch.
            callbacks: see `numpy_nn.callbacks`.
            validation_split: the share of the rows, the last ones, to keep for validation.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, or data that comes in batches, to evaluate after
                epochs, as ``val_loss`` and so on.
            shuffle: whether to draw a new order of rows, or of the batches of a `PyDataset`, for every epoch.
            class_weight: how much the rows of each class count, ``{0: 1.0, 1: 5.0}``; 1 for other classes.
            sample_weight: how much each row counts, (rows,).
            initial_epoch: the epoch to begin with.
            steps_per_epoch: how many batches an epoch has; without a batch size it sets that, otherwise an epoch goes
                on where the one before it ended.
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
            if comes_in_batches(x):
                raise ValueError("validation_split needs arrays, and x comes in batches: give validation_data instead")
            x, y = self._input_of(x), self._output_of(y, None)
            (x, y, sample_weight), held = data.split_off(validation_split, x, y, sample_weight)
            validation_data = tuple(held)
        source = self._source(x, y, sample_weight, class_weight, batch_size, steps_per_epoch, shuffle=bool(shuffle))
        held_out = None
        if validation_data is not None:
            of_pieces = comes_in_batches(validation_data)
            whole = (validation_data, None, None) if of_pieces else unpacked(tuple(validation_data))
            size = validation_batch_size or batch_size
            held_out = self._source(whole[0], whole[1], whole[2], None, size, validation_steps)
        params = {"verbose": level, "epochs": epochs, "steps": source.steps}
        self._hold()
        self._may_change = False
        self.history, bar = History(), ProgbarLogger()
        listed = CallbackList(callbacks, self, params).callbacks
        called = CallbackList([*listed, *([bar] if level else []), self.history], self, params)
        shown = bar if level == 1 else None
        if isinstance(source, Pieces):
            source.begin()
            batches = partial(self._prepared, source, class_weight)
            run: Callable[[int], dict[str, Any]] = EpochOfPieces(
                self, self._backprop, self._metrics, batches, called, shown
            ).run
        else:
            epoch = Epoch(self, self._backprop, self._metrics, source.examples, source.batch_size, called, shown)
            drawn = orders_of(orders, len(source.examples.rows), self._rng, shuffle=bool(shuffle))
            run = in_parts(epoch, drawn, source)
        logs = train(
            self,
            run,
            range(initial_epoch, epochs),
            called,
            None if held_out is None else partial(self._evaluated, held_out, called),
            validation_freq,
        )
        if epochs > self.initial_epoch:
            self.optimizer.finalize(self._layout.parameters)
        called.on_train_end(logs)
        return self.history

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
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
        x: Any = None,
        y: Any = None,
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
            x: rows, or data that comes in batches, as `fit` takes them.
            y: labels as `fit` takes them.
            batch_size: only matters to ``steps``, to callbacks of batches, and to a loss that is not a mean over rows.
            verbose: 0 for silence, 1 or ``"auto"`` for a progress bar, 2 for a line.
            sample_weight: how much each row counts, (rows,).
            steps: how many batches to evaluate, all by default; without a batch size it sets that.
            callbacks: called at the beginning and the end, and before and after batches if they override that. Setting
                ``model.stop_evaluating`` ends the evaluation.
            return_dict: whether to return names with the values.

        Raises:
            RuntimeError: if the network is not compiled.
            ValueError: if the data is not finite, empty, or its shape does not fit the network.
        """
        _ = self.loss
        level = verbosity(verbose)
        source = self._source(x, y, sample_weight, None, batch_size, steps)
        called = CallbackList(callbacks, self, {"verbose": level, "epochs": 1, "steps": source.steps})
        progress = Progress(source.steps, level)
        logs = self._evaluated(source, called, progress)
        progress.finish(logs)
        return self._returned(logs, return_dict)

    def test_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: npt.ArrayLike | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics of all rows, as `evaluate` does, without a progress bar."""
        examples = self._examples(x, y, sample_weight)
        logs = evaluate(self._layout, self._backprop.objective, self._metrics, examples, len(examples.rows))
        return self._returned(logs, return_dict)

    def _evaluated(
        self, source: Rows | Pieces, called: CallbackList, progress: Progress | None = None
    ) -> dict[str, Any]:
        """Return loss and metrics, by name; in one go unless data comes in batches or a callback listens to them."""
        self.stop_evaluating = False
        called.on_test_begin()
        if isinstance(source, Rows) and not called.listens_to_batches("test"):
            some = data.part(source.examples, slice(source.used))
            logs = evaluate(self._layout, self._backprop.objective, self._metrics, some, source.batch_size)
        else:
            if isinstance(source, Pieces):
                source.begin()
            running = Running(self._backprop.objective, self._metrics)
            for step, batch in self._prepared(source, None, called.on_test_batch_begin):
                running.add(*logits_of(self._layout, batch.rows), batch)
                if called.listens_to_batches("test"):
                    called.on_test_batch_end(step, running.logs())
                if progress is not None:
                    progress.count(step + 1, running.logs)
                if self.stop_evaluating:
                    break
            logs = running.logs()
        called.on_test_end(logs)
        return logs

    def _returned(self, logs: Mapping[str, Any], return_dict: bool) -> Any:
        values = [logs[name] for name in self.metrics_names]
        return logs if return_dict else values[0] if len(values) == 1 else values

    # Data

    def _source(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        class_weight: Mapping[int, float] | None,
        batch_size: int | None,
        steps: int | None,
        *,
        shuffle: bool = False,
    ) -> Rows | Pieces:
        """Return all rows, checked, or the data that comes in batches, which is checked as it comes."""
        if not comes_in_batches(x):
            examples = self._examples(x, y, sample_weight, class_weight)
            return Rows(examples, *batches_of(len(examples.rows), batch_size, steps), steps)
        for name, given in (("y", y), ("sample_weight", sample_weight)):
            if given is not None:
                raise ValueError(f"x comes in batches (x, y) or (x, y, sample_weight), so {name} must not be given")
        pieces = Pieces(x, steps, self._rng if shuffle else None)
        if not self.built:
            self._numbers(unpacked(pieces.first())[0])
        return pieces

    def _prepared(
        self, source: Rows | Pieces, class_weight: Mapping[int, float] | None, on_begin: Callable[[int], Any]
    ) -> Iterator[tuple[int, Prepared]]:
        """Yield the numbered batches of an epoch, each after calling ``on_begin`` with its number."""
        if isinstance(source, Rows):
            yield from source.batches(on_begin)
            return
        for step, batch in source.epoch(on_begin):
            yield step, self._examples(*unpacked(batch), class_weight)

    def _examples(
        self,
        x: Any,
        y: Any,
        sample_weight: npt.ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> Prepared:
        """Return rows with their column of ones, targets, labels and weights, checked."""
        _ = self.loss
        x = self._input_of(x)
        rows = data.rows_with_ones(self._numbers(x), self.dtype)
        data.check_finite(rows, getattr(x, "columns", None))
        y = array_of_numbers(self._output_of(y, len(rows)), "y")
        targets = self._backprop.objective.form.prepare(y, self._layout.outputs, self.dtype)
        data.check_length(rows, targets)
        labels = data.labels(y)
        self._metrics.settle(labels, self._layout.outputs, self.dtype)
        return Prepared(rows, targets, labels, data.row_weights(sample_weight, class_weight, y, rows))

    def _output_of(self, y: Any, rows: int | None) -> Any:
        """Return the labels of the one output, for so many rows."""
        if y is None:
            raise ValueError("y must be given with rows: only data that comes in batches has labels of its own")
        return data.only(y, self._keys[1] or self._parts[-1].name, "y", column=rows != 1)

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
