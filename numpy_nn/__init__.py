"""A neural network in NumPy alone, with the names, semantics and defaults of Keras.

    from numpy_nn import Sequential
    from numpy_nn.layers import Dense, Input

    model = Sequential([Input((2,)), Dense(25, activation="relu"), Dense(1, activation="sigmoid")], seed=0)
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=200)

Where to look: ``layers`` for the mathematics of a layer, ``models`` for backpropagation, ``optimizers`` for what a
gradient does, ``losses`` and ``activations`` for what they are called, ``workspace`` for why it is fast, ``testing``
for the proof by finite differences, ``article`` for the published algorithm.
"""

from numpy_nn import activations, callbacks, config, initializers, layers, losses, metrics, models, optimizers, saving
from numpy_nn.layers import Dense, Input
from numpy_nn.models import Sequential
from numpy_nn.testing import gradient_check

__all__ = [
    "Dense",
    "Input",
    "Sequential",
    "activations",
    "callbacks",
    "config",
    "gradient_check",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "saving",
]
