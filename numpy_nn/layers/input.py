"""Input, a symbol: a placeholder for rows. Calling layers with symbols defines the order of the layers.

    inputs = keras.Input((784,))
    hidden = keras.layers.Dense(64, "relu")(inputs)
    outputs = keras.layers.Dense(10)(hidden)

`numpy_nn.Model` builds a network from the first and the last symbol.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np

from numpy_nn.config import float_type
from numpy_nn.names import Configured, automatic

Shape = tuple[int, ...]


class Symbol:
    """A placeholder for rows of a known shape.

    Attributes:
        row: the shape of one row.
    """

    row: Shape

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of the rows, (None, ...)."""
        return (None, *self.row)


class InputLayer(Symbol, Configured):
    """Declares the shape of one row: ``Input((2,))`` for rows of two features, ``Input((28, 28))`` for images.

    Matches ``keras.layers.InputLayer``; the batch size is accepted and has no effect.

    Raises:
        ValueError: if the shape does not consist of positive whole numbers, or the input is sparse or ragged.
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        *,
        optional: bool = False,
        name: str | None = None,
    ) -> None:
        if batch_shape is not None:
            batch_size, shape = batch_shape[0], batch_shape[1:]
        if sparse or ragged:
            raise ValueError("an input must be dense: sparse and ragged inputs are not supported")
        sizes = list(shape) if isinstance(shape, Sequence) else [None]
        if not sizes or not all(isinstance(size, int | np.integer) and size > 0 for size in sizes):
            raise ValueError(f"shape must be (features,) with positive whole numbers, got {shape!r}")
        self.row: Shape = tuple(int(size) for size in sizes if size is not None)
        self.batch_size = batch_size
        self.dtype = dtype
        self.optional = optional
        self.name = automatic("InputLayer") if name is None else name

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this input, as Keras's ``get_config`` does."""
        return {
            "batch_shape": [self.batch_size, *self.row],
            "dtype": float_type(self.dtype).name,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }


def Input(  # noqa: N802 - Keras's name
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    *,
    optional: bool = False,
) -> InputLayer:
    """Declare the shape of a row: ``Input((2,))``. Matches ``keras.Input``."""
    return InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, optional=optional, name=name)
