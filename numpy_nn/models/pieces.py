"""Data that comes in batches, such as a generator, a `PyDataset`, a ``tf.data.Dataset`` or a torch ``DataLoader``."""

from __future__ import annotations  # evaluated, they would take a third of the import

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from math import ceil
from typing import Any

import numpy as np

# Keras draws so many batches of a generator before it begins, and draws them again when it begins anew.
_DRAWN_FIRST = 2


# Keras's default batch size.
BATCH_SIZE = 32


def batches_of(rows: int, batch_size: int | None, steps: int | None) -> tuple[int, int]:
    """Return the batch size of an epoch of so many rows, and how many of them it uses; ``steps`` is its batches."""
    if not batch_size:
        batch_size = ceil(rows / steps) if steps else BATCH_SIZE
    batch_size = min(batch_size, rows)
    return batch_size, rows if steps is None else min(rows, steps * batch_size)


def sliced(rows: Any, size: int, on_begin: Callable[[int], Any]) -> Iterator[tuple[int, Any]]:
    """Yield the number of each batch of rows and the batch, after calling ``on_begin`` with the number."""
    for step, start in enumerate(range(0, len(rows), size)):
        on_begin(step)
        yield step, rows[start : start + size]


def comes_in_batches(x: Any) -> bool:
    """Return whether x gives batches one after another; otherwise it holds all rows.

    A list of rows, or of one array, holds all rows; a list of tuples of arrays gives batches.
    """
    if x is None or isinstance(x, Mapping | str | bytes) or hasattr(x, "__array__") or hasattr(x, "shape"):
        return False
    if isinstance(x, Sequence):
        return bool(x) and isinstance(x[0], tuple) and bool(x[0]) and getattr(x[0][0], "ndim", 0) > 0
    return hasattr(x, "__iter__") or hasattr(x, "__getitem__")


def unpacked(batch: Any) -> tuple[Any, Any, Any]:
    """Return x, y and sample_weight of a batch: a tuple of up to three, or x alone.

    Raises:
        ValueError: if it is a tuple of another length.
    """
    if isinstance(batch, list) and batch and all(hasattr(each, "shape") for each in batch):
        batch = tuple(batch)  # as a torch DataLoader gives it
    if not isinstance(batch, tuple):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ValueError(f"a batch must be (x,), (x, y) or (x, y, sample_weight), got a tuple of {len(batch)}")
    x, y, weights = (*batch, None, None)[:3]
    return x, y, weights


class Pieces:
    """Goes through data that comes in batches, epoch by epoch, as Keras does.

    With ``steps`` an epoch begins where the one before it ended, and data that runs out begins anew in the next epoch.
    A generator cannot: its first two batches come again, as in Keras, and then whatever is left.

    Args:
        source: the data.
        steps: how many batches an epoch has; None for all that there are.
        rng: draws the order of the batches of a `PyDataset`; None for their own order.

    Attributes:
        steps: how many batches an epoch has; None if unknown until an epoch has ended.

    Raises:
        ValueError: if there is not one batch.
    """

    def __init__(self, source: Any, steps: int | None = None, rng: np.random.Generator | None = None) -> None:
        self._source = source
        self._given_steps = steps
        self._rng = rng
        self._total = _number_of_batches(source)
        self._first = list(islice(source, _DRAWN_FIRST)) if isinstance(source, Iterator) else []
        self._remaining: Iterator[Any] | None = None
        self._seen = 0
        if self._total == 0 or (isinstance(source, Iterator) and not self._first):
            raise ValueError("data that comes in batches must have at least one batch, got none")

    @property
    def steps(self) -> int | None:
        """How many batches an epoch has; None if unknown until an epoch has ended."""
        return self._given_steps or self._total

    def first(self) -> Any:
        """Return the first batch, which an epoch gives all the same."""
        return self._first[0] if self._first else next(self._from_the_start())

    def begin(self) -> None:
        """Begin anew; Keras ends an epoch of the data then, before the first."""
        self._remaining = None
        self._call("on_epoch_end")

    def epoch(self, on_begin: Callable[[int], Any]) -> Iterator[tuple[int, Any]]:
        """Yield the number of each batch of an epoch and the batch, after calling ``on_begin`` with the number."""
        self._call("on_epoch_begin")
        if self._remaining is None or self._given_steps is None:
            self._remaining, self._seen = self._from_the_start(), 0
        for step in count() if self.steps is None else range(self.steps):
            if self._seen == self._total:
                warn_that_it_ran_out()  # only with steps: without, there are as many
                break
            on_begin(step)
            try:
                batch = next(self._remaining)
            except StopIteration:
                if self.steps is not None:
                    warn_that_it_ran_out()
                self._total = self._total or self._seen
                self._remaining = None
                break
            self._seen += 1
            yield step, batch
        if self._seen == self._total:
            self._remaining = None
        self._call("on_epoch_end")

    def _from_the_start(self) -> Iterator[Any]:
        if self._first:
            return chain(self._first, self._source)
        if not _is_indexed(self._source):
            return iter(self._source)
        order = count() if self._total is None else range(self._total)
        if self._rng is not None and self._total is not None:
            order = self._rng.permutation(self._total).tolist()
        return (self._source[index] for index in order)

    def _call(self, name: str) -> None:
        method = getattr(self._source, name, None)
        if method is not None:
            method()


def _is_indexed(source: Any) -> bool:
    """Return whether batches are had by their number, as those of a `PyDataset`."""
    return hasattr(source, "num_batches") or not hasattr(source, "__iter__")


def _number_of_batches(source: Any) -> int | None:
    """Return how many batches there are, None if that is unknown or infinite."""
    try:
        found = source.num_batches if hasattr(source, "num_batches") else len(source)
    except TypeError:  # as of a generator, and a tf.data.Dataset of unknown length
        return None
    return None if found is None else int(found)


def warn_that_it_ran_out() -> None:
    """Warn that an epoch is shorter than it was asked to be."""
    warnings.warn(
        "the data ran out of batches before the epoch had as many as steps asks for: the epoch ends here",
        stacklevel=5,
    )
