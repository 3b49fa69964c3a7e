"""What stands for rows before there are any: layers are called with it to say which follows which.

    inputs = keras.Input((784,))
    hidden = keras.layers.Dense(64, "relu")(inputs)
    outputs = keras.layers.Dense(10)(hidden)

`numpy_nn.functional.Model` makes a network of the first and the last of them.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy_nn.layers.layer import Layer, Shape


class Symbol:
    """Rows of a known shape that do not exist yet.

    Attributes:
        row: the shape of one.
    """

    row: Shape

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of any number of rows, (None, ...)."""
        return (None, *self.row)


class Output(Symbol):
    """What a layer will make of a symbol.

    Attributes:
        layer: the layer.
        source: what it is called with.

    Raises:
        ValueError: if the layer does not take such rows.
    """

    def __init__(self, layer: Layer, source: Symbol) -> None:
        self.layer = layer
        self.source = source
        self.row = tuple(size for size in layer.compute_output_shape(source.shape)[1:] if size is not None)

    def __repr__(self) -> str:
        return f"<output of {self.layer.name}, shape={self.shape}>"
