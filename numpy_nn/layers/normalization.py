"""Normalization: keeping the numbers between layers near mean 0 and variance 1.

All of these but `UnitNormalization` end with a scale (gamma), and most with a shift (beta), that are learned. Writing n
for what is normalized, the derivatives of all are of one kind: with g = dL/dn,

    dL/dx = s (g - mean(g) - n mean(g n))

where s is what x was divided by, inverted, and the means run over what x was normalized over: the rows of the batch
for `BatchNormalization`, the features of a row for the others, which leave mean(g) out if they take no mean off.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from numpy_nn import constraints, initializers, regularizers
from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Layer, Shape, Stage, Weight, over_features
from numpy_nn.regularizers import Regularizer

# By the module that a part comes from, what makes one of its name.
_GET: dict[str, Callable[[Any], Any]] = {
    "initializers": initializers.get,
    "regularizers": regularizers.get,
    "constraints": constraints.get,
}


class ScaledAndShifted(Layer):
    """A normalization that ends with gamma n + beta, either of which may be left out."""

    _parts: ClassVar[dict[str, str]] = {
        "beta_initializer": "initializers",
        "gamma_initializer": "initializers",
        "moving_mean_initializer": "initializers",
        "moving_variance_initializer": "initializers",
        "beta_regularizer": "regularizers",
        "gamma_regularizer": "regularizers",
        "beta_constraint": "constraints",
        "gamma_constraint": "constraints",
    }

    axis: int | list[int]
    center: bool
    scale: bool
    beta_initializer: Initializer
    gamma_initializer: Initializer
    beta_regularizer: Regularizer | None
    gamma_regularizer: Regularizer | None
    beta_constraint: Constraint | None
    gamma_constraint: Constraint | None

    def __init__(self, given: Mapping[str, Any], **kwargs: Any) -> None:
        """Keep a subclass's arguments, its ``locals()``, under their names: what `get_config` gives back.

        Of what `_parts` names the object is kept that the argument stands for.
        """
        super().__init__(**kwargs)
        for name in self._arguments:
            module = self._parts.get(name)
            setattr(self, name, given[name] if module is None else _GET[module](given[name]))
        self.axis = given["axis"] if isinstance(given["axis"], int) else list(given["axis"])
        self.epsilon = _positive("epsilon", given["epsilon"])
        self.gamma: FloatArray | None = None
        self.beta: FloatArray | None = None

    def _output_of(self, shape: Shape) -> Shape:
        over_features(self, self.axis, shape)
        return shape

    def _weights_of(self, shape: Shape) -> list[Weight]:
        gamma = Weight("gamma", shape, self.gamma_initializer, self.gamma_regularizer, self.gamma_constraint)
        beta = Weight("beta", shape, self.beta_initializer, self.beta_regularizer, self.beta_constraint)
        return [*([gamma] if self.scale else []), *([beta] if self.center else [])]


class _ScaleAndShift(Stage):
    """out = gamma n + beta, where a subclass writes n, (features, rows), and turns dL/dn into dL/dx."""

    def __init__(self, gradients: dict[str, FloatArray], gamma: FloatArray | None, beta: FloatArray | None) -> None:
        self._gamma = None if gamma is None else gamma[:, np.newaxis]  #                  (features, 1)
        self._beta = None if beta is None else beta[:, np.newaxis]
        self._gamma_gradient = None if gamma is None else gradients["gamma"]
        self._beta_gradient = None if beta is None else gradients["beta"]

    _normalized: FloatArray
    _scratch: FloatArray

    def _scaled(self, normalized: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        if self._gamma is None:
            np.copyto(out, normalized)
        else:
            np.multiply(normalized, self._gamma, out)
        if self._beta is not None:
            np.add(out, self._beta, out)

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:  # noqa: ARG002 - `forward` kept what it needs
        """Keep dL/dgamma = sum(dL/dout · n) and dL/dbeta = sum(dL/dout), over the rows."""
        if self._gamma_gradient is not None:
            np.multiply(delta, self._normalized, self._scratch)
            np.add.reduce(self._scratch, axis=1, out=self._gamma_gradient)
        if self._beta_gradient is not None:
            np.add.reduce(delta, axis=1, out=self._beta_gradient)

    def _unscaled(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dn = gamma · dL/dout."""
        if self._gamma is None:
            np.copyto(out, delta)
        else:
            np.multiply(delta, self._gamma, out)


