"""Constraints: bounds on weights, restored after every update. Names and defaults are ``keras.constraints``'s."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.config import EPSILON
from numpy_nn.names import Configured, described, public, resolve

Axis = int | list[int] | tuple[int, ...]


class Constraint(Configured):
    """A rule that weights, such as a kernel (inputs, units), must obey.

    A constraint of your own is a class like this, or a function of the weights::

        class SumToOne(Constraint):
            def __call__(self, w):
                return w / np.sum(w, axis=0)
    """

    def __call__(self, w: Any) -> Any:
        """Return weights that obey the rule."""
        raise NotImplementedError(f"{type(self).__name__} needs __call__(w), which returns weights that obey the rule")


class NonNeg(Constraint):
    """Keeps weights at or above 0. Matches ``keras.constraints.NonNeg``."""

    def __call__(self, w: FloatArray) -> FloatArray:
        """Return max(w, 0)."""
        return np.maximum(w, 0)


class MaxNorm(Constraint):
    """Limits the norm of each unit's incoming weights to ``max_value``. Matches ``keras.constraints.MaxNorm``.

    Source: Srivastava et al., 2014.
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: FloatArray) -> FloatArray:
        """Return w · clip(norm, 0, max_value) / norm."""
        norms = _norms(w, self.axis)
        return _scaled(w, _between(norms, 0, self.max_value), norms)


class MinMaxNorm(Constraint):
    """Moves the norm of each unit's incoming weights between two bounds, by the share ``rate`` of the distance.

    Matches ``keras.constraints.MinMaxNorm``.
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: FloatArray) -> FloatArray:
        """Return w · (rate · clip(norm, min_value, max_value) + (1 - rate) · norm) / norm."""
        norms = _norms(w, self.axis)
        wanted = self.rate * _between(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return _scaled(w, wanted, norms)


class UnitNorm(Constraint):
    """Scales each unit's incoming weights to norm 1. Matches ``keras.constraints.UnitNorm``."""

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: FloatArray) -> FloatArray:
        """Return w / norm."""
        return _scaled(w, 1.0, _norms(w, self.axis))


def _norms(w: FloatArray, axis: Axis) -> FloatArray:
    along = tuple(axis) if isinstance(axis, list) else axis
    norms: FloatArray = np.sqrt(np.square(w).sum(axis=along, keepdims=True))
    return norms


def _between(norms: FloatArray, low: float, high: float) -> FloatArray:
    """Return norms moved between two bounds; the lower one counts if it is the greater, as in Keras."""
    between: FloatArray = np.maximum(np.minimum(norms, high), low)
    return between


def _scaled(w: FloatArray, wanted: FloatArray | float, norms: FloatArray) -> FloatArray:
    return w * (wanted / (norms + EPSILON))


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

CONSTRAINTS = public(Constraint, globals())


def get(identifier: Any) -> Any:
    """Return a constraint, given by name, class, description, as an object or a function; None for None.

    Raises:
        ValueError: if the name is unknown; the message suggests the nearest name.
    """
    if callable(identifier) and not isinstance(identifier, type):
        return identifier
    return resolve("constraint", identifier, Constraint, CONSTRAINTS)


def serialize(constraint: Constraint) -> dict[str, Any]:
    """Return the constraint as Keras writes it."""
    return described("constraints", constraint)


def deserialize(config: dict[str, Any]) -> Any:
    """Return the constraint that `serialize` described."""
    return get(config)
