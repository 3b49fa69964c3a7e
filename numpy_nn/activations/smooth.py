"""Activations shaped like an S, smooth relatives of ReLU, and the exponential."""

from __future__ import annotations  # evaluated, they would take a third of the import

import math

import numpy as np

from numpy_nn import gaussian
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


def _softplus(z: FloatArray) -> FloatArray:
    """Return log(1 + exp(z)) without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


_GELU_SCALE = math.sqrt(2 / math.pi)


def _gelu_argument(z: FloatArray) -> FloatArray:
    return _GELU_SCALE * (z + 0.044715 * z * z * z)


def _gelu(z: FloatArray, approximate: bool) -> FloatArray:
    """Return z times the probability of a normal number below z, or Hendrycks and Gimpel's approximation by tanh."""
    if not approximate:
        return z * gaussian.distribution(z)
    value: FloatArray = 0.5 * z * (1 + np.tanh(_gelu_argument(z)))
    return value


def _gelu_slope(z: FloatArray, approximate: bool) -> FloatArray:
    if not approximate:
        return gaussian.distribution(z) + z * gaussian.density(z)
    t = np.tanh(_gelu_argument(z))
    slope: FloatArray = 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * _GELU_SCALE * (1 + 3 * 0.044715 * z * z)
    return slope


def _mish_slope(z: FloatArray) -> FloatArray:
    t = np.tanh(_softplus(z))
    slope: FloatArray = t + z * (1 - t * t) * np.asarray(sigmoid(z))
    return slope


def _silu_slope(z: FloatArray) -> FloatArray:
    s = np.asarray(sigmoid(z))
    slope: FloatArray = s * (1 + z * (1 - s))
    return slope


exponential = Elementwise("exponential", np.exp, lambda a: a)
gelu = Elementwise("gelu", _gelu, _gelu_slope, of="logits", approximate=False)
silu = Elementwise("silu", lambda z: z * np.asarray(sigmoid(z)), _silu_slope, of="logits")
hard_silu = Elementwise(
    "hard_silu",
    lambda z: z * (np.clip(z + 3, 0, 6) / 6),
    lambda z: np.where(np.abs(z) < 3, (2 * z + 3) / 6, z >= 3),
    of="logits",
)
mish = Elementwise("mish", lambda z: z * np.tanh(_softplus(z)), _mish_slope, of="logits")
softplus = Elementwise("softplus", _softplus, lambda a: -np.expm1(-a))
log_sigmoid = Elementwise("log_sigmoid", lambda z: -_softplus(-z), lambda a: -np.expm1(a))
sparse_plus = Elementwise(
    "sparse_plus",
    lambda z: np.where(z < 1, np.square(np.maximum(z + 1, 0)) / 4, z),
    lambda a: np.minimum(np.sqrt(a), 1),
)
squareplus = Elementwise(
    "squareplus",
    lambda z, b: (z + np.sqrt(np.square(z) + b)) / 2,
    lambda z, b: (1 + z / np.sqrt(np.square(z) + b)) / 2,
    of="logits",
    b=4,
)
