"""Normalizations that end with gamma n + beta, and what all normalizations share."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn import constraints, initializers, regularizers
from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Layer, features, module_of
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Shape
from numpy_nn.regularizers import Regularizer

# The function of each module that finds an object by name.
_GET: dict[str | None, Callable[[Any], Any]] = {
    "initializers": initializers.get,
    "regularizers": regularizers.get,
    "constraints": constraints.get,
}


class OverFeatures(Layer):
    """A normalization over the features of vector rows.

    Raises:
        ValueError: when built, if ``axis`` is not the features' axis, -1 or 1.
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)

    def _output_of(self, shape: Shape) -> Shape:
        features(self, shape)
        if self.axis not in (-1, 1, [-1], [1]):
            raise ValueError(f"axis of {self.name} must be -1 or 1, the features' axis, got {self.axis!r}")
        return shape


class ScaledAndShifted(OverFeatures):
    """A normalization that ends with gamma n + beta; gamma and beta are optional."""

    center: bool
    scale: bool
    beta_initializer: Initializer
    gamma_initializer: Initializer
    beta_regularizer: Regularizer | None
    gamma_regularizer: Regularizer | None
    beta_constraint: Constraint | None
    gamma_constraint: Constraint | None

    def __init__(self, given: Mapping[str, Any], **kwargs: Any) -> None:
        """Store a subclass's arguments, its ``locals()``, under their names, for `get_config`.

        Initializers, regularizers and constraints are converted to objects.
        """
        for name, value in given.items():
            if name not in ("self", "kwargs", "__class__"):
                get = _GET.get(module_of(name))
                setattr(self, name, value if get is None else get(value))
        super().__init__(given["axis"], **kwargs)
        self.epsilon = positive("epsilon", given["epsilon"])
        self.gamma: FloatArray | None = None
        self.beta: FloatArray | None = None

    def _weights_of(self, shape: Shape) -> list[Weight]:
        gamma = Weight("gamma", shape, self.gamma_initializer, self.gamma_regularizer, self.gamma_constraint)
        beta = Weight("beta", shape, self.beta_initializer, self.beta_regularizer, self.beta_constraint)
        return [*([gamma] if self.scale else []), *([beta] if self.center else [])]


class ScaleAndShift(Stage):
    """out = gamma n + beta, where a subclass writes n, (features, rows), and turns dL/dn into dL/dx.

    Args:
        gradients: the arrays for the gradients of gamma and beta.
        gamma: (features,), or None.
        beta: (features,), or None.
        data: the shape of n.
        dtype: that of n.
        shape: the shape in which gamma and beta broadcast with n.
    """

    # The axes of n along which gamma and beta are constant.
    _alike: int | tuple[int, ...] = 1

    def __init__(
        self,
        gradients: dict[str, FloatArray],
        gamma: FloatArray | None,
        beta: FloatArray | None,
        data: Shape,
        dtype: np.dtype[Any],
        shape: Shape = (-1, 1),
    ) -> None:
        self._gamma = None if gamma is None else gamma.reshape(shape)  #                  (features, 1)
        self._beta = None if beta is None else beta.reshape(shape)
        self._gamma_gradient = None if gamma is None else gradients["gamma"].reshape(shape)
        self._beta_gradient = None if beta is None else gradients["beta"].reshape(shape)
        self._normalized, self._scratch = np.empty(data, dtype), np.empty(data, dtype)

    def _scaled(self, normalized: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        if self._gamma is None:
            np.copyto(out, normalized)
        else:
            np.multiply(normalized, self._gamma, out)
        if self._beta is not None:
            np.add(out, self._beta, out)

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:  # noqa: ARG002 - `forward` stored what it needs
        """Store dL/dgamma = sum(dL/dout · n) and dL/dbeta = sum(dL/dout), over the rows."""
        if self._gamma_gradient is not None:
            np.multiply(delta, self._normalized, self._scratch)
            np.add.reduce(self._scratch, axis=self._alike, keepdims=True, out=self._gamma_gradient)
        if self._beta_gradient is not None:
            np.add.reduce(delta, axis=self._alike, keepdims=True, out=self._beta_gradient)

    def _unscaled(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dn = gamma · dL/dout."""
        if self._gamma is None:
            np.copyto(out, delta)
        else:
            np.multiply(delta, self._gamma, out)


def mean_over(values: FloatArray, axes: int | tuple[int, ...], out: FloatArray) -> None:
    """Write the mean along one axis or several, kept with length 1."""
    np.add.reduce(values, axis=axes, keepdims=True, out=out)
    of = values.shape[axes] if isinstance(axes, int) else prod(values.shape[axis] for axis in axes)
    np.multiply(out, 1 / of, out)


def positive(name: str, value: float) -> float:
    """Return ``value`` as a float if it is positive; otherwise raise a ValueError."""
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value!r}")
    return float(value)
