"""Names: looking up by one, with an error that helps, and giving one to what has none."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Return ``known[name]``.

    Raises:
        ValueError: if there is no such name; the message says which ``kind`` of thing was looked for, and the nearest.
    """
    if name in known:
        return known[name]
    from difflib import get_close_matches  # an error may take its time; an import may not

    nearest = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(known)}"
    raise ValueError(f"there is no {kind} named {name!r}; {hint}")


def spellings(*classes: type[T]) -> dict[str, type[T]]:
    """Return classes by the names that Keras knows them by: ``UnitNorm`` and ``unit_norm``."""
    return {name: each for each in classes for name in (each.__name__, snake_case(each.__name__))}


def resolve(kind: str, identifier: Any, base: type[T], known: Mapping[str, type[T]]) -> T | None:
    """Return the object that ``identifier`` stands for, as Keras's ``get`` does.

    Args:
        kind: what is looked for, for the error.
        identifier: a name, what Keras's ``serialize`` returns, a class, an object, or None for nothing.
        base: what the object must be one of.
        known: the classes by name.

    Raises:
        ValueError: if it stands for none; for a name, with the nearest.
    """
    if identifier is None or isinstance(identifier, base):
        return identifier
    if isinstance(identifier, Mapping):
        made: T = find(kind, identifier.get("class_name", ""), known).from_config(identifier.get("config", {}))  # type: ignore[attr-defined] # all of them have it
        return made
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    return find(kind, identifier, known)()


def described(module: str, part: Any) -> dict[str, Any]:
    """Return what Keras's ``serialize`` writes of an object: its module, its class and its arguments."""
    return {
        "module": f"keras.{module}",
        "class_name": type(part).__name__,
        "config": part.get_config(),
        "registered_name": None,
    }


def snake_case(name: str) -> str:
    """Return a class's name as Keras makes names of it: ``p_re_lu`` for ``PReLU``."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


_made: dict[str, int] = {}


def automatic(class_name: str) -> str:
    """Return a name for one more object of a class, as Keras counts them: dense, dense_1, dense_2."""
    words = snake_case(class_name)
    number = _made.get(words, 0)
    _made[words] = number + 1
    return f"{words}_{number}" if number else words


def forget() -> None:
    """Let `automatic` count from the start again, as ``keras.utils.clear_session`` does."""
    _made.clear()
