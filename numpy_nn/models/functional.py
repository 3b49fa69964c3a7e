"""`Functional`, Keras's functional style, for networks that are a chain: each layer takes the output of the one before.

inputs = keras.Input((784,))
hidden = keras.layers.Dense(64, "relu")(inputs)
classifier = keras.Model(inputs, keras.layers.Dense(10)(hidden))
encoder = keras.Model(inputs, hidden)                       # shares its layer, and so its weights, with classifier
"""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from collections.abc import Mapping
from typing import Any, Self

from numpy_nn.layers import deserialize, serialize
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.symbols import Output, Part, Symbol
from numpy_nn.models.model import Model
from numpy_nn.names import automatic


class Functional(Model):
    """The network of the layers between an `Input` and an output; ``Model(inputs, outputs)`` makes it.

    Matches ``keras.Model`` for chains of layers, the only networks that this package supports.

    Args:
        inputs: the symbol at which the chain begins: an `Input`, or the output of a layer.
        outputs: the output of the last layer.
        name: the network's name; default: ``functional`` and a number.
        trainable: whether the layers learn.

    Attributes:
        layers: the `Input`, then the layers.

    Raises:
        TypeError: if ``inputs`` or ``outputs`` is no symbol, or several.
        ValueError: if the chain that ends in ``outputs`` does not begin at ``inputs``, or contains a layer twice.
    """

    def __init__(self, inputs: Any = None, outputs: Any = None, *, name: str | None = None, trainable: bool = True):
        first, last = ends = _only("inputs", inputs), _only("outputs", outputs)
        parts: list[Part] = []
        while isinstance(last, Output) and not _is_same(last, first):
            parts.insert(0, last.layer)
            last = last.source
        if not _is_same(last, first):
            raise ValueError("outputs must come from inputs, an Input, through a chain of layers")
        if not parts:
            raise ValueError("a network needs at least one layer between inputs and outputs")
        begin = first if isinstance(first, InputLayer) else InputLayer(first.row)
        self._begin(begin, parts, automatic("Functional") if name is None else name, None, None)
        self._trainable = bool(trainable)
        self.build(begin.shape)
        self._ends = ends
        self._keys = _key(inputs), _key(outputs)

    @property
    def layers(self) -> list[Any]:
        """The `Input`, then the layers and networks that this network consists of."""
        return [self._input, *self._parts]

    @property
    def output_names(self) -> list[str]:
        """The name of the last layer, in a list."""
        return [self._parts[-1].name]

    def get_config(self) -> dict[str, Any]:
        """Return what makes this network again, without its weights, as Keras's ``get_config`` does."""
        described: list[dict[str, Any]] = []
        nodes: list[dict[str, Any]] = []
        shape = self.input_shape
        for part in self.layers:
            described.append(serialize(part) | {"name": part.name, "inbound_nodes": nodes})
            shape = shape if isinstance(part, InputLayer) else part.compute_output_shape(shape)
            nodes = [{"args": [_tensor(part.name, shape, self.dtype.name)], "kwargs": {}}]
        return {
            "name": self.name,
            "trainable": self.trainable,
            "layers": described,
            "input_layers": [self.layers[0].name, 0, 0],
            "output_layers": [self.layers[-1].name, 0, 0],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the network that `get_config`, or Keras's, describes, with new weights.

        Raises:
            ValueError: if it names an unknown layer.
        """
        first, *parts = (deserialize(each) for each in config["layers"])
        last: Symbol = first
        for part in parts:
            last = part(last)
        return cls(first, last, name=config.get("name"), trainable=config.get("trainable", True))


def _is_same(symbol: Symbol, other: Symbol) -> bool:
    """Return whether two symbols stand for the same rows: a part appears once in a chain, however often it is built."""
    parts = [each.layer if isinstance(each, Output) else each for each in (symbol, other)]
    return parts[0] is parts[1]


def _key(given: Any) -> str | None:
    """Return the key of the only element of a dict."""
    return next(iter(given)) if isinstance(given, Mapping) else None


def _only(argument: str, given: Any) -> Symbol:
    """Return the symbol, which may be the only element of a list or a dict."""
    if isinstance(given, list | tuple | Mapping) and len(given) == 1:
        return _only(argument, next(iter(given.values() if isinstance(given, Mapping) else given)))
    if not isinstance(given, Symbol):
        raise TypeError(f"{argument} must be one Input or one output of a layer, got {given!r:.100}")
    return given


def _tensor(name: str, shape: tuple[int | None, ...], dtype: str) -> dict[str, Any]:
    """Return the output of the layer of that name as Keras writes it."""
    config = {"shape": list(shape), "dtype": dtype, "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}
