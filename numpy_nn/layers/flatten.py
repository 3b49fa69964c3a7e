"""Changing the shape of a row. Rows are flat within a network, so these layers cost nothing."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn.layers.layer import Layer, Shape, Stage


class Reshaping(Layer):
    """A layer that changes only the shape of rows."""

    def idle(self, training: bool) -> bool:  # noqa: ARG002
        """Return True: the values do not change."""
        return True

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002
        """Return a stage that copies its input."""
        return Stage()


class Flatten(Reshaping):
    """Flattens each row to a vector: images of (28, 28) become 784 features. Matches ``keras.layers.Flatten``.

    Raises:
        ValueError: if ``data_format`` is not ``"channels_last"`` or None.
    """

    _arguments = ("data_format",)

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = "channels_last" if data_format is None else data_format
        if self.data_format != "channels_last":
            raise ValueError(f"data_format must be 'channels_last', got {data_format!r}")

    def _output_of(self, shape: Shape) -> Shape:
        return (prod(shape),)


class Reshape(Reshaping):
    """Reshapes rows; one size may be -1, which is inferred. Matches ``keras.layers.Reshape``."""

    _arguments = ("target_shape",)

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def _output_of(self, shape: Shape) -> Shape:
        known = prod(size for size in self.target_shape if size != -1)
        free = self.target_shape.count(-1)
        if free > 1 or (prod(shape) % known if free else prod(shape) != known):
            raise ValueError(f"{self.name} cannot reshape rows of the shape {shape} to {self.target_shape}")
        return tuple(prod(shape) // known if size == -1 else size for size in self.target_shape)


class Identity(Reshaping):
    """Returns its input. Matches ``keras.layers.Identity``."""
