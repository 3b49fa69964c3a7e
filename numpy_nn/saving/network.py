"""A whole network as plain values, and back: its description in Keras's words, and its arrays in Keras's order."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import prod
from typing import Any, NamedTuple

import numpy as np

from numpy_nn.config import FLOAT_TYPES
from numpy_nn.models import Sequential
from numpy_nn.saving import slots
from numpy_nn.saving.serialization import check, check_known, deserialize, module_of, serialize

Arrays = list[np.ndarray[Any, Any]]

# Layers may be this much wider than the file has weights, such as a Flatten before the first of them.
_WIDTH_WITHOUT_WEIGHTS = 1 << 20


class Saved(NamedTuple):
    """What a file holds.

    Attributes:
        config: the network as Keras's ``config.json`` describes it.
        weights: for each layer but the `Input`, its arrays in Keras's order.
        optimizer: the optimizer's arrays in Keras's order; none before the first update.
    """

    config: dict[str, Any]
    weights: list[Arrays]
    optimizer: Arrays


def describe(model: Sequential) -> Saved:
    """Return everything of a built network that a file keeps.

    Raises:
        RuntimeError: if the network is not built.
        ValueError: if it has a part that does not come from this package.
    """
    model.get_weights()  # refuses a network that is not built
    shape, policy = list(model.input_shape), _object("keras", "DTypePolicy", {"name": model.dtype.name})
    inner = serialize(model.get_config()) | {"dtype": policy, "build_input_shape": shape}
    for layer in inner["layers"]:
        layer["config"]["dtype"] = model.dtype.name if layer["class_name"] == "InputLayer" else policy
    config = _object("keras", "Sequential", inner) | {"build_config": {"input_shape": shape}}
    if model.is_compiled:
        config["compile_config"] = serialize(model.get_compile_config())
    for part in (*model.layers, *([model.optimizer] if model.is_compiled else [])):
        module_of(type(part))  # refuses what is not this package's
    check_known(config["config"]["layers"])
    check_known(config.get("compile_config"))
    weights = [layer.get_weights() for layer in model.layers]
    return Saved(config, weights, slots.read(model) if model.is_compiled else [])


def restore(saved: Saved, *, compiled: bool = True) -> Sequential:
    """Return the network that was saved; ``compiled`` says whether with its loss, metrics and optimizer.

    Raises:
        ValueError: if the description is not one of a network that is possible here, or the arrays do not fit it.
    """
    check(saved.config)
    try:
        model = _built(saved)
        if compiled and saved.config.get("compile_config"):
            _compile(model, saved.config["compile_config"])
            slots.write(model, saved.optimizer)
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"its config describes no network: {type(error).__name__}: {error}") from error
    return model


def _object(module: str, class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def chain_of(config: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return the descriptions of the input, if the config says what it is, and of the other layers.

    Raises:
        ValueError: if the model is no Sequential, nor a functional model in which each layer feeds the next alone.
    """
    kind, inner = config.get("class_name"), config.get("config")
    if kind not in ("Sequential", "Functional") or not isinstance(inner, dict):
        raise ValueError(f"it must be a Sequential, or a functional model that is a chain of layers, got {kind!r:.60}")
    layers = inner.get("layers")
    if not isinstance(layers, list) or not all(isinstance(each, dict) and "class_name" in each for each in layers):
        raise ValueError("config.layers must be a list of layers")
    if kind == "Functional":
        _check_chain(inner, layers)
    shape = inner.get("build_input_shape")
    first = None if shape is None else _object("keras.layers", "InputLayer", {"batch_shape": shape})
    if layers and layers[0]["class_name"] == "InputLayer":
        first, *layers = layers
    for layer in layers:
        if layer["class_name"] in ("Sequential", "Functional", "InputLayer"):
            raise ValueError(f"it has a {layer['class_name']} among its layers, where only plain layers can stand")
    return first, layers


