"""The public names of a package's modules, read from the package itself, never from a list."""

import importlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

# Functions that every module has: they find a thing by name, describe it, and make it from a description.
LOOKUPS = ("get", "serialize", "deserialize")


@dataclass(frozen=True)
class Shelf:
    """The contents of one module of Keras.

    Attributes:
        base: the base class of its classes; None if it has functions only.
        classes: the kind of those classes.
        functions: the kind of its functions; None if no comparison fits them.
    """

    base: str | None
    classes: str | None
    functions: str | None = None


SHELVES: dict[str, Shelf] = {
    "activations": Shelf(None, None, "activation"),
    "losses": Shelf("Loss", "loss", "loss function"),
    "optimizers": Shelf("Optimizer", "optimizer"),
    "optimizers.schedules": Shelf("LearningRateSchedule", "schedule"),
    "initializers": Shelf("Initializer", "initializer"),
    "regularizers": Shelf("Regularizer", "regularizer"),
    "constraints": Shelf("Constraint", "constraint"),
    "metrics": Shelf("Metric", "metric", "loss function"),
    "layers": Shelf("Layer", "layer", "input"),
    "callbacks": Shelf("Callback", "callback"),
}


# The classes whose attributes and methods are listed one by one.
CLASSES = ("Model", "Sequential", "layers.Layer", "metrics.Metric", "optimizers.Optimizer", "callbacks.Callback")


@dataclass(frozen=True)
class Parameter:
    """An argument of a public thing; its default as text, None if the argument is required."""

    name: str
    default: str | None


@dataclass(frozen=True)
class PublicName:
    """One public name of a package.

    Attributes:
        module: within the package, such as ``optimizers.schedules``.
        kind: how it is compared; ``base`` for the base class, ``member`` for an attribute or method of one of
            `CLASSES`, which is then the module, ``lookup`` for ``get``, ``serialize`` and ``deserialize``, None if no
            comparison fits.
        alias_of: the main name of the same object in the same module; None if this is the main name.
        parameters: in order, without ``*args`` and ``**kwargs``.
        takes_any: whether it has ``**kwargs``, and so may take more than its parameters.
    """

    module: str
    name: str
    kind: str | None
    alias_of: str | None
    parameters: tuple[Parameter, ...]
    takes_any: bool = False

    @property
    def path(self) -> str:
        """The name with its module, such as ``losses.Huber``."""
        return f"{self.module}.{self.name}"

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "PublicName":
        """Return the name from the JSON form of `dataclasses.asdict`."""
        return cls(**{**given, "parameters": tuple(Parameter(**each) for each in given["parameters"])})


def public_names(package: str) -> Iterator[PublicName]:
    """Yield every public name of the modules in `SHELVES`, and of `CLASSES`; what ``package`` lacks has none."""
    for module_name, shelf in SHELVES.items():
        module = find_module(package, module_name)
        if module is None:
            continue
        objects = {name: value for name, value in inspect.getmembers(module, callable) if not name.startswith("_")}
        first: dict[int, str] = {}
        for name, value in sorted(objects.items(), key=lambda each: each[0] != getattr(each[1], "__name__", None)):
            first.setdefault(id(value), name)
        for name, value in objects.items():
            original = first[id(value)]
            yield PublicName(
                module_name,
                name,
                _kind(name, value, module, shelf),
                None if original == name else original,
                *_parameters(value),
            )

    for owner, thing in _examples(importlib.import_module(package)):
        for name in dir(thing):
            if not name.startswith("_") and hasattr(thing, name):
                yield PublicName(owner, name, "member", None, *_parameters(getattr(thing, name)))


def _examples(api: Any) -> Iterator[tuple[str, Any]]:
    """Yield an object of each of `CLASSES`, as it is after `compile`; none for a package without networks."""
    if not hasattr(api, "Sequential"):
        return
    inputs = api.Input((2,))
    functional = api.Model(inputs, api.layers.Dense(1)(inputs))
    sequential = api.Sequential([api.Input((2,)), api.layers.Dense(1)])
    for model in (functional, sequential):
        model.compile("sgd", "mse")
    yield from zip(
        CLASSES,
        (
            functional,
            sequential,
            sequential.layers[0],
            api.metrics.Mean(),
            sequential.optimizer,
            api.callbacks.Callback(),
        ),
        strict=True,
    )


def find_module(package: str, module: str) -> ModuleType | None:
    """Return a module of a package, or None if the package lacks it."""
    try:
        return importlib.import_module(f"{package}.{module}")
    except ModuleNotFoundError as error:
        if error.name is None or not f"{package}.{module}".startswith(error.name) or error.name == package:
            raise
        return None


def _kind(name: str, value: object, module: ModuleType, shelf: Shelf) -> str | None:
    if name in LOOKUPS:
        return "lookup"
    if not inspect.isclass(value) or name == "InputLayer":  # computes nothing
        return shelf.functions
    if name == shelf.base:
        return "base"
    base = object if shelf.base is None else getattr(module, shelf.base, None)
    return shelf.classes if isinstance(base, type) and issubclass(value, base) else None


def _parameters(value: Any) -> tuple[tuple[Parameter, ...], bool]:
    """Return the parameters of a thing, and whether it has ``**kwargs``."""
    if not callable(value):
        return (), False
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):  # a C function may have no signature
        return (), True
    named = (each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD))
    return (
        tuple(Parameter(each.name, None if each.default is each.empty else repr(each.default)) for each in named),
        any(each.kind == each.VAR_KEYWORD for each in parameters),
    )
