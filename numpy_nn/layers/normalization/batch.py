"""Batch normalization: each feature over the rows of the batch."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Shape, Stage, Weight
from numpy_nn.layers.normalization.scaled import ScaleAndShift, ScaledAndShifted, mean_over
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

    _arguments = (
        "axis",
        "momentum",
        "epsilon",
        "center",
        "scale",
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
        "moving_variance_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
        "synchronized",
        "renorm",
        "renorm_clipping",
        "renorm_momentum",
    )

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
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be between 0 and 1, got {momentum!r}")
        self.momentum = float(momentum)

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


class _ByBatch(ScaleAndShift):
    """`BatchNormalization` in training: normalizes by the batch's statistics."""

    def __init__(self, layer: BatchNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta)
        self._layer = layer
        self._rows = rows
        self._normalized = np.empty((layer.moving_mean.size, rows), dtype)
        self._scratch = np.empty_like(self._normalized)
        self._mean, self._variance, self._inverse = np.empty((3, layer.moving_mean.size, 1), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta, and update the moving averages."""
        layer, mean, variance, normalized = self._layer, self._mean, self._variance, self._normalized
        mean_over(x, 1, mean)  #                                    (features, 1)
        np.subtract(x, mean, normalized)  #                     (features, rows)
        np.multiply(normalized, normalized, self._scratch)
        mean_over(self._scratch, 1, variance)
        np.add(variance, layer.epsilon, self._inverse)
        np.sqrt(self._inverse, self._inverse)
        np.reciprocal(self._inverse, self._inverse)
        np.multiply(normalized, self._inverse, normalized)
        self._scaled(normalized, out)
        for moving, statistic in ((layer.moving_mean, mean[:, 0]), (layer.moving_variance, variance[:, 0])):
            np.multiply(moving, layer.momentum, moving)
            np.multiply(statistic, 1 - layer.momentum, statistic)
            np.add(moving, statistic, moving)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - mean(g) - n mean(g n)), the means over the rows."""
        mean, n = self._mean, self._normalized
        self._unscaled(delta, out)  #                           (features, rows)
        np.multiply(out, n, self._scratch)
        mean_over(self._scratch, 1, mean)  #                        (features, 1)
        np.multiply(n, mean, self._scratch)
        mean_over(out, 1, mean)
        np.subtract(out, mean, out)
        np.subtract(out, self._scratch, out)
        np.multiply(out, self._inverse, out)


class _ByMovingAverages(ScaleAndShift):
    """`BatchNormalization` in prediction, or when not trainable: n is linear in x."""

    def __init__(self, layer: BatchNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta)
        self._layer = layer
        self._normalized = np.empty((layer.moving_mean.size, rows), dtype)
        self._scratch = np.empty_like(self._normalized)
        self._inverse = np.empty((layer.moving_mean.size, 1), dtype)

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
