"""Symbols, placeholders for rows, and parts, which a symbol passes through: layers, and networks of layers.

    inputs = keras.Input((784,))
    hidden = keras.layers.Dense(64, "relu")(inputs)
    outputs = keras.layers.Dense(10)(hidden)

Each call adds an `Output` that knows its part and its source, so the last symbol knows the whole chain.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy_nn.arrays import Variable

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


class Part:
    """A link of a chain: a layer, or a network of layers, which can itself be part of a network.

    The same part may belong to several networks: it has its weights, and they share them.

    Attributes:
        name: unique within a network.
        trainable: whether training changes the weights, if the networks around it are trainable too.
        built: whether the weights exist.
    """

    name: str
    trainable: bool
    built: bool
    supports_masking = False
    _listed_as = "layers.Layer"  # in `numpy_nn.missing`
    _first_call: Output | None = None

    if not TYPE_CHECKING:  # which would find every name

        def __getattr__(self, name: str) -> Any:
            """Raise an AttributeError that says why an attribute of Keras's class is missing here."""
            if name.startswith("_") or hasattr(type(self), name):
                return object.__getattribute__(self, name)  # raises the error of the property itself
            from numpy_nn.missing import sentence  # only errors need it

            said = sentence(f"{self._listed_as}.{name}")
            raise AttributeError(said or f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def leaves(self) -> list[Any]:
        """The layers that compute: the layer itself, or those of the network and of the networks in it."""
        raise NotImplementedError

    @property
    def learning(self) -> list[bool]:
        """Whether training changes each of the `leaves`: whether it, and all networks around it, are trainable."""
        raise NotImplementedError

    @property
    def weights(self) -> list[Variable]:
        """All weights, in Keras's order; empty before they exist."""
        raise NotImplementedError

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        raise NotImplementedError

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that no gradient changes, such as moving averages or those of a frozen layer."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The name, after those of the networks in which a layer was built: ``sequential/dense``."""
        return self.name

    @property
    def compute_dtype(self) -> str | None:
        """The name of the number type, in which everything is computed; None before a layer is built."""
        dtype = getattr(self, "dtype", None)
        return None if dtype is None else getattr(dtype, "name", dtype)

    variable_dtype = compute_dtype

    @property
    def variables(self) -> list[Variable]:
        """The weights: there are no other variables."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that training changes."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The weights that no gradient changes."""
        return self.non_trainable_weights

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape of the output, (None, ...), for an input of that shape."""
        raise NotImplementedError

    def symbol(self, source: Symbol) -> Output:
        """Return the placeholder of this part's output for a source.

        Raises:
            ValueError: if the part does not accept rows of that shape, or was called with another shape before.
        """
        first = self._first_call
        if first is not None and first.source.row != source.row:
            raise ValueError(
                f"{self.name} was called with rows of the shape {first.source.row}, and now receives {source.row}"
            )
        output = Output(self, source)
        if first is None:
            self._first_call = output
        return output

    @property
    def output(self) -> Symbol:
        """The symbol of the output, where this part was first called; an AttributeError if it never was."""
        return self._called("output")

    @property
    def input(self) -> Symbol:
        """The symbol of the input, where this part was first called; an AttributeError if it never was."""
        return self._called("input").source

    def _called(self, name: str) -> Output:
        if self._first_call is None:
            raise AttributeError(
                f"{self.name} has no {name} yet: it was not called, and is in no network that is built"
            )
        return self._first_call


class Output(Symbol):
    """A placeholder for the output of a layer, or of a network.

    Attributes:
        layer: what was called.
        source: the symbol that it was called with.

    Raises:
        ValueError: if the layer does not accept rows of that shape.
    """

    def __init__(self, layer: Part, source: Symbol) -> None:
        self.layer = layer
        self.source = source
        self.row = tuple(size for size in layer.compute_output_shape(source.shape)[1:] if size is not None)

    def __repr__(self) -> str:
        return f"<output of {self.layer.name}, shape={self.shape}>"
