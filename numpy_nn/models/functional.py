"""Keras's functional way to write a network, for those that are a chain: each layer called with the one before."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any, NoReturn

from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.layer import Layer
from numpy_nn.layers.symbolic import Output, Symbol
from numpy_nn.models.sequential import Sequential
from numpy_nn.names import automatic


class Model:
    """``Model(inputs, outputs)``: the `Sequential` of the layers that lead from an `Input` to an output.

    Matches ``keras.Model`` where the layers are a chain, the only kind of network here.

    Args:
        inputs: the `Input` at which the chain begins.
        outputs: what its last layer returned.
        name: unset, ``functional`` and a number.

    Raises:
        TypeError: if either is something else, if there are several, or if a class is derived from ``Model``.
        ValueError: if the chain that ends in ``outputs`` begins elsewhere.
    """

    def __new__(cls, inputs: Any = None, outputs: Any = None, *, name: str | None = None) -> Sequential:  # type: ignore[misc] # Keras's returns another class too
        """Return the network."""
        first, last = _only("inputs", inputs), _only("outputs", outputs)
        layers: list[Layer] = []
        while isinstance(last, Output):
            layers.append(last.layer)
            last = last.source
        if last is not first or not isinstance(first, InputLayer):
            raise ValueError("outputs must lead back to inputs, an Input, through layers called one with the other")
        return Sequential([first, *reversed(layers)], name=automatic("Functional") if name is None else name)

    def __init_subclass__(cls) -> NoReturn:
        """Refuse a network written as a class, since its gradient would be unknown."""
        raise TypeError(
            f"{cls.__name__} cannot derive from Model: a network here is a chain of layers, "
            "Sequential([...]) or Model(inputs, outputs)"
        )


def _only(argument: str, given: Any) -> Symbol:
    """Return the one symbol that is given, alone or in a list."""
    if isinstance(given, list | tuple) and len(given) == 1:
        return _only(argument, given[0])
    if not isinstance(given, Symbol):
        raise TypeError(f"{argument} must be one Input or one output of a layer, got {given!r:.100}")
    return given
