"""Input, the first symbol of a chain of layers. `numpy_nn.Model` builds a network from it and the last symbol."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.config import float_type
from numpy_nn.layers.symbols import Shape, Symbol
from numpy_nn.names import Configured, automatic


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
        self.dtype = float_type(dtype).name
        self.optional = optional
        self.name = automatic("InputLayer") if name is None else name

    # What a layer has, as `Model.layers` begins with the input

    trainable = True
    built = True

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of the rows, (None, ...)."""
        return self.shape

    output_shape = input_shape

    @property
    def weights(self) -> list[FloatArray]:
        """No weights."""
        return []

    trainable_weights = non_trainable_weights = variables = trainable_variables = non_trainable_variables = weights

    def get_weights(self) -> list[FloatArray]:
        """Return no weights."""
        return []

    def count_params(self) -> int:
        """Return 0, the number of parameters."""
        return 0

    @property
    def input(self) -> Symbol:
        """The symbol of the rows: the `Input` itself."""
        return self

    @property
    def output(self) -> Symbol:
        """The symbol of the rows: the `Input` itself."""
        return self

    def __repr__(self) -> str:
        return f"<InputLayer name={self.name}, shape={self.shape}>"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this input, as Keras's ``get_config`` does."""
        return {
            "batch_shape": [self.batch_size, *self.row],
            "dtype": self.dtype,
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
