"""Batch normalization: each feature over the rows of the batch."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import share
from numpy_nn.layers.normalization.row import ByRow
from numpy_nn.layers.normalization.scaled import ScaleAndShift, ScaledAndShifted
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Shape
from numpy_nn.regularizers import Regularizer


class BatchNormalization(ScaledAndShifted):
    """Normalizes each feature over the rows of the batch; prediction uses moving averages of the batches' statistics.

        n = (x - mean) / sqrt(variance + epsilon)        out = gamma n + beta
        moving = momentum * moving + (1 - momentum) * statistic of the batch

    Matches ``keras.layers.BatchNormalization``. With ``trainable=False`` training uses the moving averages too,
    and does not change them. ``renorm`` is not supported. Ioffe and Szegedy, 2015.

    Attributes:
        gamma, beta: the learned scale and shift, (features,), or None.
        moving_mean, moving_variance: the averages, (features,).

    Raises:
        ValueError: if an argument is out of range, or ``axis`` is not the features' axis.
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: str | Initializer = "zeros",
        gamma_initializer: str | Initializer = "ones",
        moving_mean_initializer: str | Initializer = "zeros",
        moving_variance_initializer: str | Initializer = "ones",
        beta_regularizer: str | Regularizer | None = None,
        gamma_regularizer: str | Regularizer | None = None,
        beta_constraint: str | Constraint | None = None,
        gamma_constraint: str | Constraint | None = None,
        renorm: bool = False,
        renorm_clipping: None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,  # has no effect: there is one device
        **kwargs: Any,
    ) -> None:
        super().__init__(locals(), **kwargs)
        if renorm or renorm_clipping:
            raise ValueError("renorm of BatchNormalization must be False: batch renormalization is not supported")
        self.momentum = float(share("momentum", momentum))

    moving_mean_initializer: Initializer
    moving_variance_initializer: Initializer
    moving_mean: FloatArray
    moving_variance: FloatArray

    def _weights_of(self, shape: Shape) -> list[Weight]:
        return [
            *super()._weights_of(shape),
            Weight("moving_mean", shape, self.moving_mean_initializer, trainable=False),
            Weight("moving_variance", shape, self.moving_variance_initializer, trainable=False),
        ]

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:
        """Return a stage that uses the batch's statistics in training, the moving averages otherwise."""
        return (_ByBatch if training and self.trainable else _ByMovingAverages)(self, rows, dtype)


class _ByBatch(ByRow):
    """`BatchNormalization` in training: normalizes each feature by the batch's statistics, (features, 1)."""

    _together = 1

    def __init__(self, layer: BatchNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__(layer, dtype, (*layer.row, rows), (*layer.row, 1))
        self._layer = layer

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta, and update the moving averages."""
        super().forward(x, out)
        layer = self._layer
        for moving, statistic in ((layer.moving_mean, self._mean), (layer.moving_variance, self._variance)):
            np.multiply(moving, layer.momentum, moving)
            np.multiply(statistic, 1 - layer.momentum, statistic)
            np.add(moving, statistic[:, 0], moving)


class _ByMovingAverages(ScaleAndShift):
    """`BatchNormalization` in prediction, or when not trainable: n is linear in x."""

    def __init__(self, layer: BatchNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta, (*layer.row, rows), dtype)
        self._layer = layer
        self._inverse = np.empty((*layer.row, 1), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        np.add(self._layer.moving_variance, self._layer.epsilon, self._inverse[:, 0])
        np.sqrt(self._inverse, self._inverse)
        np.reciprocal(self._inverse, self._inverse)
        np.subtract(x, self._layer.moving_mean[:, np.newaxis], self._normalized)
        np.multiply(self._normalized, self._inverse, self._normalized)
        self._scaled(self._normalized, out)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s g: the statistics do not depend on x."""
        self._unscaled(delta, out)
        np.multiply(out, self._inverse, out)
