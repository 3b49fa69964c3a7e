"""A network of two layers, and data that it can learn."""

from typing import Any

import numpy as np

from numpy_nn import Sequential, layers


def classifier(features: int = 4, units: int = 5, seed: int = 1, **compiled: Any) -> Sequential:
    hidden, last = layers.Dense(units, "tanh"), layers.Dense(1, "sigmoid")
    model = Sequential([layers.Input((features,), name="rows"), hidden, last], seed=seed, dtype="float64")
    model.compile(**{"optimizer": "sgd", "loss": "binary_crossentropy"} | compiled)
    return model


def data(rows: int = 20) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    x = rng.integers(-3, 4, (rows, 4)).astype(float)
    return x, (x.sum(axis=1) > 0).astype(float)
