"""Checking a network against finite differences, in the manner of ``numpy.testing``."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.models.sequential import Sequential

# What gradients are compared with at least: rounding spoils a numeric one by some 1e-10.
_SMALLEST_SCALE = 1e-3


def gradient_check(
    model: Sequential, x: npt.ArrayLike, y: npt.ArrayLike, *, epsilon: float = 1e-6, tolerance: float = 1e-6
) -> float:
    """Compare every backpropagated gradient with central differences, and return the largest difference.

        numeric = (loss(weight + epsilon) - loss(weight - epsilon)) / (2 epsilon)

    The loss is that of training: batch statistics, penalties, and noise, which is the same on both sides. The
    difference of an array is max|analytic - numeric| / max|numeric|, or relative to 1e-3 where all of it is smaller:
    a bias that batch normalization takes off again has no gradient but rounding. A kink of ReLU within ``epsilon`` of a
    row spoils the numeric side, not the analytic one.

    Raises:
        AssertionError: if an array differs by more than ``tolerance``; it shows where, and both values.
        ValueError: if the network is not float64: float32 is too coarse for differences.
    """
    if model.dtype != np.float64:
        raise ValueError(f"gradient_check needs a float64 network, got {model.dtype}")
    analytic = model.gradients(x, y)
    names = [(name, number) for number, layer in enumerate(model.layers, start=1) for name in _learned(layer)]
    largest = 0.0
    for (name, number), own, array in zip(names, analytic, model.trainable_weights, strict=True):
        numeric = np.empty_like(array)
        for position in np.ndindex(array.shape):
            kept = array[position]
            sides = []
            try:
                for shifted in (kept + epsilon, kept - epsilon):
                    array[position] = shifted
                    sides.append(model.objective(x, y))
            finally:
                array[position] = kept
            numeric[position] = (sides[0] - sides[1]) / (2 * epsilon)
        scale = max(float(np.abs(numeric).max()), _SMALLEST_SCALE)
        error = np.abs(own - numeric) / scale
        largest = max(largest, float(error.max()))
        if not error.max() <= tolerance:
            worst = np.unravel_index(int(error.argmax()), error.shape)
            raise AssertionError(
                f"the gradient of the {name} of layer {number} is wrong at {tuple(map(int, worst))}\n"
                f"analytic: {own[worst]!r}\n"
                f"numeric:  {numeric[worst]!r}"
            )
    return largest


def _learned(layer: Any) -> list[str]:
    return [each.name for each in layer.specified if each.trainable and layer.trainable]
