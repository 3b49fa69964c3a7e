"""The epochs of `fit`: batches in order, callbacks, a progress bar, and running averages of loss and metrics."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from numpy_nn import data
from numpy_nn.arrays import IntArray
from numpy_nn.callbacks import CallbackList, ProgbarLogger
from numpy_nn.data import Gather, Prepared
from numpy_nn.models.backprop import Backprop
from numpy_nn.models.evaluation import Metrics, Running, measure
from numpy_nn.models.pieces import sliced, warn_that_it_ran_out
from numpy_nn.models.workspace import QUIET

if TYPE_CHECKING:
    from numpy_nn.callbacks.base import Network


def check_sizes(batch_size: int | None, epochs: int, steps: int | None) -> None:
    """Raise a ValueError for a batch size, a number of epochs, or of steps an epoch, that is out of range."""
    if (batch_size is not None and batch_size < 1) or epochs < 0:
        raise ValueError(f"batch_size must be at least 1 and epochs at least 0, got {batch_size} and {epochs}")
    if steps is not None and steps < 1:
        raise ValueError(f"steps_per_epoch must be at least 1, got {steps}")


class Rows(NamedTuple):
    """All rows at once, to go through in batches.

    Attributes:
        examples: the data, checked.
        batch_size: rows a batch; the last may be smaller.
        used: how many rows an epoch goes through.
        given_steps: how many batches an epoch is to have; None for all.
    """

    examples: Prepared
    batch_size: int
    used: int
    given_steps: int | None

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        return self.given_steps or ceil(self.used / self.batch_size)

    def batches(self, on_begin: Callable[[int], Any]) -> Iterator[tuple[int, Prepared]]:
        """Yield the number of each batch and the batch, after calling ``on_begin`` with the number."""
        for step, chosen in sliced(range(self.used), self.batch_size, on_begin):
            yield step, data.part(self.examples, slice(chosen.start, chosen.stop))


class Epoch:
    """Makes the updates of one epoch after another, in buffers that are kept.

    Batches are reported only if a callback or a progress bar asks for them: an update takes some microseconds.
    """

    def __init__(
        self,
        network: Network,
        backprop: Backprop,
        reported: Metrics,
        examples: Prepared,
        batch_size: int,
        callbacks: CallbackList,
        bar: ProgbarLogger | None,
    ) -> None:
        self._network = network
        self._backprop = backprop
        self._reported = reported
        self._examples = examples
        self._batch_size = batch_size
        self._callbacks = callbacks if callbacks.listens_to_batches() else None
        self._bar = bar
        self._logits = np.empty_like(examples.targets)
        self._gather = Gather(examples.rows, examples.targets, examples.weights, batch_size)

    def run(self, order: IntArray) -> dict[str, Any]:
        """Make the updates of an epoch, its rows in that order, and return its logs.

        Raises:
            RuntimeError: if a callback trained another network that shares layers with this one, between two batches.
        """
        layout, batch_size = self._backprop.layout, self._batch_size
        layout.hold()  # a callback may have trained another network that shares layers
        full = layout.workspace(batch_size, training=True)
        ragged = layout.workspace(len(self._examples.rows) % batch_size or batch_size, training=True)
        update, logits, weights = self._backprop.update, self._logits, self._gather.ordered_weights(order)
        watched = self._callbacks is not None or self._bar is not None
        self._backprop.penalty = 0.0
        done = 0
        with np.errstate(**QUIET):
            for start, x_batch, y_batch in self._gather.batches(order):
                stop = start + len(x_batch)
                if watched and self._callbacks is not None:
                    self._callbacks.on_train_batch_begin(start // self._batch_size)
                update(
                    full if len(x_batch) == full.rows else ragged,
                    x_batch,
                    y_batch,
                    None if weights is None else weights[start:stop],
                    logits[start:stop],
                )
                done = stop
                if watched and self._report(order, start, stop):
                    break
        if not layout.holds:
            raise RuntimeError(
                "a callback trained another network with layers of this one in the middle of an epoch: "
                "do that in on_epoch_end"
            )
        return self._logs(order[:done])

    def _report(self, order: IntArray, start: int, stop: int) -> bool:
        """Report a finished batch; return whether training is to stop."""
        batch = start // self._batch_size
        if self._callbacks is not None:
            self._callbacks.on_train_batch_end(batch, self._logs(order[:stop]))
        if self._bar is not None and self._bar.progress.due:
            self._bar.progress.draw(batch + 1, self._logs(order[:stop]))
        return self._network.stop_training

    def _logs(self, order: IntArray) -> dict[str, Any]:
        """Return loss and metrics over the rows so far, each with the weights before its update."""
        done, labels = len(order), self._examples.labels
        targets, weights = self._gather.ordered(order)
        seen = Prepared(targets, targets, labels.take(order, axis=0) if self._reported else labels, weights)
        penalty = self._backprop.penalty / max(done, 1)
        return measure(self._backprop.objective, self._reported, self._logits[:done], seen, self._batch_size, penalty)


class EpochOfPieces:
    """Makes the updates of one epoch after another on data that comes in batches, one update a batch.

    Args:
        network: training ends with the batch after which its ``stop_training`` is set.
        backprop: makes the updates.
        reported: the metrics to report.
        batches: yields the numbered batches of an epoch, and calls its argument with the number before each.
        callbacks: called as training goes.
        bar: shows the progress.
    """

    def __init__(
        self,
        network: Network,
        backprop: Backprop,
        reported: Metrics,
        batches: Callable[[Callable[[int], Any]], Iterator[tuple[int, Prepared]]],
        callbacks: CallbackList,
        bar: ProgbarLogger | None,
    ) -> None:
        self._network = network
        self._backprop = backprop
        self._reported = reported
        self._batches = batches
        self._callbacks = callbacks
        self._bar = bar

    def run(self, _number: int) -> dict[str, Any]:
        """Make the updates of an epoch and return its logs."""
        layout = self._backprop.layout
        running = Running(self._backprop.objective, self._reported)
        listens = self._callbacks.listens_to_batches()
        layout.hold()  # a callback may have trained another network that shares layers
        for step, batch in self._batches(self._callbacks.on_train_batch_begin):
            workspace = layout.workspace(len(batch.rows), training=True)
            logits = np.empty_like(batch.targets)
            self._backprop.penalty = 0.0
            with np.errstate(**QUIET):
                self._backprop.update(workspace, batch.rows, batch.targets, batch.weights, logits)
            running.add(logits, self._backprop.penalty / len(logits), batch)
            if listens:
                self._callbacks.on_train_batch_end(step, running.logs())
            if self._bar is not None:
                self._bar.progress.count(step + 1, running.logs)
            if self._network.stop_training:
                break
        return running.logs()


def train(
    network: Network,
    run: Callable[[int], dict[str, Any]],
    epochs: range,
    callbacks: CallbackList,
    validate: Callable[[], dict[str, Any]] | None,
    frequency: int | Sequence[int],
) -> dict[str, Any]:
    """Train for these epochs, and return the last one's logs.

    Args:
        network: read and set by callbacks.
        run: makes the updates of the epoch of that number, and returns its logs.
        epochs: from the initial epoch, which a callback may change in ``on_train_begin``.
        callbacks: called as training goes.
        validate: calls callbacks, and returns loss and metrics of the validation data; None for no validation.
        frequency: after every how many epochs to validate, or after which, counted from 1.
    """
    network.stop_training, network.initial_epoch = False, epochs.start
    callbacks.on_train_begin()
    logs: dict[str, Any] = {}
    for number in range(network.initial_epoch, epochs.stop):
        callbacks.on_epoch_begin(number)
        logs = run(number)
        due = (number + 1) % frequency == 0 if isinstance(frequency, int) else number + 1 in frequency
        if validate is not None and due:
            logs |= {f"val_{name}": value for name, value in validate().items()}
            logs = dict(sorted(logs.items()))
        callbacks.on_epoch_end(number, logs)
        if network.stop_training:
            break
    return logs


def orders_of(
    given: Iterable[IntArray] | None, rows: int, rng: np.random.Generator, *, shuffle: bool
) -> Callable[[int], IntArray]:
    """Return what gives the order of rows of an epoch: the given ones, checked, or shuffled ones."""
    if given is None:
        return lambda _epoch: rng.permutation(rows) if shuffle else np.arange(rows)
    queue = iter(given)
    return lambda epoch: data.checked_order(next(queue, None), rows, epoch)


def in_parts(epoch: Epoch, orders: Callable[[int], IntArray], source: Rows) -> Callable[[int], dict[str, Any]]:
    """Return what runs the epoch of a number: the first rows of an order, the next epoch the rows after them."""
    left = np.empty(0, int)

    def run(number: int) -> dict[str, Any]:
        nonlocal left
        order = left if len(left) else orders(number)
        left = order[source.used :]
        if source.given_steps and len(order) <= (source.given_steps - 1) * source.batch_size:
            warn_that_it_ran_out()
        return epoch.run(order[: source.used])

    return run
