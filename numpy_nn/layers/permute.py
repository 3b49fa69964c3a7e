"""Permute: a row's axes in another order, so that its numbers move, unlike in what only changes shapes."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.layers.layer import Layer, Shape, Stage


class Permute(Layer):
    """Puts the axes of rows in another order: ``Permute((2, 1))`` transposes each row.

    Axis i of an output row is axis ``dims[i]`` of the input row, both counted from 1. Matches ``keras.layers.Permute``.

    Raises:
        ValueError: if ``dims`` does not name each axis once, or rows have more or fewer of them.
    """

    _arguments = ("dims",)

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"dims must name each axis of a row once, counted from 1, got {self.dims}")

    def _output_of(self, shape: Shape) -> Shape:
        if len(shape) != len(self.dims):
            raise ValueError(
                f"{self.name} takes rows of {len(self.dims)} axes, as many as its dims, got rows of the shape {shape}"
            )
        return tuple(shape[axis - 1] for axis in self.dims)

    def idle(self, training: bool) -> bool:  # noqa: ARG002
        """Return whether every axis stays where it is."""
        return self.dims == tuple(sorted(self.dims))

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002
        """Return what moves the numbers."""
        return _Permuted(tuple(size or 0 for size in self.input_shape[1:]), self.dims, rows)


class _Permuted(Stage):
    """`Permute` at work: data as (..., rows), whose axes are swapped without a copy, and then copied."""

    def __init__(self, shape: Shape, dims: Shape, rows: int) -> None:
        self._axes = (*(axis - 1 for axis in dims), len(dims))  # the rows stay last
        self._shape = (*shape, rows)
        self._permuted = tuple(self._shape[axis] for axis in self._axes)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write x with its axes in their new order."""
        np.copyto(out.reshape(self._permuted), x.reshape(self._shape).transpose(self._axes))

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write the gradient with its axes in their old order."""
        np.copyto(out.reshape(self._shape).transpose(self._axes), delta.reshape(self._permuted))
