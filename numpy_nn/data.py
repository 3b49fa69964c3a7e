"""Checking a user's data, and gathering rows, labels and weights in an epoch's order, batch by batch."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import FloatArray, IntArray
from numpy_nn.frames import array_of_numbers
from numpy_nn.layers.symbols import Shape

# The number of bytes gathered at a time: large enough that small data sets need one call per epoch, small enough that
# the gathered rows are still in the cache when they are used.
_GATHER_BYTES = 1 << 20


class Prepared(NamedTuple):
    """Checked data for training or evaluation.

    Attributes:
        rows: the features and a column of ones, (rows, features + 1).
        targets: the labels in the form that the loss uses, (rows, outputs).
        labels: the labels in the form that metrics use, (rows, ...).
        weights: the weight of each row, (rows,); None if all weigh the same.
    """

    rows: FloatArray
    targets: FloatArray
    labels: npt.NDArray[Any]
    weights: FloatArray | None


def part(examples: Prepared, rows: slice) -> Prepared:
    """Return some of the rows, as views."""
    weights = None if examples.weights is None else examples.weights[rows]
    return Prepared(examples.rows[rows], examples.targets[rows], examples.labels[rows], weights)


def only(given: Any, name: str | None, argument: str, *, column: bool) -> Any:
    """Return the data of the one input or output, given alone, under its name in a dict, or in a list of one array.

    An array (rows,) in a list is all the data if ``column``; otherwise the list is one row.

    Raises:
        ValueError: if a dict has no such name; None stands for any.
    """
    if isinstance(given, Mapping):
        if name is None and len(given) == 1:
            return next(iter(given.values()))
        if name not in given:
            raise ValueError(f"{argument} must have the key {name!r}, got {', '.join(map(repr, given)) or 'no key'}")
        return given[name]
    if isinstance(given, list | tuple) and len(given) == 1 and getattr(given[0], "ndim", 0) > (not column):
        return given[0]
    return given


def numbers(x: npt.ArrayLike, shape: Shape | None) -> npt.NDArray[Any]:
    """Return x, (rows, *shape), as an array that keeps its number type.

    x may be a list, a data frame or an array of any memory order; its shape may be (rows,) if rows have one feature.

    Raises:
        ValueError: if x contains anything but numbers, or its shape does not fit ``shape`` (None if unknown).
    """
    array = array_of_numbers(x, "x")
    if array.ndim == 1 and shape == (1,):
        array = array[:, np.newaxis]
    if array.ndim < 2 or (shape is not None and array.ndim != len(shape) + 1):
        wanted = "(rows, features)" if shape is None or len(shape) == 1 else _named(shape)
        raise ValueError(f"x must have the shape {wanted}, got {array.shape}")
    if shape is not None and array.shape[1:] != shape:
        if len(shape) == 1:
            raise ValueError(f"x must have {shape[0]} features per row, got {array.shape[1]}")
        raise ValueError(f"x must have the shape {_named(shape)}, got {array.shape}")
    return array


def rows_with_ones(array: npt.NDArray[Any], dtype: np.dtype[Any]) -> FloatArray:
    """Return an array (rows, ...) as (rows, features + 1), the last column all ones."""
    rows = np.ones((array.shape[0], array[:1].size // max(len(array[:1]), 1) + 1), dtype)
    rows[:, :-1] = array.reshape(len(array), rows.shape[1] - 1)
    return rows


def check_finite(rows: FloatArray, columns: Sequence[Any] | None = None) -> None:
    """Raise a ValueError if the data is empty or not finite; the message gives the column of a data frame."""
    if not len(rows):
        raise ValueError("x must have at least one row, got 0 rows")
    finite = np.isfinite(rows)
    if not finite.all():
        where = "x" if columns is None else f"column {columns[int(finite.all(axis=0).argmin())]!r} of x"
        raise ValueError(f"{where} must be finite, got NaN or infinity")


def check_length(rows: FloatArray, targets: npt.NDArray[Any], name: str = "y") -> None:
    """Raise a ValueError if the number of labels or weights differs from the number of rows."""
    if len(targets) != len(rows):
        raise ValueError(f"x and {name} must have the same number of rows, got {len(rows)} and {len(targets)}")


def labels(y: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return labels as metrics use them: (rows, 1) for (rows,), otherwise unchanged."""
    array = np.asarray(y)
    return array[:, np.newaxis] if array.ndim == 1 else array


