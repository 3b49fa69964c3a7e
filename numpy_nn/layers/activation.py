"""Activations as layers: ``Dense(8), ReLU()`` in place of ``Dense(8, activation="relu")``.

After a layer without an activation such a layer costs nothing: the network applies it in place to that layer's output.
`PReLU` has weights, so it has a stage.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from numpy_nn import activations, constraints, initializers, regularizers
from numpy_nn.activations import Activation as Function
from numpy_nn.activations.base import LAYERS
from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Layer, not_negative
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Shape
from numpy_nn.regularizers import Regularizer


class ActivationLayer(Layer):
    """A layer that only applies its `activation`; another layer may take it as its activation."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        LAYERS[cls.__name__] = cls

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same for all
        """Return a stage that copies its input, for the activation to change in place."""
        return Stage()


class Activation(ActivationLayer):
    """Applies an activation, given by name or as an object. Matches ``keras.layers.Activation``."""

    def __init__(self, activation: str | Function | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)


class ReLU(ActivationLayer):
    """a = min(z, max_value) for z > threshold, else negative_slope · (z - threshold).

    Matches ``keras.layers.ReLU``.

    Raises:
        ValueError: if an argument is negative.
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else not_negative("max_value", max_value)
        self.negative_slope = not_negative("negative_slope", negative_slope)
        self.threshold = not_negative("threshold", threshold)
        plain = max_value is None and not negative_slope and not threshold
        self.activation = (
            activations.relu if plain else activations.RectifiedLinear(negative_slope, max_value, threshold)
        )


class LeakyReLU(ActivationLayer):
    """a = z for z > 0, else negative_slope · z. Matches ``keras.layers.LeakyReLU``.

    Raises:
        ValueError: if ``negative_slope`` is negative.
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:  # as Keras 3 still takes it
            negative_slope = kwargs.pop("alpha")
            warnings.warn("LeakyReLU's alpha is called negative_slope in Keras 3", stacklevel=2)
        super().__init__(**kwargs)
        self.negative_slope = not_negative("negative_slope", negative_slope)
        self.activation = activations.RectifiedLinear(negative_slope)


class ELU(ActivationLayer):
    """a = z for z > 0, else alpha · (exp(z) - 1). Matches ``keras.layers.ELU``. Clevert et al., 2016."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self.activation = activations.elu.configured(alpha=alpha)


class Softmax(ActivationLayer):
    """a = exp(z) / sum(exp(z)) over the units. Matches ``keras.layers.Softmax`` over the last axis.

    Raises:
        ValueError: if ``axis`` is not -1.
    """

    activation = activations.softmax

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if axis != -1:
            raise ValueError(f"axis must be -1, the units' axis, got {axis!r}")
        self.axis = axis


class PReLU(Layer):
    """a = z for z > 0, else alpha · z, with a learned alpha for each feature. Matches ``keras.layers.PReLU``.

    ``shared_axes`` lists the axes, counted from 1, along which all features share one alpha. He et al., 2015.
    """

    def __init__(
        self,
        alpha_initializer: str | Initializer = "zeros",
        alpha_regularizer: str | Regularizer | None = None,
        alpha_constraint: str | Constraint | None = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        axes = [shared_axes] if isinstance(shared_axes, int) else shared_axes
        self.shared_axes = None if axes is None else list(axes)

    alpha: FloatArray

    def _weights_of(self, shape: Shape) -> list[Weight]:
        shared = self.shared_axes or []
        if not all(1 <= axis <= len(shape) for axis in shared):
            raise ValueError(
                f"shared_axes must lie between 1 and {len(shape)} for rows of the shape {shape}, got {shared}"
            )
        alphas = tuple(1 if axis in shared else size for axis, size in enumerate(shape, start=1))
        return [Weight("alpha", alphas, self.alpha_initializer, self.alpha_regularizer, self.alpha_constraint)]

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:
        """Return a stage with a buffer for the slopes."""
        return _Parametric(self.alpha, self.gradients["alpha"], (*self.row, rows), dtype, training)


class _Parametric(Stage):
    """a = max(z, 0) + alpha min(z, 0)."""

    def __init__(
        self, alpha: FloatArray, gradient: FloatArray, shape: Shape, dtype: np.dtype[Any], training: bool
    ) -> None:
        self._alpha = alpha[..., np.newaxis]  #                 (..., 1), for data as (..., rows)
        self._gradient = gradient[..., np.newaxis]
        self._summed = tuple(axis for axis, size in enumerate(self._alpha.shape) if size != shape[axis])
        self._shape = shape
        self._slope = np.empty(shape, dtype)
        self._negative = np.empty(shape, dtype) if training else self._slope

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write a."""
        z, a = x.reshape(self._shape), out.reshape(self._shape)
        np.minimum(z, 0, out=self._negative)
        np.multiply(self._negative, self._alpha, self._slope)
        np.maximum(z, 0, out=a)
        np.add(a, self._slope, a)

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:  # noqa: ARG002 - `forward` stored what it needs
        """Store dL/dalpha = the sum of dL/da · min(z, 0) over the rows and the shared axes."""
        np.multiply(delta.reshape(self._shape), self._negative, self._slope)
        np.sum(self._slope, axis=self._summed, keepdims=True, out=self._gradient)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dz = dL/da · (1 for z >= 0, else alpha)."""
        np.less(self._negative, 0, out=self._slope, casting="unsafe")
        np.multiply(self._slope, self._alpha - 1, self._slope)
        np.add(self._slope, 1, self._slope)
        np.multiply(delta.reshape(self._shape), self._slope, out.reshape(self._shape))
