"""What a file of a network holds: its description in Keras's words, and its arrays in Keras's order."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from numpy_nn.names import description, snake_case
from numpy_nn.registration import NETWORK_MODULES

Arrays = list[np.ndarray[Any, Any]]


class Saved(NamedTuple):
    """The content of a file.

    Attributes:
        config: the network as Keras's ``config.json`` describes it.
        weights: the arrays of each layer except the `Input`, in Keras's order, with those of inner networks.
        optimizer: the optimizer's arrays in Keras's order; empty before the first update.
    """

    config: dict[str, Any]
    weights: list[Arrays]
    optimizer: Arrays


def chain_of(config: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return the descriptions of the input, or None if the config has none, and of the other layers.

    Raises:
        ValueError: if the model is neither a Sequential nor a functional model that is a chain of layers.
    """
    kind, inner = config.get("class_name"), config.get("config")
    if kind not in NETWORK_MODULES or not isinstance(inner, dict):
        raise ValueError(f"it must be a Sequential, or a functional model that is a chain of layers, got {kind!r:.60}")
    layers = inner.get("layers")
    if not isinstance(layers, list) or not all(isinstance(each, dict) and "class_name" in each for each in layers):
        raise ValueError("config.layers must be a list of layers")
    if kind == "Functional":
        _check_chain(inner, layers)
    shape = inner.get("build_input_shape")
    first = None if shape is None else description("keras.layers", "InputLayer", {"batch_shape": shape})
    if layers and layers[0]["class_name"] == "InputLayer":
        first, *layers = layers
    for layer in layers:
        if layer["class_name"] == "InputLayer":
            raise ValueError("only the first layer may be an InputLayer")
    return first, layers


def leaves_of(config: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the description of each layer, also of inner networks, after its place in Keras's files of weights.

    The places are ``layers/dense``, ``layers/dense_1``, ``layers/sequential/layers/dense``, ...

    Raises:
        ValueError: if a network is not a chain of layers.
    """
    leaves: list[tuple[str, dict[str, Any]]] = []
    used = Counter[str]()
    for layer in chain_of(config)[1]:
        name = snake_case(layer["class_name"])
        path = f"layers/{name}_{used[name]}" if used[name] else f"layers/{name}"
        used[name] += 1
        if layer["class_name"] in NETWORK_MODULES:
            leaves += [(f"{path}/{place}", each) for place, each in leaves_of(layer)]
        else:
            leaves.append((path, layer))
    return leaves


def _check_chain(inner: Mapping[str, Any], layers: Sequence[Mapping[str, Any]]) -> None:
    """Raise a ValueError unless the input of each layer is the output of the layer before it."""
    names = [str(layer.get("name")) for layer in layers]
    sources = [_sources(layer["inbound_nodes"]) for layer in layers]
    wanted = [[], *([[name]] for name in names[:-1])]
    wrong = [number for number, calls in enumerate(sources) if calls != wanted[number]]
    if wrong:
        number = next((each for each in wrong if len(sources[each]) == 1 < len(sources[each][0])), wrong[0])
        raise ValueError(
            f"a network must be one chain of layers: the layer {names[number]!r:.60} "
            f"({layers[number]['class_name']!s:.60}) {_taken(sources[number], names[number - 1])}"
        )
    for end, name in (("input", names[0]), ("output", names[-1])):
        ends = _names_in(inner[f"{end}_layers"])
        if ends != [name]:
            raise ValueError(f"a network must be one chain of layers, with one {end}, {name!r:.60}, got {ends!r:.100}")


def _taken(calls: Sequence[Sequence[str]], before: str) -> str:
    """Return in words what a layer takes, and what it should."""
    if not calls:
        return "is a second input"
    if len(calls) > 1:
        return f"is called {len(calls)} times"
    taken = " and ".join(map(repr, calls[0]))
    return f"takes the output of {taken:.120}, expected that of {before!r:.60} alone, the layer before it"


def _names_in(ends: Any) -> list[Any]:
    """Return the names in ``["dense", 0, 0]``, in a list of such lists, or in a dictionary of them."""
    if isinstance(ends, dict):
        ends = list(ends.values())
    return [each[0] for each in (ends if isinstance(ends[0], list) else [ends])]


def _sources(nodes: list[Any]) -> list[list[Any]]:
    """Return the names of the layers whose outputs each call of a layer takes."""
    return [[each["config"]["keras_history"][0] for each in _tensors(node)] for node in nodes]


def _tensors(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _tensors(each)
