"""The epochs of `fit`: batches in order, callbacks, a progress bar, and running averages of loss and metrics."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from numpy_nn import data
from numpy_nn.arrays import IntArray
from numpy_nn.callbacks import CallbackList, ProgbarLogger
from numpy_nn.data import Gather, Prepared
from numpy_nn.models.backprop import Backprop
from numpy_nn.models.evaluation import Metrics, measure
from numpy_nn.models.workspace import QUIET

if TYPE_CHECKING:
    from numpy_nn.callbacks.base import Network

# Keras's default batch size.
BATCH_SIZE = 32


def check_sizes(batch_size: int | None, epochs: int, steps: int | None) -> None:
    """Raise a ValueError for a batch size, a number of epochs, or of steps an epoch, that is out of range."""
    if (batch_size is not None and batch_size < 1) or epochs < 0:
        raise ValueError(f"batch_size must be at least 1 and epochs at least 0, got {batch_size} and {epochs}")
    if steps is not None and steps < 1:
        raise ValueError(f"steps_per_epoch must be at least 1, got {steps}")


def batches_of(rows: int, batch_size: int | None, steps: int | None) -> tuple[int, int]:
    """Return the batch size of an epoch of so many rows, and how many of them it uses; ``steps`` is its batches."""
    if batch_size is None:
        batch_size = ceil(rows / steps) if steps else BATCH_SIZE
    batch_size = min(batch_size, rows)
    return batch_size, rows if steps is None else min(rows, steps * batch_size)


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


def train(
    network: Network,
    epoch: Epoch,
    epochs: range,
    used: int,
    orders: Callable[[int], IntArray],
    callbacks: CallbackList,
    validate: Callable[[], dict[str, Any]] | None,
    frequency: int | Sequence[int],
) -> dict[str, Any]:
    """Train for these epochs, and return the last one's logs.

    Args:
        network: read and set by callbacks.
        epoch: makes the updates.
        epochs: from the initial epoch, which a callback may change in ``on_train_begin``.
        used: how many rows of each order an epoch goes through.
        orders: gives the order of rows of an epoch.
        callbacks: called as training goes.
        validate: returns loss and metrics of the validation data; None for no validation.
        frequency: after every how many epochs to validate, or after which, counted from 1.
    """
    network.stop_training, network.initial_epoch = False, epochs.start
    callbacks.on_train_begin()
    logs: dict[str, Any] = {}
    for number in range(network.initial_epoch, epochs.stop):
        callbacks.on_epoch_begin(number)
        logs = epoch.run(orders(number)[:used])
        due = (number + 1) % frequency == 0 if isinstance(frequency, int) else number + 1 in frequency
        if validate is not None and due:
            callbacks.on_test_begin()
            found = validate()
            callbacks.on_test_end(found)
            logs = dict(sorted((logs | {f"val_{name}": value for name, value in found.items()}).items()))
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
