"""Activations across the units of a row."""

from __future__ import annotations  # evaluated, they would take a third of the import

import numpy as np
import numpy.typing as npt

from numpy_nn.activations.base import Activation
from numpy_nn.activations.smooth import sigmoid
from numpy_nn.arrays import Array, FloatArray


class AcrossUnits(Activation):
    """An activation whose outputs each depend on all units of the row; `backward` applies the whole Jacobian."""

    def __init__(self, axis: int | None = -1) -> None:
        self.axis = axis

    def __call__(self, x: npt.ArrayLike, axis: int | None = -1) -> Array:
        """Return the activation of ``x`` over the units along ``axis``, or over all values if ``axis`` is None."""
        return super().__call__(x) if axis == self.axis else type(self)(axis)(x, axis)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write nothing: the derivative is not elementwise."""


class Softmax(AcrossUnits):
    """a = exp(z) / sum(exp(z)) over the units; subtracting the largest logit first prevents overflow."""

    name = "softmax"

    def forward(self, z: FloatArray) -> None:
        """Replace z by exp(z) / sum(exp(z))."""
        np.subtract(z, z.max(axis=0), z)
        np.exp(z, z)
        np.divide(z, z.sum(axis=0), z)

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002
        """Apply the Jacobian diag(a) - a aᵀ: dL/dz = a (dL/da - sum(dL/da · a))."""
        np.subtract(delta, (delta * a).sum(axis=0), delta)
        np.multiply(delta, a, delta)


class LogSoftmax(AcrossUnits):
    """a = z - log(sum(exp(z))) over the units; the largest logit is subtracted first."""

    name = "log_softmax"

    def forward(self, z: FloatArray) -> None:
        """Replace z by the logarithm of its softmax."""
        np.subtract(z, z.max(axis=0), z)
        np.subtract(z, np.log(np.exp(z).sum(axis=0)), z)

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002
        """Apply the Jacobian: dL/dz = dL/da - softmax(z) sum(dL/da), and softmax(z) = exp(a)."""
        np.subtract(delta, np.exp(a) * delta.sum(axis=0), delta)


class Sparsemax(AcrossUnits):
    """a = max(z - tau, 0), tau = (c_1 + ... + c_k - 1) / k.

    The c_i are the cumulative sums of the row's logits in descending order, and k is the number of i for which the i-th
    largest logit exceeds (c_i - 1) / i, as in Keras. The paper (Martins and Astudillo, 2016) uses c_k instead of
    the sum, so the outputs of Keras and of this function sum to 1 only where k = 1.
    """

    name = "sparsemax"
    of_logits = True

    def forward(self, z: FloatArray) -> None:
        """Replace z by its sparsemax."""
        falling = -np.sort(-z, axis=0)
        sums, support, _ = self._support(falling)
        count = support.sum(axis=0, dtype=z.dtype)
        np.subtract(z, (np.where(support, sums, 0).sum(axis=0) - 1) / count, z)
        np.maximum(z, 0, out=z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write dtau/dz from the logits: (k - i + 1) / k for the i-th largest, i <= k, and 0 for the others."""
        order = np.argsort(-a, axis=0, kind="stable")
        _, support, rank = self._support(np.take_along_axis(a, order, axis=0))
        count = support.sum(axis=0, dtype=a.dtype)
        np.put_along_axis(out, order, np.where(support, (count - rank + 1) / count, 0), axis=0)

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:
        """Apply the Jacobian: dL/dz = m dL/da - dtau/dz sum(m dL/da), where m = 1 for a > 0, else 0."""
        np.multiply(delta, a > 0, delta)
        np.subtract(delta, slope * delta.sum(axis=0), delta)

    @staticmethod
    def _support(falling: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_], FloatArray]:
        """Return cumulative sums of logits in descending order, whether each is in the support, and their ranks."""
        sums = falling.cumsum(axis=0)
        rank = np.arange(1, len(falling) + 1, dtype=falling.dtype).reshape(-1, *[1] * (falling.ndim - 1))
        return sums, falling - (sums - 1) / rank > 0, rank


class Glu(AcrossUnits):
    """a = z_1 sigmoid(z_2), where z_1 and z_2 are the halves of the units.

    It is only a function: it halves the units, which the activation of a layer must not do.
    """

    name = "glu"

    def __call__(self, x: npt.ArrayLike, axis: int | None = -1) -> Array:
        """Return the first half of ``x`` times the sigmoid of the second, split along ``axis``.

        Raises:
            ValueError: if the axis has an odd length.
        """
        array = np.asarray(x)
        if axis is None or array.shape[axis] % 2:
            raise ValueError(f"glu needs an axis of even length to split, got axis {axis} of the shape {array.shape}")
        value, gate = np.split(array, 2, axis=axis)
        return (value * sigmoid(gate)).view(Array)

    def forward(self, z: FloatArray) -> None:  # noqa: ARG002
        """Raise a ValueError: a layer's activation cannot halve its units."""
        raise ValueError("glu halves the units, which a layer does not support: call it as a function, glu(x)")


softmax = Softmax()
log_softmax = LogSoftmax()
sparsemax = Sparsemax()
glu = Glu()
