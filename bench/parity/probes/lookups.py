"""The functions ``get``, ``serialize`` and ``deserialize`` of a module: by names and by descriptions to things."""

import contextlib
import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def lookup(api: Any, target: Any, arguments: Mapping[str, Any], _rng: np.random.Generator) -> dict[str, Any]:
    """Return, in words, what the function makes of each thing of its module.

    Args:
        api: the package.
        target: the function.
        arguments: ``module``, and ``things``, whose keys are names and whose values the arguments to make them with.
        _rng: nothing here is a matter of chance.
    """
    module = importlib.import_module(f"{api.__name__}.{arguments['module']}")
    found = {}
    for name, given in arguments["things"].items():
        if target.__name__ != "get" or not given:
            with contextlib.suppress(Exception):  # what the original refuses is not asked of its twin
                found[name] = np.array(_words(target, module, name, given))
    return found


def _words(target: Any, module: Any, name: str, given: Mapping[str, Any]) -> str:
    """Return what the function makes of one thing, or of its name."""
    if target.__name__ == "get":
        return _name_of(target(name), module)
    thing = getattr(module, name)
    # an activation is a function: it is not made, it is there
    made = thing(**given) if isinstance(thing, type) else thing
    described = module.serialize(made)
    if target.__name__ == "serialize":
        return json.dumps(_without_names(described), sort_keys=True, default=str)
    return _name_of(target(described), module)


def _name_of(value: Any, module: Any) -> str:
    """Return the name under which a module offers a thing or its class.

    A function and the class of the same name, such as ``log_cosh`` and ``LogCosh``, may stand for each other.
    """
    if isinstance(value, str):
        raise TypeError(f"a thing was wanted, got its name {value!r}")
    offered = (name for name in dir(module) if getattr(module, name) is value)
    return next(offered, type(value).__name__).replace("_", "").lower()


def _without_names(described: Any) -> Any:
    """Return a description without the names that a package makes up by counting."""
    if isinstance(described, Mapping):
        return {key: _without_names(value) for key, value in described.items() if key != "name"}
    return [_without_names(each) for each in described] if isinstance(described, list | tuple) else described
