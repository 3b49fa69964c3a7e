"""Unit normalization: each row divided by its length."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.layers.layer import Layer, Shape, Stage, over_features


class UnitNormalization(Layer):
    """Divides each row by its length: n = x / |x|, or x · 1e12 where |x| is smaller than 1e-12.

    Matches ``keras.layers.UnitNormalization``.

    Raises:
        ValueError: if ``axis`` is not the features' axis.
    """

    _arguments = ("axis",)

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)

    def _output_of(self, shape: Shape) -> Shape:
        over_features(self, self.axis, shape)
        return shape

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same in both
        """Return a stage with its buffers."""
        return _ByLength(self.input_shape[1] or 0, rows, dtype)


class _ByLength(Stage):
    """The stage of `UnitNormalization`."""

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
        """Write s (g - n sum(g n)); where s is at its bound, it is constant and the sum is omitted."""
        np.multiply(delta, self._normalized, self._scratch)
        np.add.reduce(self._scratch, axis=0, keepdims=True, out=self._sum)
        np.copyto(self._sum, 0, where=self._inverse >= self._most)
        np.multiply(self._normalized, self._sum, self._scratch)
        np.subtract(delta, self._scratch, out)
        np.multiply(out, self._inverse, out)
