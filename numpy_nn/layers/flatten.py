"""Changing the shape of a row: within a network rows are flat anyway, so these cost nothing."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn.layers.layer import Layer, Shape, Stage


class Reshaping(Layer):
    """A layer that changes the shape of rows and leaves their numbers."""

    def idle(self, training: bool) -> bool:  # noqa: ARG002
        """Return True: the numbers stay as they are."""
        return True

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002
        """Return a copy."""
        return Stage()


class Flatten(Reshaping):
    """Makes one vector of each row: pictures of (28, 28) become 784 features. Matches ``keras.layers.Flatten``.

    Raises:
        ValueError: if ``data_format`` is ``"channels_first"``: rows are as they come.
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
    """Gives rows another shape, of which one size may be -1: whatever is left. Matches ``keras.layers.Reshape``."""

    _arguments = ("target_shape",)

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def _output_of(self, shape: Shape) -> Shape:
        known = prod(size for size in self.target_shape if size != -1)
        free = self.target_shape.count(-1)
        if free > 1 or (prod(shape) % known if free else prod(shape) != known):
            raise ValueError(
                f"{self.name} cannot make rows of the shape {self.target_shape} of rows of the shape {shape}"
            )
        return tuple(prod(shape) // known if size == -1 else size for size in self.target_shape)


class Identity(Reshaping):
    """Does nothing. Matches ``keras.layers.Identity``."""
