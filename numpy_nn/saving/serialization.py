"""Converting objects to Keras's configuration dictionaries and back.

An object is ``{"module": "keras.losses", "class_name": "Huber", "config": {...}, "registered_name": None}``, where
config is the result of `get_config`. ``keras.losses`` stands for ``numpy_nn.losses``: the supported classes are those
that this module has under Keras's names, and those that the program registered. Nothing that a file names is ever
imported.
"""

from collections.abc import Mapping
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np

from numpy_nn.missing import sentence
from numpy_nn.names import described, described_function, find
from numpy_nn.registration import NETWORK_MODULES, NETWORKS, get_registered_name, get_registered_object

# The modules of Keras, and of this package, whose classes can describe a model.
_MODULES = (
    "activations",
    "constraints",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "regularizers",
)

# What else has a class name in a config.
_NOT_CLASSES = ("DTypePolicy", "function", "__keras_tensor__")

# Keras's configs have about ten levels.
_DEEPEST = 50

# Upper bounds of arguments that could otherwise request any amount of memory. A layer's units are compared with the
# weights in the file instead.
_LARGEST = {"num_thresholds": 100_000, "num_classes": 1_000_000, "num_labels": 1_000_000}


def serialize(value: Any) -> Any:
    """Return ``value`` as JSON types: objects as Keras's dictionaries, plain values unchanged.

    Raises:
        ValueError: if it is a function without a name, or an object without ``get_config``.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {name: serialize(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [serialize(each) for each in value]
    if hasattr(value, "get_config"):
        return serialize(described(module_of(type(value)), value))
    if isinstance(value, FunctionType) and value.__name__ != "<lambda>":
        own = {"module": value.__module__, "registered_name": get_registered_name(value)}
        return described_function(value) | ({} if value.__module__.startswith("numpy_nn.") else own)
    raise ValueError(f"a file can name a class with get_config or a function that has a name, got {value!r:.100}")


def deserialize(value: Any) -> Any:
    """Create what `serialize` or Keras described; call `check` first.

    Raises:
        ValueError: if this package has no class of that name, or the class rejects its config.
    """
    if isinstance(value, list):
        return [deserialize(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "class_name" not in value or "config" not in value:
        return {name: deserialize(each) for name, each in value.items()}
    class_name, config = value["class_name"], value["config"]
    if class_name == "function":
        return custom_of(value) or config
    if class_name == "DTypePolicy":
        return config["name"]
    made = custom_of(value) or _own(value)
    try:
        return made.from_config(deserialize(config))
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"{class_name} does not accept the config {config!r:.200}: {error}") from error


def _own(value: Mapping[str, Any]) -> Any:
    """Return the class of this package that a description names; an error names the layer."""
    try:
        return (
            NETWORKS[value["class_name"]]
            if value["class_name"] in NETWORK_MODULES
            else class_named(value["module"], value["class_name"])
        )
    except ValueError as error:
        name = value["config"].get("name")
        raise ValueError(f"{name!r:.60}: {error}" if name else str(error)) from error


def class_named(module: str, class_name: str) -> Any:
    """Return the class of this package that stands for Keras's ``module``.``class_name``.

    Raises:
        ValueError: if there is no such class; the message suggests the nearest name.
    """
    name = find("module of Keras", module, {f"keras.{each}": each for each in _MODULES})
    classes = {
        each.__name__: each
        for each in vars(import_module(f"numpy_nn.{name}")).values()
        if isinstance(each, type)
        and _belongs(each, name)
        and not each.__name__.startswith("_")
        and hasattr(each, "from_config")
    }
    if class_name not in classes and (words := sentence(f"{name}.{class_name}")):
        raise ValueError(words)
    return find(f"class in {module}", class_name, classes)


def custom_of(described: Mapping[str, Any]) -> Any:
    """Return the user's class or function that a description names, if the program registered it; otherwise None."""
    name = described["config"] if described["class_name"] == "function" else described["class_name"]
    registered = described.get("registered_name")
    return (registered and get_registered_object(registered)) or get_registered_object(name)


def module_of(kind: type) -> str:
    """Return the Keras module of the class that ``kind`` stands for, without ``keras.``; its own for a user's class."""
    for name in sorted(_MODULES, key=len, reverse=True):
        if _belongs(kind, name):
            return name
    return kind.__module__


def _belongs(kind: type, name: str) -> bool:
    return f"{kind.__module__}.".startswith(f"numpy_nn.{name}.")


def check(config: Any, place: tuple[str | int, ...] = ("config",)) -> None:
    """Check a config from a file, before objects are created from it.

    Raises:
        ValueError: if it contains code or custom objects, or is nested too deeply; the message names the place.
    """
    if len(place) > _DEEPEST:
        raise ValueError(f"{_written(place[:4])}... is nested deeper than {_DEEPEST} levels")
    if isinstance(config, dict):
        for name, most in _LARGEST.items():
            if isinstance(config.get(name), int | float) and not config[name] <= most:
                raise ValueError(f"{_written((*place, name))} must be at most {most}, got {config[name]!r:.60}")
        if "class_name" in config and "config" in config:
            _check_object(config, _written(place))
        for key, value in config.items():
            check(value, (*place, key))
    elif isinstance(config, list):
        for index, value in enumerate(config):
            check(value, (*place, index))


def check_known(config: Any) -> None:
    """Check that a config to be written can be read again, with the user's classes registered.

    Raises:
        ValueError: if it names a class of Keras that this package does not have.
    """
    if isinstance(config, dict):
        built_in = str(config.get("module")).startswith("keras.")
        if "class_name" in config and config["class_name"] not in (*_NOT_CLASSES, *NETWORK_MODULES) and built_in:
            class_named(config["module"], config["class_name"])
        if config.get("class_name") == "function" and config["config"] == "<lambda>":
            raise ValueError("a function in a file needs a name, by which it is registered again; got a lambda")
        for value in config.values():
            check_known(value)
    elif isinstance(config, list):
        for value in config:
            check_known(value)


def _check_object(value: dict[str, Any], place: str) -> None:
    class_name, module, registered = value["class_name"], value.get("module"), value.get("registered_name")
    if not isinstance(class_name, str):
        raise ValueError(f"{place}.class_name must be a name, got {class_name!r:.60}")
    if class_name == "__keras_tensor__":  # the source of a layer's input in a functional model
        return
    if class_name == "__lambda__":
        raise ValueError(f"{place} is a lambda: code in a file is never run")
    if class_name.startswith("__"):
        raise ValueError(f"{place} is of the unsupported kind {class_name!r:.60}")
    wanted = str if class_name == "function" else dict
    if not isinstance(value["config"], wanted):
        raise ValueError(f"{place}.config must be a {wanted.__name__}, got {value['config']!r:.60}")
    if not isinstance(registered, str | None):
        raise ValueError(f"{place}.registered_name must be a name, got {registered!r:.60}")
    if custom_of(value) is not None:
        return
    own_names = (class_name, value["config"]) if class_name == "function" else (class_name,)
    custom = registered is not None and registered not in own_names
    if custom or not isinstance(module, str) or not f"{module}.".startswith(("keras.", "builtins.")):
        called = f"{registered if custom else class_name!s:.60}"
        raise ValueError(
            f"{place} is {called!r} of the module {module!r:.60}, which is not of Keras: register it with "
            f"keras.saving.register_keras_serializable, or give custom_objects={{{called!r}: ...}}"
        )


def _written(place: tuple[str | int, ...]) -> str:
    """Return a place in a config as text: ``config.layers[2].activation``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step:.40}" for step in place)[1:]
