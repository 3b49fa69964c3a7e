"""Names: finding an object by its name, with a helpful error, and naming unnamed objects."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from numpy_nn.registration import get_registered_name

T = TypeVar("T")


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Return ``known[name]``.

    Raises:
        ValueError: if the name is unknown; the message contains the ``kind`` of object and suggests the nearest name.
    """
    if name in known:
        return known[name]
    from difflib import get_close_matches  # slow to import, and only errors need it

    nearest = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"the known names are {', '.join(known)}"
    raise ValueError(f"there is no {kind} named {name!r}; {hint}")


# What arguments of Keras 2 are called now.
_RENAMED = {
    "lr": "learning_rate",
    "decay": "learning_rate=schedules.InverseTimeDecay(rate, 1, decay)",
    "alpha": "negative_slope",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
    "output_dim": "units",
    "batch_input_shape": "Input(batch_shape=...) before the layer",
    "weights": "set_weights() once the layer is built",
    "p": "rate",
}


def refuse_unknown(owner: str, unknown: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise a ValueError if there are unknown arguments, as Keras does; the message names the one that is meant."""
    if not unknown:
        return
    from difflib import get_close_matches

    name = next(iter(unknown))
    nearest = get_close_matches(name, list(known), n=1)
    hint = f"; Keras 3 has {_RENAMED[name]}" if name in _RENAMED else f"; did you mean {nearest[0]}?" if nearest else ""
    raise ValueError(f"{owner} takes no argument {name!r}{hint}")


def absent(module: str) -> Callable[[str], NoReturn]:
    """Return the ``__getattr__`` of a module: its AttributeError says why a name of Keras is missing."""

    def raise_missing(name: str) -> NoReturn:
        if not name.startswith("_") and (words := _why_missing(f"{module}.{name}")):
            raise AttributeError(words)
        raise AttributeError(f"module {module!r} has no attribute {name!r}", name=name, obj=sys.modules[module])

    return raise_missing


class MissingFinder:
    """Says why a name of Keras is missing in ``from numpy_nn.layers import LSTM`` and ``import numpy_nn.datasets``.

    Python asks the finders in ``sys.meta_path`` for a module when a package lacks a name, and puts an AttributeError
    into words of its own.
    """

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004 - Python's protocol
        """Raise an ImportError for a name of Keras that is missing for a reason; Python continues with others."""
        if name.startswith("numpy_nn.") and (words := _why_missing(name)):
            raise ImportError(words, name=name)


def _why_missing(name: str) -> str:
    from numpy_nn.missing import sentence  # imported when used: only errors need it

    return sentence(name.removeprefix("numpy_nn."))


def arguments_of(constructor: Callable[..., Any], *without: str) -> tuple[str, ...]:
    """Return the names of a constructor's arguments, except ``self`` and those in ``without``."""
    code = constructor.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    return tuple(name for name in names if name not in without)


def public(base: type[T], names: Mapping[str, Any]) -> dict[str, type[T]]:
    """Return the public classes among a module's names that are derived from ``base``, by each of their names."""
    return {
        name: each
        for name, each in names.items()
        if isinstance(each, type) and issubclass(each, base) and each is not base and not name.startswith("_")
    }


def spellings(kinds: Mapping[str, type[T]], **short: type[T]) -> dict[str, type[T]]:
    """Return classes by their given names, by their own, and by short names in lower and upper case, as Keras does."""
    own = {kind.__name__: kind for kind in kinds.values()}
    return {**kinds, **own, **short, **{name.upper(): kind for name, kind in short.items()}}


def resolve(kind: str, identifier: Any, base: type[T], known: Mapping[str, type[T]]) -> T | None:
    """Return the object that ``identifier`` names, as Keras's ``get`` does.

    Args:
        kind: the noun for the error message.
        identifier: a name, a result of Keras's ``serialize``, a class, an object, or None for no object.
        base: the class that the object is an instance of.
        known: the classes by name.

    Raises:
        ValueError: if the name is unknown; the message suggests the nearest.
    """
    if identifier is None or isinstance(identifier, base):
        return identifier
    if isinstance(identifier, Mapping):
        made: T = find(kind, identifier.get("class_name", ""), known).from_config(identifier.get("config", {}))  # type: ignore[attr-defined] # every class in `known` has it
        return made
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    return find(kind, identifier, known)()


def description(module: str, class_name: str, config: Any) -> dict[str, Any]:
    """Return the description of an object of a class with this config, as Keras writes it."""
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def described(module: str, part: Any) -> dict[str, Any]:
    """Return an object's module, class and arguments as Keras's ``serialize`` writes them.

    A class of the user is described by its own module and the name under which it is registered.
    """
    kind = type(part)
    if kind.__module__.startswith("numpy_nn."):
        return description(f"keras.{module}", kind.__name__, part.get_config())
    custom = description(kind.__module__, kind.__name__, part.get_config())
    return custom | {"registered_name": get_registered_name(kind)}


def described_function(function: Any) -> dict[str, Any]:
    """Return a function's name as Keras's ``serialize`` writes it."""
    name = getattr(function, "__name__", type(function).__name__)
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def snake_case(name: str) -> str:
    """Return a class's name in Keras's lower-case form: ``p_re_lu`` for ``PReLU``."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


_made: dict[str, int] = {}


def automatic(class_name: str) -> str:
    """Return the next name for an object of a class, numbered as in Keras: dense, dense_1, dense_2."""
    words = snake_case(class_name)
    number = _made.get(words, 0)
    _made[words] = number + 1
    return f"{words}_{number}" if number else words


def forget() -> None:
    """Restart the numbers of `automatic`, as ``keras.utils.clear_session`` does."""
    _made.clear()


class Configured:
    """An object that keeps each constructor argument in an attribute of the same name.

    Attributes:
        arguments: the names that `get_config` adds: those of the constructors of the class and its bases without
            `omitted`, unless a class lists them in Keras's order.
        omitted: the arguments that `get_config` leaves out, or adds in another way.
    """

    arguments: ClassVar[tuple[str, ...]] = ()
    omitted: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls) and "arguments" not in vars(cls):
            own = arguments_of(cls.__init__, *cls.omitted)
            cls.arguments = (*own, *(name for name in cls.arguments if name not in (*own, *cls.omitted)))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments, like Keras's ``get_config``."""
        return {name: getattr(self, name) for name in self.arguments if hasattr(self, name)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the object that `get_config` or Keras's ``get_config`` describes.

        Raises:
            TypeError: if the class does not accept one of the arguments.
        """
        return cls(**config)
