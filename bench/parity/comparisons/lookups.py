"""The functions ``get``, ``serialize`` and ``deserialize`` of a module: things by name and by description."""

import contextlib
import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def lookup(api: Any, target: Any, arguments: Mapping[str, Any], _rng: np.random.Generator) -> dict[str, Any]:
    """Return, as text, what the function gives for each thing of its module.

    Args:
        api: the package.
        target: the function.
        arguments: ``module``, and ``things``: for each name several sets of arguments to make it with.
        _rng: unused.
    """
    module = importlib.import_module(f"{api.__name__}.{arguments['module']}")
    found = {}
    for name, draws in arguments["things"].items():
        for number, given in enumerate(draws):
            if target.__name__ != "get" or not given:
                with contextlib.suppress(Exception):  # a quantity that the original lacks is not compared
                    found[f"{name} {number}"] = np.array(_words(target, module, name, given))
    return found


def _words(target: Any, module: Any, name: str, given: Mapping[str, Any]) -> str:
    """Return what the function gives for one thing, or for its name."""
    if target.__name__ == "get":
        return _name_of(target(name), module)
    thing = getattr(module, name)
    # an activation is a function, not a class
    made = thing(**given) if isinstance(thing, type) else thing
    described = module.serialize(made)
    if target.__name__ == "serialize":
        return json.dumps(_without_names(described), sort_keys=True, default=str)
    return _name_of(target(described), module)


def _name_of(value: Any, module: Any) -> str:
    """Return the name of a thing, or of its class, in its module, without underscores and in lower case.

    A function and the class of the same name, such as ``log_cosh`` and ``LogCosh``, count as one.
    """
    if isinstance(value, str):
        raise TypeError(f"expected an object, got its name {value!r}")
    offered = (name for name in dir(module) if getattr(module, name) is value)
    return next(offered, type(value).__name__).replace("_", "").lower()


def _without_names(described: Any) -> Any:
    """Return a description without generated names, which contain a counter, and with lists in place of tensors."""
    if isinstance(described, Mapping):
        if described.get("class_name") == "__tensor__":  # how Keras writes a list that it keeps as a tensor
            return described["config"]["value"]
        return {key: _without_names(value) for key, value in described.items() if key != "name"}
    return [_without_names(each) for each in described] if isinstance(described, list | tuple) else described
