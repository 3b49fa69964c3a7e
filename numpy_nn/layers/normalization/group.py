"""Group normalization: each row over groups of its channels."""

from __future__ import annotations  # evaluated, they would take a third of the import

from math import prod
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Shape, Stage, Weight, count
from numpy_nn.layers.normalization.row import ByRow
from numpy_nn.layers.normalization.scaled import ScaledAndShifted
from numpy_nn.regularizers import Regularizer


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
        shape = tuple(size or 0 for size in self.input_shape[1:])
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
