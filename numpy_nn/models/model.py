"""`Model`, used as Keras's: ``compile``, ``fit``, ``predict``, ``evaluate``. The mathematics is in `backprop`."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from numpy_nn import data
from numpy_nn.arrays import IntArray
from numpy_nn.callbacks import Callback, CallbackList, History, ProgbarLogger
from numpy_nn.data import Prepared
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.symbols import Part
from numpy_nn.models.compiled import Compiled
from numpy_nn.models.evaluation import Running, evaluate, logits_of
from numpy_nn.models.pieces import Pieces, batches_of, comes_in_batches, unpacked
from numpy_nn.models.training import Epoch, EpochOfPieces, Rows, check_sizes, in_parts, orders_of, train
from numpy_nn.progress import Progress, verbosity
from numpy_nn.registration import NETWORKS


class Model(Compiled):
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
            ValueError: if the network is not compiled, the data is not finite, empty, or its shape does not fit, or an
                argument is out of range.
        """
        self._require_compiled()
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
        self._metrics.remember(logs)
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

        As in Keras the result is a number without metrics, otherwise a list, the loss first; with
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
            ValueError: if the network is not compiled, or the data is not finite, empty, or its shape does not fit.
        """
        self._require_compiled()
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
        self._metrics.remember(logs)
        values = [logs["loss"], *(logs[name] for name, _, _ in self._metrics.named())]
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


def clone_model(model: Model) -> Model:
    """Return a network of the same layers with new weights, compiled alike. Matches ``keras.models.clone_model``."""
    clone = type(model).from_config(model.get_config())
    if model.is_compiled:
        clone.compile_from_config(model.get_compile_config())
    return clone
