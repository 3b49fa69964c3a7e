"""The number type of new networks, as ``keras.config`` keeps it."""

import numpy as np

FLOAT_TYPES = ("float32", "float64")

_floatx = "float32"


def floatx() -> str:
    """Return the number type that new networks are built with: ``"float32"`` or ``"float64"``."""
    return _floatx


def set_floatx(value: str) -> None:
    """Set the number type of networks built from now on; existing networks keep theirs.

    Raises:
        ValueError: if ``value`` is neither ``"float32"`` nor ``"float64"``.
    """
    global _floatx
    _floatx = float_type(value).name


def float_type(value: str | None = None) -> np.dtype[np.floating]:
    """Return the NumPy type named ``value``, or the current default for ``None``.

    Raises:
        ValueError: if ``value`` is neither ``"float32"`` nor ``"float64"``.
    """
    name = _floatx if value is None else value
    if name not in FLOAT_TYPES:
        raise ValueError(f"the number type must be one of {', '.join(FLOAT_TYPES)}, got {name!r}")
    return np.dtype(name)
