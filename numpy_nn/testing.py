"""Checking a network against finite differences, in the manner of ``numpy.testing``."""

import numpy as np
import numpy.typing as npt

from numpy_nn.models import Sequential


def gradient_check(
    model: Sequential, x: npt.ArrayLike, y: npt.ArrayLike, *, epsilon: float = 1e-6, tolerance: float = 1e-6
) -> float:
    """Compare every backpropagated gradient with central differences, and return the largest difference.

        numeric = (loss(weight + epsilon) - loss(weight - epsilon)) / (2 epsilon)

    The difference of an array is max|analytic - numeric| / max|numeric|. A kink of ReLU within ``epsilon`` of a row
    spoils the numeric side, not the analytic one.

    Raises:
        AssertionError: if an array differs by more than ``tolerance``; it shows where, and both values.
        ValueError: if the network is not float64: float32 is too coarse for differences.
    """
    if model.dtype != np.float64:
        raise ValueError(f"gradient_check needs a float64 network, got {model.dtype}")
    analytic = model.gradients(x, y)
    weights = model.get_weights()
    largest = 0.0
    try:
        for index, array in enumerate(weights):
            numeric = np.empty_like(array)
            for position in np.ndindex(array.shape):
                kept = array[position]
                sides = []
                for shifted in (kept + epsilon, kept - epsilon):
                    array[position] = shifted
                    model.set_weights(weights)
                    sides.append(model.evaluate(x, y)["loss"])
                array[position] = kept
                numeric[position] = (sides[0] - sides[1]) / (2 * epsilon)
            scale = max(float(np.abs(numeric).max()), np.finfo(np.float64).tiny)
            error = np.abs(analytic[index] - numeric) / scale
            largest = max(largest, float(error.max()))
            if not error.max() <= tolerance:
                worst = np.unravel_index(int(error.argmax()), error.shape)
                kind = "bias" if index % 2 else "kernel"
                raise AssertionError(
                    f"the gradient of the {kind} of layer {index // 2 + 1} is wrong at {tuple(map(int, worst))}\n"
                    f"analytic: {analytic[index][worst]!r}\n"
                    f"numeric:  {numeric[worst]!r}"
                )
    finally:
        model.set_weights(weights)
    return largest
