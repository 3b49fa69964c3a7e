"""A neural network in NumPy alone, with the names, semantics and defaults of Keras.

    import numpy_nn as keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(25, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=200)

Where to read: ``models.backprop`` for forward, backward and update, ``layers`` for the mathematics of a layer,
``optimizers`` for the update rules, ``losses`` and ``activations`` by name, ``models.workspace`` for why it is fast,
``testing`` for the check by finite differences, ``article`` for the published algorithm.
"""

import sys
from typing import TYPE_CHECKING, Any

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
from numpy_nn.config import KERAS_VERSION
from numpy_nn.initializers import Initializer
from numpy_nn.layers import Dense, Input, Layer
from numpy_nn.losses import Loss
from numpy_nn.metrics import Metric
from numpy_nn.models import Model, Sequential
from numpy_nn.names import MissingFinder, absent
from numpy_nn.optimizers import Optimizer, schedules
from numpy_nn.regularizers import Regularizer
from numpy_nn.testing import gradient_check

__all__ = [
    "Dense",
    "Initializer",
    "Input",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "activations",
    "backend",
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
    "random",
    "regularizers",
    "saving",
    "utils",
    "version",
]

# As in Keras: a script may ask for it. The version of this package is that of the distribution david-vs-goliath.
__version__ = KERAS_VERSION


def version() -> str:
    """Return the version of Keras whose names and numbers these are."""
    return __version__


_MODULES = (
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
    schedules,
    utils,
)

# A name of Keras that is missing says why. Type checkers do not see this, and report it as unknown.
for _module in _MODULES:
    vars(_module).setdefault("__getattr__", absent(_module.__name__))
sys.meta_path.append(MissingFinder)

if TYPE_CHECKING:
    from numpy_nn import backend, random, saving
    from numpy_nn.saving import from_keras
else:

    def __getattr__(name: str) -> Any:
        """Import modules that few scripts need when they are first asked for."""
        if name == "from_keras":
            return __getattr__("saving").from_keras
        if name in ("backend", "random", "saving"):
            from importlib import import_module

            return import_module(f"numpy_nn.{name}")
        return absent("numpy_nn")(name)