class BatchNormalization(ScaledAndShifted):
    """Normalizes each feature over the rows of the batch; in prediction, by moving averages of what training met.

        n = (x - mean) / sqrt(variance + epsilon)        out = gamma n + beta
        moving = momentum * moving + (1 - momentum) * statistic of the batch

    Matches ``keras.layers.BatchNormalization``. With ``trainable=False`` it predicts in training too, and its moving
    averages stand still. ``renorm`` is left out. Ioffe and Szegedy, 2015.

    Attributes:
        gamma, beta: the learned scale and shift, (features,), or None.
        moving_mean, moving_variance: the averages, (features,).

    Raises:
        ValueError: if an argument is out of range, or ``axis`` is not that of the features.
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
        synchronized: bool = False,  # between devices, of which there is one
        **kwargs: Any,
    ) -> None:
        super().__init__(locals(), **kwargs)
        if renorm or renorm_clipping:
            raise ValueError("renorm of BatchNormalization must be False: batch renormalization is left out")
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
        """Return the layer by the batch's statistics in training, otherwise by the moving ones."""
        return (_ByBatch if training and self.trainable else _ByMovingAverages)(self, rows, dtype)


class _ByBatch(_ScaleAndShift):
    """`BatchNormalization` in training."""

    def __init__(self, layer: BatchNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta)
        self._layer = layer
        self._rows = rows
        self._normalized = np.empty((layer.moving_mean.size, rows), dtype)
        self._scratch = np.empty_like(self._normalized)
        self._mean, self._variance, self._inverse = np.empty((3, layer.moving_mean.size, 1), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta, and let the moving averages follow."""
        layer, mean, variance, normalized = self._layer, self._mean, self._variance, self._normalized
        _mean(x, 1, mean)  #                                    (features, 1)
        np.subtract(x, mean, normalized)  #                     (features, rows)
        np.multiply(normalized, normalized, self._scratch)
        _mean(self._scratch, 1, variance)
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
        _mean(self._scratch, 1, mean)  #                        (features, 1)
        np.multiply(n, mean, self._scratch)
        _mean(out, 1, mean)
        np.subtract(out, mean, out)
        np.subtract(out, self._scratch, out)
        np.multiply(out, self._inverse, out)


class _ByMovingAverages(_ScaleAndShift):
    """`BatchNormalization` in prediction, and wherever it is not trainable: n is as linear in x as can be."""

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
        """Write s g: nothing else depends on x."""
        self._unscaled(delta, out)
        np.multiply(out, self._inverse, out)


class LayerNormalization(ScaledAndShifted):
    """Normalizes each row over its features, alike in training and prediction.

        n = (x - mean) / sqrt(variance + epsilon)        out = gamma n + beta

    Matches ``keras.layers.LayerNormalization``. Ba et al., 2016.

    Raises:
        ValueError: if ``epsilon`` is not positive, or ``axis`` is not that of the features.
    """

    _arguments = (
        "axis",
        "epsilon",
        "center",
        "scale",
        "rms_scaling",
        "beta_initializer",
        "gamma_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
    )

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
            raise ValueError("rms_scaling must be False: take RMSNormalization, as Keras advises too")

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - alike for both
        """Return the layer with a buffer for what is normalized."""
        return _ByRow(self, rows, dtype)


class _ByRow(_ScaleAndShift):
    """`LayerNormalization` at work."""

    def __init__(self, layer: LayerNormalization, rows: int, dtype: np.dtype[Any]) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta)
        self._epsilon = layer.epsilon
        self._normalized = np.empty((layer.input_shape[1] or 0, rows), dtype)
        self._scratch = np.empty_like(self._normalized)
        self._mean, self._inverse = np.empty((2, 1, rows), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        mean, inverse, normalized = self._mean, self._inverse, self._normalized
        _mean(x, 0, mean)  #                                    (1, rows)
        np.subtract(x, mean, normalized)  #                     (features, rows)
        np.multiply(normalized, normalized, self._scratch)
        _mean(self._scratch, 0, inverse)
        np.add(inverse, self._epsilon, inverse)
        np.sqrt(inverse, inverse)
        np.reciprocal(inverse, inverse)
        np.multiply(normalized, inverse, normalized)
        self._scaled(normalized, out)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - mean(g) - n mean(g n)), the means over the features."""
        mean, n = self._mean, self._normalized
        self._unscaled(delta, out)  #                           (features, rows)
        np.multiply(out, n, self._scratch)
        _mean(self._scratch, 0, mean)  #                        (1, rows)
        np.multiply(n, mean, self._scratch)
        _mean(out, 0, mean)
        np.subtract(out, mean, out)
        np.subtract(out, self._scratch, out)
        np.multiply(out, self._inverse, out)


class RMSNormalization(Layer):
    """Divides each row by the root of the mean square of its features.

        n = x / sqrt(mean(x²) + epsilon)        out = scale n

    Matches ``keras.layers.RMSNormalization``. Zhang and Sennrich, 2019.

    Raises:
        ValueError: if ``epsilon`` is not positive, or ``axis`` is not that of the features.
    """

    _arguments = ("axis", "epsilon")

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = _positive("epsilon", epsilon)

    scale: FloatArray

    def _output_of(self, shape: Shape) -> Shape:
        over_features(self, self.axis, shape)
        return shape

    def _weights_of(self, shape: Shape) -> list[Weight]:
        return [Weight("scale", shape, initializers.get("ones"))]

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - alike for both
        """Return the layer with a buffer for what is normalized."""
        return _ByRootMeanSquare(self, rows, dtype)


class _ByRootMeanSquare(_ScaleAndShift):
    """`RMSNormalization` at work; its scale is a gamma."""

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
        _mean(self._scratch, 0, inverse)  #                     (1, rows)
        np.add(inverse, self._epsilon, inverse)
        np.sqrt(inverse, inverse)
        np.reciprocal(inverse, inverse)
        np.multiply(x, inverse, self._normalized)  #            (features, rows)
        self._scaled(self._normalized, out)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - n mean(g n)), the mean over the features."""
        self._unscaled(delta, out)  #                           (features, rows)
        np.multiply(out, self._normalized, self._scratch)
        _mean(self._scratch, 0, self._mean)  #                  (1, rows)
        np.multiply(self._normalized, self._mean, self._scratch)
        np.subtract(out, self._scratch, out)
        np.multiply(out, self._inverse, out)


class UnitNormalization(Layer):
    """Divides each row by its length: n = x / |x|, or x · 1e12 where |x| is smaller than 1e-12.

    Matches ``keras.layers.UnitNormalization``.

    Raises:
        ValueError: if ``axis`` is not that of the features.
    """

    _arguments = ("axis",)

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)

    def _output_of(self, shape: Shape) -> Shape:
        over_features(self, self.axis, shape)
        return shape

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - alike for both
        """Return the layer with a buffer for what is normalized."""
        return _ByLength(self.input_shape[1] or 0, rows, dtype)


class _ByLength(Stage):
    """`UnitNormalization` at work."""

    _most = 1e12

    def __init__(self, features: int, rows: int, dtype: np.dtype[Any]) -> None:
        self._normalized = np.empty((features, rows), dtype)
        self._scratch = np.empty_like(self._normalized)
        self._sum, self._inverse = np.empty((2, 1, rows), dtype)

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
        """Write s (g - n sum(g n)); where s has reached its bound it is a constant, and the sum is left out."""
        np.multiply(delta, self._normalized, self._scratch)
        np.add.reduce(self._scratch, axis=0, keepdims=True, out=self._sum)
        np.copyto(self._sum, 0, where=self._inverse >= self._most)
        np.multiply(self._normalized, self._sum, self._scratch)
        np.subtract(delta, self._scratch, out)
        np.multiply(out, self._inverse, out)


def _mean(values: FloatArray, axis: int, out: FloatArray) -> None:
    """Write the mean along an axis, kept as an axis of length one."""
    np.add.reduce(values, axis=axis, keepdims=True, out=out)
    np.multiply(out, 1 / values.shape[axis], out)


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value!r}")
    return float(value)
