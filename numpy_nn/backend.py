"""The functions of ``keras.backend`` that training scripts use."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from numpy_nn.config import backend, epsilon, floatx, image_data_format, set_floatx
from numpy_nn.names import absent
from numpy_nn.utils import clear_session, standardize_dtype

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_value",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "result_type",
    "set_floatx",
    "set_value",
    "standardize_dtype",
]


def get_value(x: Any) -> Any:
    """Return a number or an array as NumPy holds it, as Keras 2 did for a variable."""
    return np.array(x)


def set_value(x: Any, value: npt.ArrayLike) -> None:
    """Set a weight, or what has an ``assign`` method such as a learning rate, as Keras 2 did for a variable.

    Raises:
        TypeError: if ``x`` is a plain number, which has no place to set.
    """
    if hasattr(x, "assign"):
        x.assign(value)
    elif isinstance(x, np.ndarray):
        x[...] = value
    else:
        raise TypeError(f"set_value takes a weight or an array, got {x!r}: assign the attribute it came from instead")


def is_float_dtype(dtype: Any) -> bool:
    """Return whether a number type is one of floating-point numbers."""
    return bool(np.dtype(dtype).kind == "f")


def is_int_dtype(dtype: Any) -> bool:
    """Return whether a number type is one of whole numbers."""
    return np.dtype(dtype).kind in "iu"


def result_type(*dtypes: Any) -> str:
    """Return the name of the number type of a result of these."""
    return np.result_type(*dtypes).name


if not TYPE_CHECKING:  # type checkers report unknown names
    __getattr__ = absent(__name__)
