"""Normalization of each row by itself, over its features or groups of them."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn import initializers
from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import count
from numpy_nn.layers.normalization.scaled import OverFeatures, ScaleAndShift, ScaledAndShifted, mean_over, positive
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Shape
from numpy_nn.regularizers import Regularizer


class LayerNormalization(ScaledAndShifted):
    """Normalizes each row over its features, in training and prediction.

        n = (x - mean) / sqrt(variance + epsilon)        out = gamma n + beta

    Matches ``keras.layers.LayerNormalization``. Ba et al., 2016.

    Raises:
        ValueError: if ``epsilon`` is not positive, or ``axis`` is not the features' axis.
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: str | Initializer = "zeros",
        gamma_initializer: str | Initializer = "ones",
        beta_regularizer: str | Regularizer | None = None,
        gamma_regularizer: str | Regularizer | None = None,
        beta_constraint: str | Constraint | None = None,
        gamma_constraint: str | Constraint | None = None,
        rms_scaling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(locals(), **kwargs)
        if rms_scaling:
            raise ValueError(f"rms_scaling must be False, got {rms_scaling!r}: use RMSNormalization, as Keras advises")

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return a stage with its buffers."""
        return ByRow(self, dtype, (*self.row, rows), (1, rows))


class ByRow(ScaleAndShift):
    """The stage of `LayerNormalization`: ``data`` is (features, rows), its means are (1, rows)."""

    # The axes over which values are normalized together.
    _together: int | tuple[int, ...] = 0

    def __init__(
        self, layer: ScaledAndShifted, dtype: np.dtype[Any], data: Shape, means: Shape, weights: Shape = (-1, 1)
    ) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta, data, dtype, weights)
        self._epsilon = layer.epsilon
        self._mean, self._variance, self._inverse = np.empty((3, *means), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        mean, inverse, normalized = self._mean, self._inverse, self._normalized
        mean_over(x, self._together, mean)  #                       (1, rows)
        np.subtract(x, mean, normalized)  #                     (features, rows)
        np.multiply(normalized, normalized, self._scratch)
        mean_over(self._scratch, self._together, self._variance)
        np.add(self._variance, self._epsilon, inverse)
        np.sqrt(inverse, inverse)
        np.reciprocal(inverse, inverse)
        np.multiply(normalized, inverse, normalized)
        self._scaled(normalized, out)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - mean(g) - n mean(g n)), the means over the values normalized together."""
        mean, n = self._mean, self._normalized
        self._unscaled(delta, out)  #                           (features, rows)
        np.multiply(out, n, self._scratch)
        mean_over(self._scratch, self._together, mean)  #           (1, rows)
        np.multiply(n, mean, self._scratch)
        mean_over(out, self._together, mean)
        np.subtract(out, mean, out)
        np.subtract(out, self._scratch, out)
        np.multiply(out, self._inverse, out)


class RMSNormalization(OverFeatures):
    """Divides each row by the root of the mean square of its features.

        n = x / sqrt(mean(x²) + epsilon)        out = scale n

    Matches ``keras.layers.RMSNormalization``. Zhang and Sennrich, 2019.

    Raises:
        ValueError: if ``epsilon`` is not positive, or ``axis`` is not the features' axis.
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(axis, **kwargs)
        self.epsilon = positive("epsilon", epsilon)

    scale: FloatArray

    def _weights_of(self, shape: Shape) -> list[Weight]:
        return [Weight("scale", shape, initializers.get("ones"))]

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return a stage with its buffers."""
        return _ByRootMeanSquare(self, rows, dtype)


