"""Constraints: what weights are brought back to after every update."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.names import find


class Constraint:
    """A rule that weights, kernel-shaped (inputs, units), must obey."""

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Return the weights as the rule wants them."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this constraint again."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the constraint that `get_config` describes."""
        return cls(**config)


class NonNeg(Constraint):
    """No weight below zero. Matches ``keras.constraints.NonNeg``."""

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Return max(w, 0)."""
        return np.maximum(weights, 0)


CONSTRAINTS: dict[str, Callable[..., Constraint]] = {"NonNeg": NonNeg, "non_neg": NonNeg}


def get(identifier: str | dict[str, Any] | Constraint | None) -> Constraint | None:
    """Return the constraint that ``identifier`` names or describes, or None for None."""
    if identifier is None or isinstance(identifier, Constraint):
        return identifier
    if isinstance(identifier, dict):
        return find("constraint", identifier["class_name"], CONSTRAINTS)(**identifier["config"])
    return find("constraint", identifier, CONSTRAINTS)()
