"""Layer and root-mean-square normalization: each row over its features."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np

from numpy_nn import initializers
from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Layer, Shape, Stage, Weight, over_features
from numpy_nn.layers.normalization.scaled import ScaleAndShift, ScaledAndShifted, mean_over, positive
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
        return ByRow(self, dtype, (self.input_shape[1] or 0, rows), (1, rows))


class ByRow(ScaleAndShift):
    """The stage of `LayerNormalization`: ``data`` is (features, rows), its means are (1, rows)."""

    # The axes over which values are normalized together.
    _together: int | tuple[int, ...] = 0

    def __init__(
        self, layer: ScaledAndShifted, dtype: np.dtype[Any], data: Shape, means: Shape, weights: Shape = (-1, 1)
    ) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta, weights)
        self._epsilon = layer.epsilon
        self._normalized = np.empty(data, dtype)
        self._scratch = np.empty_like(self._normalized)
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


class RMSNormalization(Layer):
    """Divides each row by the root of the mean square of its features.

        n = x / sqrt(mean(x²) + epsilon)        out = scale n

    Matches ``keras.layers.RMSNormalization``. Zhang and Sennrich, 2019.

    Raises:
        ValueError: if ``epsilon`` is not positive, or ``axis`` is not the features' axis.
    """

    _arguments = ("axis", "epsilon")

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = positive("epsilon", epsilon)

    scale: FloatArray

    def _output_of(self, shape: Shape) -> Shape:
        over_features(self, self.axis, shape)
        return shape

    def _weights_of(self, shape: Shape) -> list[Weight]:
        return [Weight("scale", shape, initializers.get("ones"))]

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return a stage with its buffers."""
        return _ByRootMeanSquare(self, rows, dtype)


class _ByRootMeanSquare(ScaleAndShift):
    """The stage of `RMSNormalization`, whose scale is a gamma."""

    def __init__(self, layer: RMSNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__({"gamma": layer.gradients["scale"]}, layer.scale, None)
        self._epsilon = layer.epsilon
        self._normalized = np.empty((layer.scale.size, rows), dtype)
        self._scratch = np.empty_like(self._normalized)
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
