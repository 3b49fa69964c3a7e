"""Building a network from what a file holds. Only `load_model` and `from_keras` use this module."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import prod
from typing import Any

from numpy_nn.config import FLOAT_TYPES
from numpy_nn.models.model import Model
from numpy_nn.saving.saved import Arrays, Saved, chain_of, leaves_of
from numpy_nn.saving.serialization import check, deserialize
from numpy_nn.saving.slots import write_slots
from numpy_nn.saving.weights import set_weights

# Layers may be this much wider than the number of weights in the file, such as a Flatten before the first weights.
_WIDTH_WITHOUT_WEIGHTS = 1 << 20

# The most thresholds and classes of all metrics together.
_MOST_OF_METRICS = 1_000_000


def restore(saved: Saved, *, compiled: bool = True) -> Model:
    """Build the saved network; ``compiled`` says whether to restore its loss, metrics and optimizer.

    Raises:
        ValueError: if the description is not of a supported network, or the arrays do not fit it.
    """
    check(saved.config)
    return _restored(saved.config, saved.weights, saved.optimizer, compiled)


def from_description(config: dict[str, Any]) -> Model:
    """Build the network that Keras's dictionary describes, with new weights; compile it as described.

    Raises:
        ValueError: if the description is not of a supported network.
    """
    check(config)
    return _restored(config, None, [], compiled=True)


def _restored(config: dict[str, Any], weights: Sequence[Arrays] | None, state: Arrays, compiled: bool) -> Model:
    try:
        model = _built(config, weights)
        if compiled and config.get("compile_config"):
            _compile(model, config["compile_config"])
            write_slots(model.optimizer, state)
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"the config does not describe a network: {type(error).__name__}: {error}") from error
    return model


def _built(config: dict[str, Any], weights: Sequence[Arrays] | None) -> Model:
    """Return the network with these weights; without them, with new ones."""
    first, leaves = chain_of(config)[0], [layer for _, layer in leaves_of(config)]
    _check_number_type(leaves)
    if first is not None and weights is not None:
        _check_size(first["config"]["batch_shape"][1:], leaves, weights)
    model: Model = deserialize({name: config[name] for name in ("module", "class_name", "config")})
    if model.built and weights is not None:
        set_weights(model, weights)
    elif any(weights or ()):
        raise ValueError("the file has weights, but the config does not contain the number of features")
    return model


def _check_number_type(described: Sequence[Mapping[str, Any]]) -> None:
    """Raise a ValueError unless all layers have one number type that is supported."""
    names = {str(deserialize(layer["config"].get("dtype"))) for layer in described} - {"None"}
    if len(names) > 1 or not names <= set(FLOAT_TYPES):
        raise ValueError(f"all layers must have one number type, float32 or float64, got {', '.join(sorted(names))}")


def _check_size(shape: list[Any], described: Sequence[Mapping[str, Any]], weights: Sequence[Arrays]) -> None:
    """Raise a ValueError if layers need more weights than the file has, before memory is allocated for them."""
    if not all(isinstance(each, int) and each > 0 for each in shape):
        raise ValueError(f"the rows of the input must have a fixed shape, got {shape!r:.60}")
    there = sum(array.size for array in chain.from_iterable(weights))
    needed, width = 0, prod(shape)
    for layer in described:
        units = layer["config"].get("units")
        if isinstance(units, int):
            needed, width = needed + abs(units) * abs(width), units
        if needed > there or abs(width) > max(there, _WIDTH_WITHOUT_WEIGHTS):
            raise ValueError(f"the layers need more weights than the {there} in the file, for a width of {width}")


def _check_metrics(config: Mapping[str, Any]) -> None:
    """Raise a ValueError if metrics have too many thresholds or classes, before memory is allocated for them."""
    asked = sum(_whole_numbers([config.get("metrics"), config.get("weighted_metrics")]))
    if asked > _MOST_OF_METRICS:
        raise ValueError(f"the metrics have {asked} thresholds and classes, more than the limit of {_MOST_OF_METRICS}")


def _whole_numbers(value: Any) -> Iterator[int]:
    """Yield the size of every whole number in a configuration."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _whole_numbers(each)
    elif isinstance(value, int):
        yield abs(value)


def _compile(model: Model, config: Mapping[str, Any]) -> None:
    _check_metrics(config)
    options: dict[str, Any] = {
        "optimizer": deserialize(config["optimizer"]),
        "loss": _only(deserialize(config.get("loss")), "loss"),
        "metrics": _each(deserialize(config.get("metrics")), "metrics"),
        "weighted_metrics": _each(deserialize(config.get("weighted_metrics")), "weighted_metrics"),
        "loss_weights": config.get("loss_weights"),
    }
    model.compile(**{name: value for name, value in options.items() if value is not None})


def _only(value: Any, name: str) -> Any:
    """Return the loss, which Keras may store in a list for a model with one output."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, list | dict):
        raise ValueError(f"compile_config.{name} must be for one output, got {value!r:.60}")
    return value


def _each(value: Any, name: str) -> list[Any] | None:
    """Return the metrics of the output, which Keras may store in a nested list."""
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or any(isinstance(each, list | dict) for each in value):
        raise ValueError(f"compile_config.{name} must be for one output, got {value!r:.60}")
    return value
