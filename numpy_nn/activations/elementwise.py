"""Activations defined by two functions, the value and its slope, and those that shrink small values to zero."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from numpy_nn.activations.base import ACTIVATIONS, Activation
from numpy_nn.arrays import Array, FloatArray


class Elementwise(Activation):
    """An activation defined by two functions, applied to each value.

    Args:
        name: the name in Keras.
        value: returns a, given z and the parameters.
        slope: returns da/dz, given a or z and the parameters.
        of: ``"output"`` if ``slope`` takes a, ``"logits"`` if it takes z.
        parameters: Keras's other arguments with their defaults, in order.
    """

    def __init__(
        self,
        name: str,
        value: Callable[..., Any],
        slope: Callable[..., Any],
        of: str = "output",
        **parameters: Any,
    ) -> None:
        self.name = name
        self.value = value
        self.slope = slope
        self.of_logits = of == "logits"
        self.parameters = parameters

    def __call__(self, x: npt.ArrayLike, *arguments: Any, **named: Any) -> Array:
        """Return the activation of ``x`` as a new array of the same number type; arguments as in Keras."""
        if not arguments and not named:
            return super().__call__(x)
        if len(arguments) > len(self.parameters):
            raise TypeError(f"{self.name} takes x and {', '.join(self.parameters) or 'nothing else'}")
        return self.configured(**dict(zip(self.parameters, arguments, strict=False)), **named)(x)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle and copy by name and parameters: functions in ``value`` and ``slope`` cannot be pickled."""
        plain = super().__reduce__() if ACTIVATIONS.get(self.name) is self else None
        return plain or (_configured, (self.name, self.parameters))

    def configured(self, **parameters: Any) -> Elementwise:
        """Return this activation with other parameters, for use in a layer: ``elu.configured(alpha=0.5)``.

        Raises:
            TypeError: if a parameter is unknown.
        """
        unknown = sorted(parameters.keys() - self.parameters.keys())
        if unknown:
            raise TypeError(f"{self.name} takes {', '.join(self.parameters) or 'no parameters'}, got {unknown[0]!r}")
        of = "logits" if self.of_logits else "output"
        return Elementwise(self.name, self.value, self.slope, of, **self.parameters | parameters)

    def forward(self, z: FloatArray) -> None:
        """Replace z by the activation."""
        z[...] = self.value(z, **self.parameters)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write da/dz."""
        out[...] = self.slope(a, **self.parameters)


def _configured(name: str, parameters: Mapping[str, Any]) -> Activation:
    return cast("Elementwise", ACTIVATIONS[name]).configured(**parameters)


hard_shrink = Elementwise(
    "hard_shrink",
    lambda z, threshold: np.where(np.abs(z) > threshold, z, 0),
    lambda a, threshold: a != 0,  # noqa: ARG005
    threshold=0.5,
)
soft_shrink = Elementwise(
    "soft_shrink",
    lambda z, threshold: np.where(z > threshold, z - threshold, np.where(z < -threshold, z + threshold, 0)),
    lambda a, threshold: a != 0,  # noqa: ARG005
    threshold=0.5,
)
tanh_shrink = Elementwise("tanh_shrink", lambda z: z - np.tanh(z), lambda z: np.square(np.tanh(z)), of="logits")
threshold = Elementwise(
    "threshold",
    lambda z, threshold, default_value: np.where(z > threshold, z, default_value),
    lambda z, threshold, default_value: z > threshold,  # noqa: ARG005
    of="logits",
    threshold=0.0,  # Keras has no defaults for these two, so it cannot use this activation in a layer
    default_value=0.0,
)
