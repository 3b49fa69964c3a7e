"""Layers that change the shape of a row, or the order of its axes."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.layers.layer import Layer
from numpy_nn.layers.stage import Stage
from numpy_nn.layers.symbols import Shape


class Reshaping(Layer):
    """A layer that changes only the shape of rows."""

    def idle(self, training: bool) -> bool:  # noqa: ARG002
        """Return True: the values do not change."""
        return True


class Flatten(Reshaping):
    """Flattens each row to a vector: images of (28, 28) become 784 features. Matches ``keras.layers.Flatten``.

    Raises:
        ValueError: if ``data_format`` is not ``"channels_last"`` or None.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = "channels_last" if data_format is None else data_format
        if self.data_format != "channels_last":
            raise ValueError(f"data_format must be 'channels_last', got {data_format!r}")

    def _output_of(self, shape: Shape) -> Shape:
        return (prod(shape),)


class Reshape(Reshaping):
    """Reshapes rows; one size may be -1, which is inferred. Matches ``keras.layers.Reshape``.

    Raises:
        ValueError: if a size is neither positive nor -1, or rows do not fit.
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)
        if not all(size == -1 or size > 0 for size in self.target_shape):
            raise ValueError(f"target_shape must have positive sizes, or one of -1, got {self.target_shape}")

    def _output_of(self, shape: Shape) -> Shape:
        known = prod(size for size in self.target_shape if size != -1)
        free = self.target_shape.count(-1)
        if free > 1 or (prod(shape) % known if free else prod(shape) != known):
            raise ValueError(f"{self.name} cannot reshape rows of the shape {shape} to {self.target_shape}")
        return tuple(prod(shape) // known if size == -1 else size for size in self.target_shape)


class Identity(Reshaping):
    """Returns its input. Matches ``keras.layers.Identity``."""


class Permute(Layer):
    """Reorders the axes of rows: ``Permute((2, 1))`` transposes each row.

    Axis i of an output row is axis ``dims[i]`` of the input row, both counted from 1. Matches ``keras.layers.Permute``.

    Raises:
        ValueError: if ``dims`` does not list each axis of the rows exactly once.
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"dims must list each axis of a row once, counted from 1, got {self.dims}")

    def _output_of(self, shape: Shape) -> Shape:
        if len(shape) != len(self.dims):
            raise ValueError(
                f"{self.name} takes rows of {len(self.dims)} axes, one for each of dims, got rows of shape {shape}"
            )
        return tuple(shape[axis - 1] for axis in self.dims)

    def idle(self, training: bool) -> bool:  # noqa: ARG002
        """Return whether every axis keeps its place."""
        return self.dims == tuple(sorted(self.dims))

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002
        """Return the stage."""
        return _Permuted(self.row, self.dims, rows)


class _Permuted(Stage):
    """The stage of `Permute`: views data as (..., rows), and copies it with its axes reordered."""

    def __init__(self, shape: Shape, dims: Shape, rows: int) -> None:
        self._axes = (*(axis - 1 for axis in dims), len(dims))  # the rows stay last
        self._shape = (*shape, rows)
        self._permuted = tuple(self._shape[axis] for axis in self._axes)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write x with reordered axes."""
        np.copyto(out.reshape(self._permuted), x.reshape(self._shape).transpose(self._axes))

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write the gradient with the axes in their original order."""
        np.copyto(out.reshape(self._shape).transpose(self._axes), delta.reshape(self._permuted))