class _ByRootMeanSquare(ScaleAndShift):
    """The stage of `RMSNormalization`, whose scale is a gamma."""

    def __init__(self, layer: RMSNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__({"gamma": layer.gradients["scale"]}, layer.scale, None, (*layer.row, rows), dtype)
        self._epsilon = layer.epsilon
        self._mean, self._inverse = np.empty((2, 1, rows), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write scale · n."""
        inverse = self._inverse
        np.multiply(x, x, self._scratch)
        mean_over(self._scratch, 0, inverse)  #                     (1, rows)
        np.add(inverse, self._epsilon, inverse)
        np.sqrt(inverse, inverse)
        np.reciprocal(inverse, inverse)
        np.multiply(x, inverse, self._normalized)  #            (features, rows)
        self._scaled(self._normalized, out)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - n mean(g n)), the mean over the features."""
        self._unscaled(delta, out)  #                           (features, rows)
        np.multiply(out, self._normalized, self._scratch)
        mean_over(self._scratch, 0, self._mean)  #                  (1, rows)
        np.multiply(self._normalized, self._mean, self._scratch)
        np.subtract(out, self._scratch, out)
        np.multiply(out, self._inverse, out)


class GroupNormalization(ScaledAndShifted):
    """Normalizes each row over groups of its channels, in training and prediction.

        n = (x - mean) / sqrt(variance + epsilon)        out = gamma n + beta

    A channel is an index along ``axis``, by default the last: in a row of features, one feature. Groups hold equally
    many neighbouring channels; mean and variance are taken over the channels of a group and all other axes of the row.
    Gamma and beta are (channels,). Matches ``keras.layers.GroupNormalization``. Wu and He, 2018.

    Args:
        groups: the number of groups; -1, replaced by the number of channels when the layer is built, makes each channel
            a group: instance normalization.
        axis: the axis of the channels, counted from 0 (the rows) or from the end.

    Raises:
        ValueError: if ``epsilon`` is not positive, ``axis`` is not an axis of a row, or ``groups`` does not divide the
            channels.
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: str | Initializer = "zeros",
        gamma_initializer: str | Initializer = "ones",
        beta_regularizer: str | Regularizer | None = None,
        gamma_regularizer: str | Regularizer | None = None,
        beta_constraint: str | Constraint | None = None,
        gamma_constraint: str | Constraint | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(locals(), **kwargs)
        if groups != -1:
            self.groups = count("groups, unless -1 for one per channel,", groups)

    groups: int

    def shape(self, row: Shape) -> Shape:
        """Set the shapes and, if ``groups`` is -1, the number of groups."""
        if self.groups == -1:
            self.groups = row[self._place(row)]
        return super().shape(row)

    def _output_of(self, shape: Shape) -> Shape:
        channels = shape[self._place(shape)]
        if self.groups != -1 and channels % self.groups:
            raise ValueError(f"groups of {self.name} must divide its {channels} channels, got {self.groups}")
        return shape

    def _weights_of(self, shape: Shape) -> list[Weight]:
        return super()._weights_of((shape[self._place(shape)],))

    def _place(self, shape: Shape) -> int:
        """Return the channels' axis, counted from 0 within a row."""
        axes = len(shape)
        if not isinstance(self.axis, int) or not (1 <= self.axis <= axes or -axes <= self.axis <= -1):
            raise ValueError(
                f"axis of {self.name} must be an axis of a row, 1 to {axes} or -{axes} to -1 for rows of the shape "
                f"{shape}, got {self.axis!r}"
            )
        return self.axis % (axes + 1) - 1

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return a stage with its buffers."""
        shape = self.row
        place = self._place(shape)
        channels = shape[place] // self.groups
        data = prod(shape[:place]), self.groups, channels, prod(shape[place + 1 :]), rows
        means = 1, self.groups, 1, 1, rows
        return _ByGroup(self, dtype, data, means, (1, self.groups, channels, 1, 1))


class _ByGroup(ByRow):
    """The stage of `GroupNormalization`: data is (axes before, groups, channels of a group, axes after, rows).

    These are views of the flat data, without copies.
    """

    _alike = (0, 3, 4)
    _together = (0, 2, 3)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        super().forward(x.reshape(self._normalized.shape), out.reshape(self._normalized.shape))

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:
        """Store dL/dgamma and dL/dbeta, summed over the rows and all axes except the channels'."""
        super().weight_gradient(x, delta.reshape(self._normalized.shape))

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - mean(g) - n mean(g n)), the means over a group's channels and the other axes."""
        super().input_gradient(delta.reshape(self._normalized.shape), out.reshape(self._normalized.shape))


class UnitNormalization(OverFeatures):
    """Divides each row by its length: n = x / |x|, or x · 1e12 where |x| is smaller than 1e-12.

    Matches ``keras.layers.UnitNormalization``.

    Raises:
        ValueError: if ``axis`` is not the features' axis.
    """

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return a stage with its buffers."""
        return _ByLength((*self.row, rows), dtype)


class _ByLength(Stage):
    """The stage of `UnitNormalization`."""

    _most = 1e12

    def __init__(self, data: Shape, dtype: np.dtype[Any]) -> None:
        self._normalized, self._scratch = np.empty(data, dtype), np.empty(data, dtype)
        self._sum, self._inverse = np.empty((2, 1, data[1]), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write n = s x, with s = 1 / |x|."""
        np.multiply(x, x, self._scratch)
        np.add.reduce(self._scratch, axis=0, keepdims=True, out=self._inverse)  #         (1, rows)
        np.sqrt(self._inverse, self._inverse)
        np.maximum(self._inverse, 1 / self._most, out=self._inverse)
        np.reciprocal(self._inverse, self._inverse)
        np.multiply(x, self._inverse, self._normalized)  #                                (features, rows)
        np.copyto(out, self._normalized)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - n sum(g n)); where s is at its bound, it is constant and the sum is omitted."""
        np.multiply(delta, self._normalized, self._scratch)
        np.add.reduce(self._scratch, axis=0, keepdims=True, out=self._sum)
        np.copyto(self._sum, 0, where=self._inverse >= self._most)
        np.multiply(self._normalized, self._sum, self._scratch)
        np.subtract(delta, self._scratch, out)
        np.multiply(out, self._inverse, out)
