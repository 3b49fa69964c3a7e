"""Keras's functional style, for networks that are a chain: each layer is called with the output of the one before."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from typing import Any, NoReturn

from numpy_nn.layers.input import InputLayer, Symbol
from numpy_nn.layers.layer import Layer, Output
from numpy_nn.models.sequential import Sequential
from numpy_nn.names import automatic


class Model:
    """``Model(inputs, outputs)`` returns the `Sequential` of the layers between an `Input` and an output.

    Matches ``keras.Model`` for chains of layers, the only networks that this package supports.

    Args:
        inputs: the `Input` at which the chain begins.
        outputs: the output of the last layer.
        name: the network's name; default: ``functional`` and a number.

    Raises:
        TypeError: if ``inputs`` or ``outputs`` has another type or holds several symbols, or if a class derives from
            ``Model``.
        ValueError: if the chain that ends in ``outputs`` does not begin at ``inputs``.
    """

    def __new__(cls, inputs: Any = None, outputs: Any = None, *, name: str | None = None) -> Sequential:  # type: ignore[misc] # Keras's also returns another class
        """Return the network."""
        first, last = _only("inputs", inputs), _only("outputs", outputs)
        layers: list[Layer] = []
        while isinstance(last, Output):
            layers.append(last.layer)
            last = last.source
        if last is not first or not isinstance(first, InputLayer):
            raise ValueError("outputs must come from inputs, an Input, through a chain of layers")
        return Sequential([first, *reversed(layers)], name=automatic("Functional") if name is None else name)

    def __init_subclass__(cls) -> NoReturn:
        """Reject subclasses: the gradient of a ``call`` method written by a user is unknown."""
        raise TypeError(
            f"{cls.__name__} cannot derive from Model: a network here is a chain of layers, "
            "Sequential([...]) or Model(inputs, outputs)"
        )


def _only(argument: str, given: Any) -> Symbol:
    """Return the symbol, which may be the only element of a list."""
    if isinstance(given, list | tuple) and len(given) == 1:
        return _only(argument, given[0])
    if not isinstance(given, Symbol):
        raise TypeError(f"{argument} must be one Input or one output of a layer, got {given!r:.100}")
    return given
