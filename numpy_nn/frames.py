"""Numbers out of lists, data frames and their columns; pandas is not imported."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np
import numpy.typing as npt


def array_of_numbers(given: Any, name: str) -> npt.NDArray[Any]:
    """Return a list, a data frame, a column of one or an array as an array of numbers.

    Booleans count as 0 and 1. Columns of Python objects and nullable columns are converted number by number.

    Raises:
        ValueError: if there is anything but numbers; for a data frame the message gives the column.
    """
    array = np.asarray(given)
    if array.dtype.kind in "biuf":
        return array
    if hasattr(given, "columns") and hasattr(given, "iloc"):
        return np.column_stack(
            [
                _numbers_in(np.asarray(given.iloc[:, index]), f"column {label!r} of {name}")
                for index, label in enumerate(given.columns)
            ]
        )
    return _numbers_in(array, name)


def _numbers_in(array: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    """Return an array whose elements may be objects as one of numbers."""
    if array.dtype.kind in "biuf":
        return array
    if array.dtype != object:
        raise ValueError(f"{name} must be numbers, got an array of type {array.dtype}")
    numbers = np.empty(array.shape)
    for place, value in np.ndenumerate(array):
        try:
            numbers[place] = float("a text" if isinstance(value, str | bytes) else value)
        except (TypeError, ValueError):
            raise ValueError(
                f"{name} must be numbers, got {value!r} in row {place[0] if place else 0}: encode, fill or drop it"
            ) from None
    return numbers
