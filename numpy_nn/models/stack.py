"""A chain of layers, before any training: structure, description, weights, prediction, files, copies."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import randomness
from numpy_nn.arrays import Array, FloatArray, Variable
from numpy_nn.config import float_type
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.layer import Layer
from numpy_nn.layers.symbols import Part, Symbol
from numpy_nn.models.layout import Layout
from numpy_nn.names import find


class LayerStack(Part):
    """A chain of layers and networks; see `Predictor`, which predicts with it, and `Model`, which trains it.

    Attributes:
        layers: the layers and networks that it consists of.
        trainable: whether training changes any weights; setting it sets it for all layers as well, and takes effect
            when training begins after `compile`.
    """

    _listed_as = "Model"
    # The keys of a dict of the one input, and of the one output, which `Model` was given.
    _keys: tuple[str | None, str | None] = (None, None)

    def _begin(
        self, first: InputLayer | None, parts: Sequence[Part], name: str, seed: int | None, dtype: str | None
    ) -> None:
        """Begin with these parts, not built; what `__init__` does of all kinds of networks."""
        self.name = name
        self._scope = ""
        self._trainable = True
        self._given_dtype = None if dtype is None else float_type(dtype).name
        self.dtype = float_type(dtype)
        self.built = False
        self._input = first
        self._parts: list[Part] = []
        self._rng = randomness.generator(seed)
        for part in parts:
            self._append(part)

    # Structure

    def _append(self, part: Part) -> None:
        """Append a layer or a network.

        Raises:
            ValueError: if it is part of the network already, or has the name of another part.
            TypeError: if it is neither.
        """
        if not isinstance(part, Part):
            raise TypeError(f"a layer must be one of numpy_nn.layers, or a network, got {part!r:.100}")
        own = self.leaves
        if any(leaf is mine for leaf in part.leaves for mine in own):
            raise ValueError(f"a layer can be used once in a network, and {part.name} was used before")
        if any(part.name == other.name for other in self._parts):
            raise ValueError(f"layers must have different names, got {part.name!r} twice")
        self._parts.append(part)

    @property
    def layers(self) -> list[Any]:
        """The layers, and the networks, that this network consists of."""
        return list(self._parts)

    @property
    def leaves(self) -> list[Layer]:
        """All layers, with those of the networks in this network."""
        return [leaf for part in self._parts for leaf in part.leaves]

    @property
    def learning(self) -> list[bool]:
        """Whether training changes each of the `leaves`: whether it, and all networks around it, are trainable."""
        return [self._trainable and learns for part in self._parts for learns in part.learning]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Return the layer with that name or index.

        Raises:
            ValueError: if there is none; for a name, the message gives the nearest.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ValueError(f"give a name or an index, got name={name!r} and index={index!r}")
        if name is not None:
            return find("layer", name, {layer.name: layer for layer in layers})
        if index is None or not -len(layers) <= index < len(layers):
            raise ValueError(f"index must lie below {len(layers)}, got {index}")
        return layers[index]

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Lay out the parameters for rows of a shape, (None, features), and draw the initial weights.

        Raises:
            ValueError: if a layer does not accept the output of the one before it, or the network begins with an
                `Input` of another shape.
        """
        if not self._parts:
            raise ValueError("a network needs at least one layer")
        source = self._input or InputLayer(tuple(input_shape)[1:])
        if source.row != tuple(input_shape)[1:]:
            raise ValueError(
                f"{self.name} begins with an Input of the shape {source.row}, got {tuple(input_shape)[1:]}"
            )
        self.dtype = self._number_type()
        last: Symbol = source
        for part in self._parts:
            if isinstance(part, LayerStack) and not part.built:
                part._scope = f"{self._scope}{part._scope}"
                part.build(last.shape)
            last = part.symbol(last)
        self._row, row = source.row, source.row
        for layer in self.leaves:
            if layer.built and layer.input_shape[1:] != row:
                raise ValueError(
                    f"{layer.name} was built for rows of the shape {layer.input_shape[1:]}, and now receives {row}"
                )
            row = layer.shape(row)
            layer.dtype = self.dtype.name
            if not layer.built:
                layer.scope = self._scope
        self._ends: tuple[Symbol, Symbol] = (source, last)
        self._lay_out()

    def _build_if_known(self) -> None:
        """Build the network if it begins with an `Input`, or with a network that is built."""
        first = self._input or (self._parts[0] if self._parts else None)
        if self._parts and isinstance(first, InputLayer | LayerStack):
            shape = first.shape if isinstance(first, InputLayer) else first.input_shape if first.built else None
            if shape is not None:
                self.build(shape)

    def _lay_out(self) -> None:
        """Give all layers their places in the flat vectors."""
        self._layout = Layout(self.leaves, self.learning, self._row, self.dtype, self._rng)
        self.built = True

    def _number_type(self) -> np.dtype[np.floating[Any]]:
        named = {layer.dtype for layer in self.leaves} - {None}
        if self._given_dtype is not None:
            named.add(self._given_dtype)
        if len(named) > 1:
            raise ValueError(f"a network has one number type, got {' and '.join(sorted(map(str, named)))}")
        return float_type(named.pop() if named else self.dtype.name)

    @property
    def trainable(self) -> bool:
        """Whether training changes any weights; setting it sets it for all layers as well."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for part in self._parts:
            part.trainable = value

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape of the output, (None, ...), for an input of that shape."""
        shape = tuple(input_shape)
        for part in self._parts:
            shape = part.compute_output_shape(shape)
        return shape

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape that `predict` takes, (None, features); an AttributeError before the network is built."""
        return self._end("input_shape", 0).shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape that `predict` returns, (None, outputs); an AttributeError before the network is built."""
        return self._end("output_shape", 1).shape

    @property
    def inputs(self) -> list[Symbol]:
        """The symbol of the network's input, in a list; an AttributeError before the network is built."""
        return [self._end("inputs", 0)]

    @property
    def outputs(self) -> list[Symbol]:
        """The symbol of the network's output, in a list; an AttributeError before the network is built."""
        return [self._end("outputs", 1)]

    @property
    def input(self) -> Symbol:
        """The symbol of the network's own input; an AttributeError before the network is built."""
        return self._end("input", 0)

    @property
    def output(self) -> Symbol:
        """The symbol of the network's own output; an AttributeError before the network is built."""
        return self._end("output", 1)

    def _end(self, name: str, index: int) -> Symbol:
        if not self.built:
            raise AttributeError(f"{self.name} has no {name} yet: begin the network with Input((features,))")
        return self._ends[index]

    def _require_built(self, method: str) -> None:
        if not self.built:
            raise RuntimeError(f"{method} needs a built network: begin it with Input((features,))")

    # Description

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,  # noqa: ARG002 - Keras's further ways to lay out the table
        print_fn: Callable[[str], Any] | None = None,
        **options: Any,  # noqa: ARG002
    ) -> None:
        """Print a table of the layers, their output shapes and parameters.

        Of Keras's options ``line_length`` and ``print_fn`` have an effect; the others are accepted and ignored.
        """
        from numpy_nn.models.summary import table

        (print_fn or print)(table(self, line_length))

    # Weights

    @property
    def weights(self) -> list[Variable]:
        """All weights, layer by layer in Keras's order."""
        return [array for layer in self.leaves for array in layer.weights]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        pairs = zip(self.leaves, self.learning, strict=True)
        return [array for layer, learns in pairs if learns for array in layer.trainable_weights]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not learn by gradient."""
        pairs = zip(self.leaves, self.learning, strict=True)
        return [
            array for layer, learns in pairs for array in (layer.non_trainable_weights if learns else layer.weights)
        ]

    def split(self, vector: FloatArray) -> list[FloatArray]:
        """Return views of each weight that learns, in Keras's order, into a vector laid out as the parameters."""
        return self._layout.split(vector)

    def get_weights(self) -> list[FloatArray]:
        """Return copies of all weights, in Keras's order: of a dense layer kernel (inputs, units) and bias (units,)."""
        self._require_built("get_weights")
        return [np.array(array, order="C") for array in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Set all weights; the optimizer keeps its state.

        Raises:
            ValueError: if their number or a shape does not fit; nothing is changed then.
        """
        self._require_built("set_weights")
        own = self.weights
        if len(weights) != len(own):
            raise ValueError(f"expected {len(own)} arrays, a kernel and a bias for each layer, got {len(weights)}")
        given = [np.asarray(array, dtype=self.dtype) for array in weights]
        names = [(each.name, number) for number, layer in enumerate(self.leaves, start=1) for each in layer.specified]
        for (name, number), mine, new in zip(names, own, given, strict=True):
            if mine.shape != new.shape:
                raise ValueError(f"the {name} of layer {number} must have the shape {mine.shape}, got {new.shape}")
        for mine, new in zip(own, given, strict=True):
            mine[...] = new

    @property
    def losses(self) -> list[Array]:
        """The penalties on the weights that training adds to the loss, one for each weight that has a regularizer."""
        return [penalty for layer in self.leaves for penalty in layer.losses]

    def count_params(self) -> int:
        """Return the number of parameters, weights and biases, whether they learn or not."""
        self._require_built("count_params")
        return sum(array.size for array in self.weights)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    # Copying

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only views, and symbols: a copy lays out its own vectors."""
        left_out = ("_layout", "_backprop", "_ends", "_first_call")
        return {name: value for name, value in self.__dict__.items() if name not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.built:
            self.build((None, *self._row))
