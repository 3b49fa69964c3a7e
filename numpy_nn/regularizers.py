"""Regularizers: a penalty on large weights, which joins the loss."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.names import find


class Regularizer:
    """A penalty on weights, and its gradient."""

    def __call__(self, weights: FloatArray) -> float:
        """Return the penalty."""
        raise NotImplementedError

    def add_gradient(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Add the penalty's gradient with respect to ``weights`` to ``gradient``."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this regularizer again."""
        raise NotImplementedError

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the regularizer that `get_config` describes."""
        return cls(**config)


class L1L2(Regularizer):
    """l1 · sum|w| + l2 · sum(w²). Matches ``keras.regularizers.L1L2``."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = l1
        self.l2 = l2

    def __call__(self, weights: FloatArray) -> float:
        """Return the penalty."""
        return float(self.l1 * np.abs(weights).sum() + self.l2 * np.square(weights).sum())

    def add_gradient(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Add l1 · sign(w) + 2 l2 w."""
        gradient += self.l1 * np.sign(weights) + 2 * self.l2 * weights

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this regularizer again."""
        return {"l1": self.l1, "l2": self.l2}


class L1(L1L2):
    """l1 · sum|w|. Matches ``keras.regularizers.L1``."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1, 0.0)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this regularizer again."""
        return {"l1": self.l1}


class L2(L1L2):
    """l2 · sum(w²). Matches ``keras.regularizers.L2``."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(0.0, l2)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this regularizer again."""
        return {"l2": self.l2}


REGULARIZERS: dict[str, Callable[..., Regularizer]] = {
    "L1": L1, "L1L2": L1L2, "L2": L2, "l1": L1, "l1_l2": L1L2, "l2": L2
}  # fmt: skip


def get(identifier: str | dict[str, Any] | Regularizer | None) -> Regularizer | None:
    """Return the regularizer that ``identifier`` names or describes, or None for None."""
    if identifier is None or isinstance(identifier, Regularizer):
        return identifier
    if isinstance(identifier, dict):
        return find("regularizer", identifier["class_name"], REGULARIZERS)(**identifier["config"])
    return find("regularizer", identifier, REGULARIZERS)()