def _check_chain(inner: Mapping[str, Any], layers: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a functional model in which a layer has not just the output of the layer before it for its input."""
    names = [layer.get("name") for layer in layers]
    sources: list[Any] = [_sources(layer["inbound_nodes"]) for layer in layers]
    chained: list[Any] = [[], *([[name]] for name in names[:-1])]
    ends = [_history(inner["input_layers"]), _history(inner["output_layers"])]
    if sources != chained or ends != [names[0], names[-1]] or len(set(names)) != len(names):
        raise ValueError("it is a functional model whose layers are no chain, each fed by the one before it alone")


def _history(end: list[Any]) -> Any:
    """Return the layer's name of ``["dense", 0, 0]``, or of that as the one element of a list."""
    return end[0][0] if len(end) == 1 and isinstance(end[0], list) else end[0]


def _sources(nodes: list[Any]) -> list[list[Any]]:
    """Return, for each call of a layer, the names of the layers whose output it takes."""
    return [[each["config"]["keras_history"][0] for each in _tensors(node)] for node in nodes]


def _tensors(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _tensors(each)


def _built(saved: Saved) -> Sequential:
    first, described = chain_of(saved.config)
    dtype = _number_type(described)
    if first is not None:
        _check_size(first["config"]["batch_shape"][1:], described, saved.weights)
    layers = [deserialize(each) for each in (described if first is None else [first, *described])]
    model = Sequential(layers, dtype=dtype)
    model.name = str(saved.config["config"].get("name", model.name))
    if model.built:
        _set_weights(model, saved.weights)
    elif any(saved.weights):
        raise ValueError("there are weights, but the config does not say for how many features")
    return model


def _number_type(described: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the number type in which all layers work; None if none says."""
    names = {str(deserialize(layer["config"].get("dtype"))) for layer in described} - {"None"}
    if len(names) > 1 or not names <= set(FLOAT_TYPES):
        raise ValueError(f"all layers must be of one number type, float32 or float64, got {', '.join(sorted(names))}")
    return names.pop() if names else None


def _check_size(shape: list[Any], described: Sequence[Mapping[str, Any]], weights: Sequence[Arrays]) -> None:
    """Refuse layers that would need more weights than there are, before memory is set aside for them."""
    if not all(isinstance(each, int) and each > 0 for each in shape):
        raise ValueError(f"the rows of the input must have a fixed shape, got {shape!r:.60}")
    there = sum(array.size for array in chain.from_iterable(weights))
    needed, width = 0, prod(shape)
    for layer in described:
        units = layer["config"].get("units")
        if isinstance(units, int):
            needed, width = needed + abs(units) * abs(width), units
        if needed > there or abs(width) > max(there, _WIDTH_WITHOUT_WEIGHTS):
            raise ValueError(f"its layers need more weights than the {there} there are, up to one {width} units wide")


def _set_weights(model: Sequential, weights: Sequence[Arrays]) -> None:
    for layer, given in zip(model.layers, weights, strict=True):
        wanted, got = [each.shape for each in layer.get_weights()], [each.shape for each in given]
        if wanted != got:
            name = type(layer).__name__
            raise ValueError(f"the weights of a layer {name} must have the shapes {wanted}, got {got}")
    model.set_weights(list(chain.from_iterable(weights)))


def _compile(model: Sequential, config: Mapping[str, Any]) -> None:
    options: dict[str, Any] = {
        "optimizer": deserialize(config["optimizer"]),
        "loss": _only(deserialize(config.get("loss")), "loss"),
        "metrics": _each(deserialize(config.get("metrics")), "metrics"),
        "weighted_metrics": _each(deserialize(config.get("weighted_metrics")), "weighted_metrics"),
        "loss_weights": config.get("loss_weights"),
    }
    model.compile(**{name: value for name, value in options.items() if value is not None})


def _only(value: Any, name: str) -> Any:
    """Return the one loss that may stand alone or in a list, as Keras has it for a model of one output."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, list | dict):
        raise ValueError(f"compile_config.{name} is for several outputs, where there is one")
    return value


def _each(value: Any, name: str) -> list[Any] | None:
    """Return the metrics of the one output, which may stand in a list of their own."""
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or any(isinstance(each, list | dict) for each in value):
        raise ValueError(f"compile_config.{name} is for several outputs, where there is one")
    return value
