"""A neural network in NumPy alone, with the names, semantics and defaults of Keras.

    import numpy_nn as keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(25, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=200)

Where to read: ``models.backprop`` for forward, backward and update, ``layers`` for the mathematics of a layer,
``optimizers`` for the update rules, ``losses`` and ``activations`` by name, ``models.workspace`` for why it is fast,
``testing`` for the check by finite differences, ``article`` for the published algorithm.
"""

from typing import Any

from numpy_nn import (
    activations,
    callbacks,
    config,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    utils,
)
from numpy_nn.layers import Dense, Input
from numpy_nn.models import Model, Sequential
from numpy_nn.testing import gradient_check

__all__ = [
    "Dense",
    "Input",
    "Model",
    "Sequential",
    "activations",
    "callbacks",
    "config",
    "constraints",
    "from_keras",
    "gradient_check",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    "saving",
    "utils",
]


def __getattr__(name: str) -> Any:
    """Import what reads and writes files when it is first asked for: a zip archive's modules are slow to import."""
    if name in ("from_keras", "saving"):
        from importlib import import_module

        saving = import_module("numpy_nn.saving")
        return saving if name == "saving" else saving.from_keras
    raise AttributeError(f"module 'numpy_nn' has no attribute {name!r}")
