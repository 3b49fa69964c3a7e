"""ReLU and its piecewise relatives."""

from __future__ import annotations  # evaluated, they would take a third of the import

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.activations.base import Activation
from numpy_nn.activations.elementwise import Elementwise
from numpy_nn.arrays import Array, FloatArray

# 0-d arrays are NumPy's fastest scalars. These values are exact in float32, so they serve both number types.
_ZERO = np.zeros((), np.float32)


@lru_cache(maxsize=64)
def _zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> FloatArray:
    """Return zeros, read-only: NumPy compares two arrays several times faster than an array with a scalar."""
    return np.zeros(shape, dtype)


class Relu(Activation):
    """a = max(z, 0). Called with arguments, it is a `RectifiedLinear`."""

    name = "relu"

    def __call__(
        self, x: npt.ArrayLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
    ) -> Array:
        """Return max(x, 0), modified by the arguments, as a new array of the same number type."""
        if negative_slope == 0 and max_value is None and threshold == 0:
            return super().__call__(x)
        return RectifiedLinear(negative_slope, max_value, threshold)(x)

    def forward(self, z: FloatArray) -> None:
        """Replace z by max(z, 0)."""
        np.maximum(z, _zeros(z.shape, z.dtype), out=z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write 1 where a > 0, else 0."""
        # np.sign is equal for values that are never negative, but it branches: ten times slower on real data.
        np.greater(a, _ZERO, out=out, casting="unsafe")


class RectifiedLinear(Activation):
    """a = min(z, max_value) for z > threshold, else negative_slope (z - threshold).

    Matches ``keras.activations.relu`` with arguments, and ``keras.layers.ReLU``.
    """

    name = "relu"
    of_logits = True

    def __init__(self, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> None:
        self.negative_slope = negative_slope
        self.max_value = max_value
        self.threshold = threshold

    def forward(self, z: FloatArray) -> None:
        """Replace z by its rectified value."""
        above = z if self.max_value is None else np.clip(z, 0, self.max_value)
        below: Any = self.negative_slope * (z - self.threshold) if self.negative_slope else 0
        z[...] = np.where(z > self.threshold, above, below)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write 1 above the threshold, 0 beyond ``max_value``, and the negative slope below the threshold."""
        above: Any = 1 if self.max_value is None else (a >= 0) & (a <= self.max_value)
        out[...] = np.where(a > self.threshold, above, self.negative_slope)


# Klambauer et al., 2017: the fixed point of mean 0 and variance 1.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


relu = Relu()
relu6 = Elementwise("relu6", lambda z: np.clip(z, 0, 6), lambda a: (a > 0) & (a < 6))
leaky_relu = Elementwise(
    "leaky_relu",
    lambda z, negative_slope: np.where(z > 0, z, negative_slope * z),
    lambda z, negative_slope: np.where(z > 0, 1, negative_slope),
    of="logits",  # with a negative slope, both sides of 0 have positive outputs
    negative_slope=0.2,
)
elu = Elementwise(
    "elu",
    lambda z, alpha: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
    lambda z, alpha: np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0))),
    of="logits",  # with a negative alpha, both sides of 0 have positive outputs
    alpha=1.0,
)
celu = Elementwise(
    "celu",
    lambda z, alpha: np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0) / alpha),
    lambda a, alpha: np.where(a > 0, 1, a / alpha + 1),
    alpha=1.0,
)
selu = Elementwise(
    "selu",
    lambda z: _SELU_SCALE * np.where(z > 0, z, _SELU_ALPHA * np.expm1(np.minimum(z, 0))),
    lambda a: np.where(a > 0, _SELU_SCALE, a + _SELU_SCALE * _SELU_ALPHA),
)
