"""Activations shaped like an S."""

from __future__ import annotations  # evaluated, they would take a third of the import

import numpy as np

from numpy_nn.activations.base import Activation
from numpy_nn.activations.elementwise import Elementwise
from numpy_nn.arrays import FloatArray

# 0-d arrays are NumPy's fastest scalars. These values are exact in float32, so they serve both number types.
_ZERO = np.zeros((), np.float32)
_ONE = np.ones((), np.float32)
_MINUS_ONE = -_ONE


class Sigmoid(Activation):
    """a = 1 / (1 + exp(-z)), computed as 1 - r for z >= 0 and r for z < 0, where r = e / (1 + e) and e = exp(-|z|).

    Nothing overflows and neither side loses digits. Keras rounds the same way, which keeps the float32 twins close for
    longer.
    """

    name = "sigmoid"

    def forward(self, z: FloatArray) -> None:
        """Replace z by its sigmoid."""
        positive = np.greater_equal(z, _ZERO)
        np.copysign(z, _MINUS_ONE, z)
        np.exp(z, z)
        np.divide(z, z + _ONE, z)
        np.subtract(_ONE, z, z, where=positive)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write a (1 - a)."""
        np.subtract(_ONE, a, out)
        np.multiply(a, out, out)


class Tanh(Activation):
    """a = tanh(z)."""

    name = "tanh"

    def forward(self, z: FloatArray) -> None:
        """Replace z by tanh(z)."""
        np.tanh(z, z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write 1 - a²."""
        np.multiply(a, a, out)
        np.subtract(_ONE, out, out)


sigmoid = Sigmoid()
tanh = Tanh()
hard_sigmoid = Elementwise(
    "hard_sigmoid",
    lambda z: np.clip(z + 3, 0, 6) / 6,
    lambda a: ((a > 0) & (a < 1)) / 6,
)
hard_tanh = Elementwise("hard_tanh", lambda z: np.clip(z, -1, 1), lambda a: np.abs(a) < 1)
softsign = Elementwise("softsign", lambda z: z / (1 + np.abs(z)), lambda a: np.square(1 - np.abs(a)))
sparse_sigmoid = Elementwise(
    "sparse_sigmoid",
    lambda z: np.clip(0.5 * (z + 1), 0, 1),
    lambda a: 0.5 * ((a > 0) & (a < 1)),
)
