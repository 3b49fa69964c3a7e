"""Checking a user's data, and gathering rows, labels and weights in the order of an epoch, batch by batch."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import FloatArray, IntArray
from numpy_nn.layers.layer import Shape

# Rows are gathered in the order of the epoch, this many bytes at a time: enough for a small data set to need one call
# per epoch, few enough for the rows to be in the cache when they are used.
_GATHER_BYTES = 1 << 20


def numbers(x: npt.ArrayLike, shape: Shape | None) -> npt.NDArray[Any]:
    """Return x, (rows, *shape), as an array of its own number type.

    x may be a list, a data frame or an array of any memory order; also (rows,) if a row has one feature.

    Raises:
        ValueError: if x does not contain numbers, or its shape does not fit ``shape`` (if that is known).
    """
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"x must be numbers, got an array of type {array.dtype}")
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
    """Return (rows, ...) as (rows, features + 1), with a last column of ones."""
    rows = np.ones((array.shape[0], array[:1].size // max(len(array[:1]), 1) + 1), dtype)
    rows[:, :-1] = array.reshape(len(array), rows.shape[1] - 1)
    return rows


def check_finite(rows: FloatArray) -> None:
    """Raise a ValueError if the data is empty or not finite."""
    if not len(rows):
        raise ValueError("x must have at least one row, got none")
    if not np.isfinite(rows).all():
        raise ValueError("x must be finite, got NaN or infinity")


def check_length(rows: FloatArray, targets: npt.NDArray[Any], name: str = "y") -> None:
    """Raise a ValueError if labels or weights have another number of rows than the data."""
    if len(targets) != len(rows):
        raise ValueError(f"x and {name} must have the same number of rows, got {len(rows)} and {len(targets)}")


def labels(y: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return labels in the shape that metrics take: (rows,) as (rows, 1), other shapes unchanged."""
    array = np.asarray(y)
    return array[:, np.newaxis] if array.ndim == 1 else array


def row_weights(
    sample_weight: npt.ArrayLike | None,
    class_weight: Mapping[int, float] | None,
    y: npt.ArrayLike,
    rows: FloatArray,
) -> FloatArray | None:
    """Return the weight of each row, (rows,), or None if all are equal.

    Raises:
        ValueError: if both are given, or the weights are not one finite number per row.
    """
    if class_weight is not None and sample_weight is not None:
        raise ValueError("give sample_weight or class_weight, not both")
    if class_weight is not None:
        array = labels(y)
        classes = array.argmax(axis=-1) if array.shape[-1] > 1 else np.rint(array[:, 0])
        given = np.array([class_weight.get(int(each), 1.0) for each in classes])
    elif sample_weight is not None:
        given = np.asarray(sample_weight)
        given = given[:, 0] if given.ndim == 2 and given.shape[1] == 1 else given
    else:
        return None
    if given.dtype.kind not in "biuf" or given.ndim != 1 or not np.isfinite(given).all():
        raise ValueError(f"sample_weight must be finite numbers of the shape (rows,), got {given.dtype} {given.shape}")
    check_length(rows, given, "sample_weight")
    return given.astype(rows.dtype)


def split_off(share: float, *arrays: npt.ArrayLike | None) -> tuple[list[Any], list[Any]]:
    """Split off the last ``share`` of the rows of each array, as ``validation_split`` does; return both parts.

    Raises:
        ValueError: if the share lies outside (0, 1), or one part would have no rows.
    """
    if not 0 < share < 1:
        raise ValueError(f"validation_split must be between 0 and 1, got {share!r}")
    given = [None if each is None else np.asarray(each) for each in arrays]
    rows = next(len(each) for each in given if each is not None)
    first = int(rows * (1.0 - share))
    if not 0 < first < rows:
        raise ValueError(f"validation_split={share} leaves one part of the {rows} rows empty")
    return [each if each is None else each[:first] for each in given], [
        each if each is None else each[first:] for each in given
    ]


def checked_order(order: IntArray | None, rows: int, epoch: int) -> IntArray:
    """Return the order of an epoch if it lists every row exactly once; otherwise raise a ValueError."""
    if order is None:
        raise ValueError(f"orders ended before epoch {epoch + 1}")
    order = np.asarray(order)
    if order.shape != (rows,) or order.dtype.kind not in "iu":
        raise ValueError(f"an order must contain {rows} integers, got {order.shape} of type {order.dtype}")
    if order.min() < 0 or (np.bincount(order, minlength=rows) != 1).any():
        raise ValueError(
            f"an order must list each of the rows 0 to {rows - 1} once; that of epoch {epoch + 1} does not"
        )
    return order


class Gather:
    """Gathers rows, targets and weights in the order of an epoch, a few batches at a time, into reused buffers."""

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
        """Yield the number of rows before a batch, its rows and its targets."""
        for first in range(0, len(order), len(self._x)):
            chosen = order[first : first + len(self._x)]
            # With mode "raise" NumPy would copy through a buffer; the order has been checked, so "clip" is safe.
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
        """Return the weights in the epoch's order, or None if all are equal."""
        if self._weights is None or self._ordered_weights is None:
            return None
        return self._weights.take(order, out=self._ordered_weights[: len(order)], mode="clip")


def _named(shape: Shape) -> str:
    return f"(rows, {', '.join(map(str, shape))})"
