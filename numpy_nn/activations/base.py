"""What an activation is, and the simplest one."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import Array, FloatArray
from numpy_nn.config import float_type


class Activation:
    """A function of the logits z, (units, batch), and its derivative.

    Attributes:
        name: the name in Keras.
        of_logits: whether `derivative` is computed from the logits z; otherwise from the output a.
        axis: the units' axis when called as a function; within a network the units come first.
    """

    name: str
    of_logits: bool = False
    axis: int | None = -1

    @property
    def __name__(self) -> str:
        """The name, as a function has it."""
        return self.name

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Return the activation of ``x``, (..., units), as a new array of the same number type."""
        array = np.asarray(x)
        out = np.array(array, dtype=array.dtype if array.dtype.kind == "f" else float_type(), order="C")
        if self.axis is None or not out.ndim:
            self.forward(out.reshape(-1))
        else:
            self.forward(np.moveaxis(out, self.axis, 0))
        return out.view(Array)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle and copy the activations of this package by name, so that they stay single objects."""
        return (_named, (self.name,)) if ACTIVATIONS.get(self.name) is self else super().__reduce__()

    def forward(self, z: FloatArray) -> None:
        """Replace the logits by the activation."""
        raise NotImplementedError

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write da/dz, elementwise, into ``out``; ``a`` is the output, or z if `of_logits`."""
        raise NotImplementedError

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002 - softmax needs a
        """Turn dL/da into dL/dz, in place; ``a`` is the output, ``slope`` the result of `derivative`."""
        np.multiply(delta, slope, delta)


class Linear(Activation):
    """The identity: a = z."""

    name = "linear"

    def forward(self, z: FloatArray) -> None:
        """Leave the logits as they are."""

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write nothing: the derivative is 1, and `backward` does not use it."""

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:
        """Leave the gradient as it is."""


class OfLayer(Activation):
    """The activation of a layer that only applies one, such as ``LeakyReLU()``, for another layer to apply."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.name = layer.name
        self.applied: Activation = layer.activation
        self.of_logits = self.applied.of_logits
        self.axis = self.applied.axis

    def forward(self, z: FloatArray) -> None:
        """Replace the logits by the activation."""
        self.applied.forward(z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write da/dz."""
        self.applied.derivative(a, out)

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:
        """Turn dL/da into dL/dz."""
        self.applied.backward(delta, a, slope)


linear = Linear()
# All activations by name; the package fills it.
ACTIVATIONS: dict[str, Activation] = {}
# The classes of layers that only apply an activation, by name; they add themselves.
LAYERS: dict[str, Any] = {}


def _named(name: str) -> Activation:
    return ACTIVATIONS[name]
