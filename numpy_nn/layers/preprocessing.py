"""Layers that prepare raw features; no gradient changes their weights."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import initializers
from numpy_nn.arrays import Array, FloatArray
from numpy_nn.frames import array_of_numbers
from numpy_nn.layers.layer import Layer
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Shape

# Keras's lower bound of divisors: keras.config.epsilon().
_EPSILON = 1e-7


class Rescaling(Layer):
    """x · scale + offset: ``Rescaling(1 / 255)`` for bytes. Matches ``keras.layers.Rescaling``.

    Each is a number, or an array with one number per feature.
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return the stage."""
        return _ScaledBy(_flat(self.scale, self.row, dtype), _flat(self.offset, self.row, dtype))


class _ScaledBy(Stage):
    """out = x · scale + offset, each (features, 1)."""

    def __init__(self, scale: FloatArray, offset: FloatArray) -> None:
        self._scale = scale
        self._offset = offset

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write x · scale + offset."""
        np.multiply(x, self._scale, out)
        np.add(out, self._offset, out)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dx = dL/dout · scale."""
        np.multiply(delta, self._scale, out)


class Normalization(Layer):
    """(x - mean) / sqrt(variance), with statistics that are given or computed by `adapt` before training.

    Matches ``keras.layers.Normalization``. The square root is at least 1e-7.

    Args:
        axis: the axes with separate statistics: -1 for one mean per feature, None for one mean of all values.
        mean: the means, if known; requires ``variance``.
        variance: the variances, if known; requires ``mean``.
        invert: whether to undo the normalization instead.

    Raises:
        ValueError: if one of mean and variance is given without the other, their shapes differ, or they have more
            dimensions than ``axis`` names axes.
    """

    arguments = ("axis", "invert", "mean", "variance")

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ValueError(f"mean and variance go together, got mean={mean!r} and variance={variance!r}")
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise ValueError(f"mean and variance must have one shape, got {np.shape(mean)} and {np.shape(variance)}")
        self.axis = tuple([axis] if isinstance(axis, int) else axis or ())
        if np.ndim(mean) > len(self.axis):
            raise ValueError(
                f"mean must have at most {len(self.axis)} dimensions, one for each axis, got {np.shape(mean)}"
            )
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert

    # Whether `adapt` was given (rows,), which sets the shape of `mean`.
    _adapted_to_one_axis = False
    adapt_mean: FloatArray
    adapt_variance: FloatArray
    count: FloatArray

    def _kept(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes of a row with separate statistics."""
        rank = len(shape) + 1
        axes = sorted(axis + rank if axis < 0 else axis for axis in self.axis)
        if not all(0 < axis < rank for axis in axes):
            raise ValueError(f"axis of {self.name} must name axes of rows of the shape {shape}, got {self.axis}")
        return tuple(axis - 1 for axis in axes)

    def _weights_of(self, shape: Shape) -> list[Weight]:
        kept = tuple(shape[axis] for axis in self._kept(shape))
        if self.input_mean is not None:
            given = np.shape(self.input_mean)
            if any(own not in (1, size) for own, size in zip(given[::-1], kept[::-1], strict=False)):
                raise ValueError(f"mean of {self.name} must have the shape {kept}, or 1 for a size, got {given}")
            return []
        zeros, ones = initializers.get("zeros"), initializers.get("ones")
        return [
            Weight("adapt_mean", kept, zeros, trainable=False),
            Weight("adapt_variance", kept, ones, trainable=False),
            Weight("count", (), zeros, trainable=False),  # Keras stores it without using it
        ]

    @property
    def mean(self) -> Any:
        """The means, (1, ...) with the sizes of the axes that ``axis`` names and 1 for others; None until built."""
        return self._shown(self.input_mean, "adapt_mean")

    @property
    def variance(self) -> Any:
        """The variances, shaped as `mean`; None until built."""
        return self._shown(self.input_variance, "adapt_variance")

    def _shown(self, given: Any, name: str) -> Array | None:
        if not self.built:
            return None
        values = self._spread(given, name)
        if self._adapted_to_one_axis:
            return np.array(values.reshape(1)).view(Array)
        kept = self._kept(self.row)
        place = [size if axis in kept else 1 for axis, size in enumerate(self.row)]
        return np.array(np.broadcast_to(values, (1, *place)), self.dtype).view(Array)

    def _spread(self, given: Any, name: str) -> npt.NDArray[Any]:
        """Return statistics, those given or else the weight of that name, with an axis for each of a row."""
        values = np.asarray(getattr(self, name) if given is None else given)
        kept = self._kept(self.row)
        sizes = dict(zip(kept[len(kept) - values.ndim :], values.shape, strict=True))
        return values.reshape([sizes.get(axis, 1) for axis in range(len(self.row))])

    def adapt(self, data: Any) -> None:
        """Compute mean and variance from data, (rows, ...), or from what comes in batches.

        A column of numbers, (rows,), counts as rows of one feature.

        Raises:
            ValueError: if mean and variance were given, or the data is empty, or does not consist of numbers.
        """
        if self.input_mean is not None:
            raise ValueError(f"{self.name} has a given mean and variance, so it cannot adapt to data")
        array = _all_rows(data)
        if not len(array):
            raise ValueError("data must have at least one row, got none")
        self._adapted_to_one_axis = array.ndim == 1 and not self.axis  # Keras gives mean that shape then
        array = array[:, np.newaxis] if array.ndim == 1 else array
        if not self.built:
            self.build((None, *array.shape[1:]))
        if array.shape[1:] != self.input_shape[1:]:
            raise ValueError(f"data must have rows of the shape {self.input_shape[1:]}, got {array.shape[1:]}")
        kept = self._kept(array.shape[1:])
        others = tuple(axis for axis in range(array.ndim) if axis - 1 not in kept)
        self.adapt_mean[...] = array.mean(axis=others, dtype=np.float64)
        self.adapt_variance[...] = array.var(axis=others, dtype=np.float64)

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return the stage."""
        return _Standardized(self, dtype)

    def statistics(self, dtype: np.dtype[Any]) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation, (features, 1)."""
        mean = _flat(self._spread(self.input_mean, "adapt_mean"), self.row, dtype)
        variance = _flat(self._spread(self.input_variance, "adapt_variance"), self.row, dtype)
        return mean, np.maximum(np.sqrt(variance), _EPSILON)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this layer; the results of `adapt` are weights."""
        given = {"mean": self.input_mean, "variance": self.input_variance}
        plain = {name: None if value is None else np.asarray(value).tolist() for name, value in given.items()}
        return super().get_config() | plain | {"axis": list(self.axis)}


class _Standardized(Stage):
    """out = (x - mean) / deviation, or its inverse; reads the statistics at each call: `adapt` may change them."""

    def __init__(self, layer: Normalization, dtype: np.dtype[Any]) -> None:
        self._layer = layer
        self._dtype = dtype

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write the normalized values."""
        mean, deviation = self._layer.statistics(self._dtype)
        if self._layer.invert:
            np.multiply(x, deviation, out)
            np.add(out, mean, out)
        else:
            np.subtract(x, mean, out)
            np.divide(out, deviation, out)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dx."""
        _, deviation = self._layer.statistics(self._dtype)
        (np.multiply if self._layer.invert else np.divide)(delta, deviation, out)


def _all_rows(given: Any) -> npt.NDArray[Any]:
    """Return data, alone or in batches, which may be tuples that begin with it, as one array of all rows."""
    of_rows = isinstance(given, list | tuple) and given and getattr(given[0], "ndim", 0) < 2
    if of_rows or hasattr(given, "__array__"):
        return array_of_numbers(given, "data")
    batches = (each[0] if isinstance(each, tuple) else each for each in given)
    return np.concatenate([array_of_numbers(each, "data") for each in batches] or [np.empty(0)])


def _flat(values: Any, row: Shape, dtype: np.dtype[Any]) -> FloatArray:
    """Return values broadcast to a row, as (features, 1)."""
    return np.broadcast_to(np.asarray(values, dtype), row).reshape(-1, 1)
