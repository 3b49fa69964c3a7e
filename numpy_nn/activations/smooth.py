"""Smooth relatives of ReLU, and the exponential."""

from __future__ import annotations  # evaluated, they would take a third of the import

import math

import numpy as np

from numpy_nn import gaussian
from numpy_nn.activations.elementwise import Elementwise
from numpy_nn.activations.sigmoids import sigmoid
from numpy_nn.arrays import FloatArray


def _softplus(z: FloatArray) -> FloatArray:
    """Return log(1 + exp(z)) without overflow."""
    value: FloatArray = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return value


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
    slope: FloatArray = t + z * (1 - t * t) * sigmoid(z)
    return slope


def _silu_slope(z: FloatArray) -> FloatArray:
    s = sigmoid(z)
    slope: FloatArray = s * (1 + z * (1 - s))
    return slope


exponential = Elementwise("exponential", np.exp, lambda a: a)
gelu = Elementwise("gelu", _gelu, _gelu_slope, of="logits", approximate=False)
silu = Elementwise("silu", lambda z: z * sigmoid(z), _silu_slope, of="logits")
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
