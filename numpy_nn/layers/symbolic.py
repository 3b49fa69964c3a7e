"""Symbols: placeholders for rows. Calling layers with them defines the order of the layers.

    inputs = keras.Input((784,))
    hidden = keras.layers.Dense(64, "relu")(inputs)
    outputs = keras.layers.Dense(10)(hidden)

`numpy_nn.Model` builds a network from the first and the last symbol.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

Shape = tuple[int, ...]


if TYPE_CHECKING:

    class Callee(Protocol):
        """What an `Output` uses of the layer that was called."""

        name: str

        def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
            """Return the shape of the output, (None, ...), for an input of that shape."""


L = TypeVar("L", bound="Callee")


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


class Output(Symbol, Generic[L]):
    """A placeholder for the output of a layer.

    Attributes:
        layer: the layer.
        source: the symbol that the layer was called with.

    Raises:
        ValueError: if the layer does not accept rows of that shape.
    """

    def __init__(self, layer: L, source: Symbol) -> None:
        self.layer = layer
        self.source = source
        self.row = tuple(size for size in layer.compute_output_shape(source.shape)[1:] if size is not None)

    def __repr__(self) -> str:
        return f"<output of {self.layer.name}, shape={self.shape}>"
