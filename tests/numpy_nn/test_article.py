"""The published algorithm: its gradient by differences, and no NaN where the original had one."""

from copy import deepcopy
from itertools import pairwise

import numpy as np

from numpy_nn import article


def layers(scale: float = 1.0) -> list[article.Layer]:
    rng = np.random.default_rng(0)
    sizes = (2, 5, 4, 1)
    return [(scale * rng.standard_normal((o, i)), scale * rng.standard_normal((o, 1))) for i, o in pairwise(sizes)]


def loss(network: list[article.Layer], x: np.ndarray, y: np.ndarray) -> float:
    p, _ = article.forward(network, x)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


def test_gradient_agrees_with_central_differences() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 12)), rng.integers(0, 2, (1, 12)).astype(float)
    network = layers()
    probabilities, memory = article.forward(network, x)
    gradients = article.backward(network, memory, probabilities, y)
    for layer, found in zip(network, gradients, strict=True):
        for array, gradient in zip(layer, found, strict=True):
            for position in np.ndindex(array.shape):
                kept = array[position]
                array[position] = kept + 1e-6
                above = loss(network, x, y)
                array[position] = kept - 1e-6
                below = loss(network, x, y)
                array[position] = kept
                np.testing.assert_allclose(gradient[position], (above - below) / 2e-6, atol=1e-7)


def test_certainty_gives_no_nan() -> None:
    x, y = np.array([[1e3, -1e3], [1e3, -1e3]]), np.array([[1.0, 0.0]])
    network = layers(scale=10.0)
    probabilities, memory = article.forward(network, x)
    assert ((probabilities > 0) & (probabilities < 1)).all()
    gradients = article.backward(network, memory, probabilities, y)
    assert all(np.isfinite(array).all() for layer in gradients for array in layer)


def test_training_leaves_the_given_layers_alone() -> None:
    start = layers()
    kept = deepcopy(start)
    rng = np.random.default_rng(1)
    article.train(start, rng.standard_normal((2, 6)), np.ones((1, 6)), 3, 0.1, lambda _: None)
    np.testing.assert_equal(start, kept)
