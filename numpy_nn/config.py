"""The default number type of new networks, as in ``keras.config``."""

import numpy as np

# The version of Keras whose names, numbers and files these are.
KERAS_VERSION = "3.15.1"

# The distance that Keras keeps probabilities from 0 and 1, and divisors and logarithms' arguments from 0.
EPSILON = 1e-7

FLOAT_TYPES = ("float32", "float64")

_floatx = "float32"


def floatx() -> str:
    """Return the default number type: ``"float32"`` or ``"float64"``."""
    return _floatx


def set_floatx(value: str) -> None:
    """Set the default number type. Existing networks keep theirs.

    Raises:
        ValueError: if ``value`` is neither ``"float32"`` nor ``"float64"``.
    """
    global _floatx
    _floatx = float_type(value).name


def float_type(value: str | None = None) -> np.dtype[np.floating]:
    """Return the NumPy type named ``value``; for ``None``, the current default.

    Raises:
        ValueError: if ``value`` is neither ``"float32"`` nor ``"float64"``.
    """
    name = _floatx if value is None else value
    if name not in FLOAT_TYPES:
        raise ValueError(f"the number type must be one of {', '.join(FLOAT_TYPES)}, got {name!r}")
    return np.dtype(name)


def backend() -> str:
    """Return what computes, as Keras's function of that name."""
    return "numpy"


def epsilon() -> float:
    """Return the distance that losses keep from a logarithm of 0 and from a division by 0: 1e-7."""
    return EPSILON


def image_data_format() -> str:
    """Return which axis of a row counts its channels: the last."""
    return "channels_last"
