"""Activation functions, each with its derivative beside it.

Inside a network an activation works in place on a feature-major block, (units, batch). Every derivative here can be
read off the function's own output, so that no layer has to remember its logits. Called as a function, as in
``relu(x)``, an activation takes (..., units) and returns a new array, as ``keras.activations`` does.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import FloatArray
from numpy_nn.config import float_type
from numpy_nn.names import find

# Arrays of no dimension are the cheapest scalars NumPy knows; exact in float32, these serve both number types.
_ZERO = np.zeros((), np.float32)
_ONE = np.ones((), np.float32)
_MINUS_ONE = -_ONE


@lru_cache(maxsize=64)
def _zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> FloatArray:
    """Return zeros, to be read only: NumPy compares two arrays several times faster than an array and a scalar."""
    return np.zeros(shape, dtype)


class Activation:
    """A function of the logits z, (units, batch), and the derivative that its output a determines."""

    name: str
    of_logits: bool = False  # whether `derivative` reads the logits in place of the output

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """Return the activation of ``x``, (..., units), as a new array of its number type."""
        array = np.asarray(x)
        out = np.array(array, dtype=array.dtype if array.dtype.kind == "f" else float_type())
        self.forward(out.T)
        return out

    def forward(self, z: FloatArray) -> None:
        """Replace the logits by the activation."""
        raise NotImplementedError

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write da/dz, elementwise, into ``out``."""
        raise NotImplementedError

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002 - softmax needs a
        """Turn dL/da into dL/dz, in place; ``slope`` holds what `derivative` wrote."""
        np.multiply(delta, slope, delta)


class Linear(Activation):
    """The identity: a = z."""

    name = "linear"

    def forward(self, z: FloatArray) -> None:
        """Leave the logits as they are."""

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Leave ``out`` alone: the derivative is one everywhere, and `backward` multiplies by nothing."""

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:
        """Leave the gradient as it is."""


class Relu(Activation):
    """a = max(z, 0)."""

    name = "relu"

    def forward(self, z: FloatArray) -> None:
        """Replace z by max(z, 0)."""
        np.maximum(z, _zeros(z.shape, z.dtype), out=z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write 1 where a > 0, else 0."""
        # np.sign says the same of a number that is never negative, but it branches: ten times slower on real data.
        np.greater(a, _ZERO, out=out, casting="unsafe")


class Sigmoid(Activation):
    """a = 1 / (1 + exp(-z)), computed as 1 - r for z >= 0 and r for z < 0, where r = e / (1 + e) and e = exp(-|z|).

    Nothing overflows, and neither side loses digits: near one, r is what is missing to it. Keras rounds alike there,
    which keeps float32 twins together for longer.
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


class Softmax(Activation):
    """a = exp(z) / sum(exp(z)) over the units; the largest logit is taken off first, so that nothing overflows."""

    name = "softmax"

    def forward(self, z: FloatArray) -> None:
        """Replace z by exp(z) / sum(exp(z))."""
        np.subtract(z, z.max(axis=0), z)
        np.exp(z, z)
        np.divide(z, z.sum(axis=0), z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write nothing: the units depend on each other, so `backward` applies the whole Jacobian."""

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002
        """Apply the Jacobian diag(a) - a aᵀ: dL/dz = a (dL/da - sum(dL/da · a))."""
        np.subtract(delta, (delta * a).sum(axis=0), delta)
        np.multiply(delta, a, delta)


linear = Linear()
relu = Relu()
sigmoid = Sigmoid()
softmax = Softmax()
tanh = Tanh()

ACTIVATIONS: dict[str, Activation] = {each.name: each for each in (linear, relu, sigmoid, softmax, tanh)}


def get(identifier: str | Activation | None) -> Activation:
    """Return the activation named ``identifier``; ``None`` means linear, as in Keras.

    Raises:
        ValueError: if there is no such activation; the nearest name is given.
    """
    if isinstance(identifier, Activation):
        return identifier
    return find("activation", "linear" if identifier is None else identifier, ACTIVATIONS)
