"""Noise layers, which reduce overfitting: active in training, idle in prediction.

Each layer has its own ``generator``; the same seed gives the same noise. The generators are NumPy's, so the same seed
gives different noise in Keras; the distributions are equal.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.layers.layer import Layer, share
from numpy_nn.layers.stage import Stage
from numpy_nn.layers.symbols import Shape
from numpy_nn.randomness import generator

if TYPE_CHECKING:
    from numpy.random import Generator

# The constants of SELU, at which self-normalizing networks keep their mean and variance. Klambauer et al., 2017.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


class Noise(Layer):
    """A layer that adds noise to its input in training.

    Attributes:
        generator: the source of the noise, created from ``seed`` or, without one, from the network's generator.
    """

    strength: float

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = generator(seed)

    def initialize(self, rng: Generator) -> None:
        """Draw the weights and reset the generator."""
        super().initialize(rng)
        self.generator = generator(self.seed) if self.seed is not None else rng.spawn(1)[0]

    def idle(self, training: bool) -> bool:
        """Return True in prediction, or if the noise has no strength."""
        return not training or not self.strength


class Dropout(Noise):
    """Sets a share ``rate`` of the inputs to zero, and divides the others by 1 - rate.

    Matches ``keras.layers.Dropout``. Srivastava et al., 2014.

    Args:
        rate: the share of inputs to drop, between 0 and 1.
        noise_shape: the shape of the random draw, such as (None, 1) to drop whole rows; by default each value is drawn.
        seed: the seed of the noise.

    Raises:
        ValueError: if ``rate`` lies outside [0, 1].
    """

    arguments = ("rate", "seed", "noise_shape")

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = self.strength = share("rate", rate)
        if noise_shape is not None and not isinstance(noise_shape, list | tuple):
            raise ValueError(f"noise_shape must be a tuple such as (None, 1), got {noise_shape!r}")
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - idle in prediction
        """Return a stage with a buffer for the mask."""
        return _Dropped(self, rows, dtype)

    def drawn_shape(self, rows: int) -> Shape:
        """Return the shape of the draw, feature-major; a ValueError if ``noise_shape`` does not fit the input."""
        inputs = math.prod(self.row)
        if self.noise_shape is None:
            return (inputs, rows)
        shape = tuple(
            have if want is None else want for want, have in zip(self.noise_shape, (rows, inputs), strict=False)
        )
        if len(self.row) != 1 or len(self.noise_shape) != 2 or shape[0] not in (1, rows) or shape[1] not in (1, inputs):
            raise ValueError(
                f"noise_shape of {self.name} must be rows or 1, {inputs} or 1, for {rows} rows of {inputs} features, "
                f"got {self.noise_shape}"
            )
        return shape[::-1]


class _Dropped(Stage):
    """out = x · mask, where mask is 1 / (1 - rate) for kept inputs, else 0."""

    def __init__(self, layer: Dropout, rows: int, dtype: np.dtype[Any]) -> None:
        self._layer = layer
        self._mask = np.empty(layer.drawn_shape(rows), dtype)
        self._scale = 1.0 / (1.0 - layer.rate) if layer.rate < 1 else 0.0

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Draw the mask, and write x · mask."""
        mask = self._mask
        self._layer.generator.random(dtype=mask.dtype.type, out=mask)
        np.greater_equal(mask, self._layer.rate, out=mask, casting="unsafe")
        np.multiply(mask, self._scale, mask)
        np.multiply(x, mask, out)  #                            (inputs, rows)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dx = dL/dout · mask."""
        np.multiply(delta, self._mask, out)


class AlphaDropout(Dropout):
    """Sets a share ``rate`` of the inputs to SELU's limit, then restores mean and variance: for SELU networks.

    Matches ``keras.layers.AlphaDropout``. Klambauer et al., 2017.
    """

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002
        """Return a stage with a buffer for the mask."""
        return _AlphaDropped(self, rows, dtype)


class _AlphaDropped(_Dropped):
    """out = a · (x · kept + limit · (1 - kept)) + b, where a and b preserve mean 0 and variance 1."""

    def __init__(self, layer: AlphaDropout, rows: int, dtype: np.dtype[Any]) -> None:
        limit, rate = -_SELU_ALPHA * _SELU_SCALE, layer.rate
        super().__init__(layer, rows, dtype)
        # At a rate of 1 everything is dropped, and the variance cannot be restored; Keras divides zero by zero.
        self._a = ((1 - rate) * (1 + rate * limit**2)) ** -0.5 if rate < 1 else math.nan
        self._dropped = self._a * limit - self._a * limit * rate
        self._b = -self._a * limit * rate

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Draw the mask; write a x + b for kept inputs, a · limit + b for the others."""
        mask = self._mask
        self._layer.generator.random(dtype=mask.dtype.type, out=mask)
        np.greater_equal(mask, self._layer.rate, out=mask, casting="unsafe")
        np.multiply(x, self._a, out)
        np.add(out, self._b - self._dropped, out)
        np.multiply(out, mask, out)  #                          (a x + b - dropped) · kept
        np.add(out, self._dropped, out)
        np.multiply(mask, self._a, mask)  #                     the factor of the gradient: a for kept inputs, else 0


class GaussianNoise(Noise):
    """Adds noise from N(0, stddev²). Matches ``keras.layers.GaussianNoise``.

    Raises:
        ValueError: if ``stddev`` lies outside [0, 1], as in Keras.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.stddev = self.strength = share("stddev", stddev)

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - idle in prediction
        """Return a stage with a buffer for the noise."""
        return _Shaken(self, rows, dtype)


class _Shaken(Stage):
    """out = x + noise; the gradient passes unchanged."""

    def __init__(self, layer: GaussianNoise, rows: int, dtype: np.dtype[Any]) -> None:
        self._layer = layer
        self._noise = np.empty((math.prod(layer.row), rows), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Draw the noise and add it."""
        noise = self._noise
        self._layer.generator.standard_normal(dtype=noise.dtype.type, out=noise)
        np.multiply(noise, self._layer.stddev, noise)
        np.add(x, noise, out)  #                                (inputs, rows)


class GaussianDropout(Noise):
    """Multiplies by noise from N(1, rate / (1 - rate)). Matches ``keras.layers.GaussianDropout``.

    Raises:
        ValueError: if ``rate`` lies outside [0, 1).
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = self.strength = share("rate", rate)
        if rate == 1:
            raise ValueError("rate of GaussianDropout must be less than 1, got 1")

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - idle in prediction
        """Return a stage with a buffer for the noise."""
        return _Scaled(self, rows, dtype)


class _Scaled(Stage):
    """out = x · noise."""

    def __init__(self, layer: GaussianDropout, rows: int, dtype: np.dtype[Any]) -> None:
        self._layer = layer
        self._stddev = math.sqrt(layer.rate / (1.0 - layer.rate))
        self._noise = np.empty((math.prod(layer.row), rows), dtype)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Draw the noise and multiply by it."""
        noise = self._noise
        self._layer.generator.standard_normal(dtype=noise.dtype.type, out=noise)
        np.multiply(noise, self._stddev, noise)
        np.add(noise, 1, noise)
        np.multiply(x, noise, out)  #                           (inputs, rows)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dx = dL/dout · noise."""
        np.multiply(delta, self._noise, out)
