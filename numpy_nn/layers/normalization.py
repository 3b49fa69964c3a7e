"""Normalization: keeping the numbers between layers near mean 0 and variance 1.

All of these but `UnitNormalization` end with a scale (gamma), and most with a shift (beta), that are learned. Writing n
for what is normalized, the derivatives of all are of one kind: with g = dL/dn,

    dL/dx = s (g - mean(g) - n mean(g n))

where s is what x was divided by, inverted, and the means run over what x was normalized over: the rows of the batch
for `BatchNormalization`, the channels of a group for `GroupNormalization`, the features of a row for the others, which
leave mean(g) out if they take no mean off.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, ClassVar

import numpy as np

from numpy_nn import constraints, initializers, regularizers
from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Layer, Shape, Stage, Weight, count, over_features
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
    """out = gamma n + beta, where a subclass writes n, (features, rows), and turns dL/dn into dL/dx.

    Args:
        gradients: where those of gamma and beta go.
        gamma: (features,), or None.
        beta: likewise.
        shape: that in which gamma and beta go with n.
    """

    # The axes of n along which gamma and beta are the same.
    _alike: int | tuple[int, ...] = 1

    def __init__(
        self,
        gradients: dict[str, FloatArray],
        gamma: FloatArray | None,
        beta: FloatArray | None,
        shape: Shape = (-1, 1),
    ) -> None:
        self._gamma = None if gamma is None else gamma.reshape(shape)  #                  (features, 1)
        self._beta = None if beta is None else beta.reshape(shape)
        self._gamma_gradient = None if gamma is None else gradients["gamma"].reshape(shape)
        self._beta_gradient = None if beta is None else gradients["beta"].reshape(shape)

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
            np.add.reduce(self._scratch, axis=self._alike, keepdims=True, out=self._gamma_gradient)
        if self._beta_gradient is not None:
            np.add.reduce(delta, axis=self._alike, keepdims=True, out=self._beta_gradient)

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
        return _ByRow(self, dtype, (self.input_shape[1] or 0, rows), (1, rows))


class _ByRow(_ScaleAndShift):
    """`LayerNormalization` at work, on ``data``, (features, rows), whose means are (1, rows)."""

    # The axes of what is normalized together.
    _together: int | tuple[int, ...] = 0

    def __init__(
        self, layer: ScaledAndShifted, dtype: np.dtype[Any], data: Shape, means: Shape, weights: Shape = (-1, 1)
    ) -> None:
        super().__init__(layer.gradients, layer.gamma, layer.beta, weights)
        self._epsilon = layer.epsilon
        self._normalized = np.empty(data, dtype)
        self._scratch = np.empty_like(self._normalized)
        self._mean, self._inverse = np.empty((2, *means), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        mean, inverse, normalized = self._mean, self._inverse, self._normalized
        _mean(x, self._together, mean)  #                       (1, rows)
        np.subtract(x, mean, normalized)  #                     (features, rows)
        np.multiply(normalized, normalized, self._scratch)
        _mean(self._scratch, self._together, inverse)
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
        _mean(self._scratch, self._together, mean)  #           (1, rows)
        np.multiply(n, mean, self._scratch)
        _mean(out, self._together, mean)
        np.subtract(out, mean, out)
        np.subtract(out, self._scratch, out)
        np.multiply(out, self._inverse, out)


class GroupNormalization(ScaledAndShifted):
    """Normalizes each row over groups of its channels, alike in training and prediction.

        n = (x - mean) / sqrt(variance + epsilon)        out = gamma n + beta

    A channel is a place along ``axis``, which is the last one unless told: a feature of a row of features. Groups are
    of neighbouring channels, as many in each; mean and variance run over the channels of a group and all other axes of
    the row. Gamma and beta are (channels,). Matches ``keras.layers.GroupNormalization``. Wu and He, 2018.

    Args:
        groups: how many; -1 for one a channel, which is instance normalization, and is their number from then on.
        axis: that of the channels, counted from 0, the batch's, or from the end.

    Raises:
        ValueError: if ``epsilon`` is not positive, ``axis`` is none of a row, or ``groups`` does not divide the
            channels.
    """

    _arguments = (
        "groups",
        "axis",
        "epsilon",
        "center",
        "scale",
        "beta_initializer",
        "gamma_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
    )

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
            self.groups = count("groups, unless -1 for one a channel,", groups)

    groups: int

    def shape(self, row: Shape) -> Shape:
        """Settle the shapes and, if it was left open, the number of groups."""
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
        """Return which axis of a row is that of the channels, counted from 0."""
        axes = len(shape)
        if not isinstance(self.axis, int) or not (1 <= self.axis <= axes or -axes <= self.axis <= -1):
            raise ValueError(
                f"axis of {self.name} must be one of a row's, 1 to {axes} or -{axes} to -1 for rows of the shape "
                f"{shape}, got {self.axis!r}"
            )
        return self.axis % (axes + 1) - 1

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - alike for both
        """Return the layer with a buffer for what is normalized."""
        shape = tuple(size or 0 for size in self.input_shape[1:])
        place = self._place(shape)
        channels = shape[place] // self.groups
        data = prod(shape[:place]), self.groups, channels, prod(shape[place + 1 :]), rows
        means = 1, self.groups, 1, 1, rows
        return _ByGroup(self, dtype, data, means, (1, self.groups, channels, 1, 1))


class _ByGroup(_ByRow):
    """`GroupNormalization` at work, on data (axes before, groups, channels of a group, axes behind, rows).

    That is another look at flat data, whose numbers stay where they are.
    """

    _alike = (0, 3, 4)
    _together = (0, 2, 3)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write gamma n + beta."""
        super().forward(x.reshape(self._normalized.shape), out.reshape(self._normalized.shape))

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:
        """Keep dL/dgamma and dL/dbeta, summed over the rows and all axes but that of the channels."""
        super().weight_gradient(x, delta.reshape(self._normalized.shape))

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write s (g - mean(g) - n mean(g n)), the means over a group's channels and the other axes."""
        super().input_gradient(delta.reshape(self._normalized.shape), out.reshape(self._normalized.shape))


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


def _mean(values: FloatArray, axes: int | tuple[int, ...], out: FloatArray) -> None:
    """Write the mean along one axis or several, kept as axes of length one."""
    np.add.reduce(values, axis=axes, keepdims=True, out=out)
    of = values.shape[axes] if isinstance(axes, int) else prod(values.shape[axis] for axis in axes)
    np.multiply(out, 1 / of, out)


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value!r}")
    return float(value)