def row_weights(
    sample_weight: npt.ArrayLike | None,
    class_weight: Mapping[int, float] | None,
    y: npt.ArrayLike,
    rows: FloatArray,
) -> FloatArray | None:
    """Return the weight of each row, (rows,), or None if all weigh the same.

    Raises:
        ValueError: if both arguments are given, or the weights are not one finite number per row.
    """
    if class_weight is not None and sample_weight is not None:
        raise ValueError("give either sample_weight or class_weight, got both")
    if class_weight is not None:
        array = labels(y)
        classes = array.argmax(axis=-1) if array.shape[-1] > 1 else np.rint(array[:, 0])
        given = np.array([class_weight.get(int(each), 1.0) for each in classes])
    elif sample_weight is not None:
        given = array_of_numbers(sample_weight, "sample_weight")
        given = given[:, 0] if given.ndim == 2 and given.shape[1] == 1 else given
    else:
        return None
    if given.ndim != 1 or not np.isfinite(given).all():
        raise ValueError(f"sample_weight must be finite numbers of the shape (rows,), got {given.dtype} {given.shape}")
    check_length(rows, given, "sample_weight")
    return given.astype(rows.dtype)


def split_off(share: float, *arrays: npt.ArrayLike | None) -> tuple[list[Any], list[Any]]:
    """Return the first rows of x, y and sample_weight, and the last ``share`` of them, like ``validation_split``.

    Raises:
        ValueError: if ``share`` lies outside (0, 1), or one part would have no rows.
    """
    if not 0 < share < 1:
        raise ValueError(f"validation_split must be between 0 and 1, got {share!r}")
    names = ("x", "y", "sample_weight")
    given = [None if each is None else array_of_numbers(each, name) for name, each in zip(names, arrays, strict=True)]
    rows = next(len(each) for each in given if each is not None)
    first = int(rows * (1.0 - share))
    if not 0 < first < rows:
        raise ValueError(f"validation_split must leave rows on both sides, got {share} for {rows} rows")
    return [each if each is None else each[:first] for each in given], [
        each if each is None else each[first:] for each in given
    ]


def checked_order(order: IntArray | None, rows: int, epoch: int) -> IntArray:
    """Return the order of an epoch; raise a ValueError unless it contains every row exactly once."""
    if order is None:
        raise ValueError(f"orders must have an order for every epoch, got none for epoch {epoch + 1}")
    order = np.asarray(order)
    if order.shape != (rows,) or order.dtype.kind not in "iu":
        raise ValueError(f"an order must be {rows} integers, got the shape {order.shape} and the type {order.dtype}")
    if order.min() < 0 or (np.bincount(order, minlength=rows) != 1).any():
        raise ValueError(
            f"an order must contain each row from 0 to {rows - 1} once, got another one for epoch {epoch + 1}"
        )
    return order


class Gather:
    """Copies rows, targets and weights in an epoch's order into reused arrays, a few batches at a time."""

    def __init__(self, rows: FloatArray, targets: FloatArray, weights: FloatArray | None, batch_size: int) -> None:
        self._rows = rows
        self._targets = targets
        self._weights = weights
        self._batch_size = batch_size
        batch_bytes = batch_size * rows.shape[1] * rows.itemsize
        count = min(len(rows), batch_size * max(1, _GATHER_BYTES // batch_bytes))
        self._x = np.empty((count, rows.shape[1]), rows.dtype)
        self._y = np.empty((count, targets.shape[1]), targets.dtype)
        self._ordered = np.empty_like(targets)
        self._ordered_weights = None if weights is None else np.empty_like(weights)

    def batches(self, order: IntArray) -> Iterator[tuple[int, FloatArray, FloatArray]]:
        """Yield for each batch the number of rows before it, its rows and its targets."""
        for first in range(0, len(order), len(self._x)):
            chosen = order[first : first + len(self._x)]
            # "clip" because NumPy would make a temporary copy for "raise"; the order has already been checked.
            x = self._rows.take(chosen, axis=0, out=self._x[: len(chosen)], mode="clip")
            y = self._targets.take(chosen, axis=0, out=self._y[: len(chosen)], mode="clip")
            for start in range(0, len(chosen), self._batch_size):
                stop = start + self._batch_size
                yield first + start, x[start:stop], y[start:stop]

    def ordered(self, order: IntArray) -> tuple[FloatArray, FloatArray | None]:
        """Return the targets and the weights in the epoch's order."""
        targets = self._targets.take(order, axis=0, out=self._ordered[: len(order)], mode="clip")
        return targets, self.ordered_weights(order)

    def ordered_weights(self, order: IntArray) -> FloatArray | None:
        """Return the weights in the epoch's order, or None if all rows weigh the same."""
        if self._weights is None or self._ordered_weights is None:
            return None
        return self._weights.take(order, out=self._ordered_weights[: len(order)], mode="clip")


def _named(shape: Shape) -> str:
    return f"(rows, {', '.join(map(str, shape))})"
