"""Checking the gradients of a network by finite differences, in the style of ``numpy.testing``."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

import numpy as np
import numpy.typing as npt

from numpy_nn.models.model import Model

# Differences are relative to at least this: rounding errors of a numeric gradient are about 1e-10.
_SMALLEST_SCALE = 1e-3


def gradient_check(
    model: Model, x: npt.ArrayLike, y: npt.ArrayLike, *, epsilon: float = 1e-6, tolerance: float = 1e-6
) -> float:
    """Compare every backpropagated gradient with central differences; return the largest difference.

        numeric = (loss(weight + epsilon) - loss(weight - epsilon)) / (2 epsilon)

    The loss is the training loss, with batch statistics, penalties and the same noise for every evaluation. The
    difference of an array is max|analytic - numeric| / max(max|numeric|, 1e-3). The lower bound is for gradients that
    are zero but for rounding, such as those of a bias before batch normalization. If a row lies within ``epsilon`` of
    ReLU's kink, the numeric gradient is wrong, not the analytic one.

    Raises:
        AssertionError: if an array differs by more than ``tolerance``; the message shows the position and both values.
        ValueError: if the network is not float64: float32 is too imprecise for differences.
    """
    if model.dtype != np.float64:
        raise ValueError(f"gradient_check needs a float64 network, got {model.dtype}")
    analytic = model.gradients(x, y)
    layers = enumerate(zip(model.leaves, model.learning, strict=True), start=1)
    names = [
        (each.name, number)
        for number, (layer, learns) in layers
        if learns
        for each in layer.specified
        if each.trainable
    ]
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
