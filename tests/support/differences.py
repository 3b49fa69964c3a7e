"""Gradients by central differences."""

from collections.abc import Callable

import numpy as np


def numeric_gradient(loss: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Return dloss/dx at ``at``, of its shape, by central differences."""
    found = np.empty_like(at)
    for position in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[position] = step
        found[position] = (loss(at + moved) - loss(at - moved)) / (2 * step)
    return found
