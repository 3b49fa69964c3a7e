"""Names: finding an object by its name, and naming new layers and networks."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Return ``known[name]``.

    Raises:
        ValueError: if the name is unknown; the message contains ``kind`` and suggests the most similar name.
    """
    if name in known:
        return known[name]
    from difflib import get_close_matches  # slow to import, and needed only for the error

    nearest = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"the known names are {', '.join(known)}"
    raise ValueError(f"there is no {kind} named {name!r}; {hint}")


def spellings(*classes: type[T]) -> dict[str, type[T]]:
    """Return classes by both of their names in Keras: ``UnitNorm`` and ``unit_norm``."""
    return {name: each for each in classes for name in (each.__name__, snake_case(each.__name__))}


def resolve(kind: str, identifier: Any, base: type[T], known: Mapping[str, type[T]]) -> T | None:
    """Return the object that ``identifier`` denotes, like Keras's ``get``.

    Args:
        kind: the kind of object, for the error message.
        identifier: a name, the result of Keras's ``serialize``, a class, an object, or None, which is returned.
        base: the class of the object.
        known: the classes by name.

    Raises:
        ValueError: if the identifier is unknown; for a name, the message suggests the most similar one.
    """
    if identifier is None or isinstance(identifier, base):
        return identifier
    if isinstance(identifier, Mapping):
        made: T = find(kind, identifier.get("class_name", ""), known).from_config(identifier.get("config", {}))  # type: ignore[attr-defined] # every class in `known` has it
        return made
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    return find(kind, identifier, known)()


def described(module: str, part: Any) -> dict[str, Any]:
    """Return an object as Keras's ``serialize`` describes it: by module, class and arguments."""
    return {
        "module": f"keras.{module}",
        "class_name": type(part).__name__,
        "config": part.get_config(),
        "registered_name": None,
    }


def snake_case(name: str) -> str:
    """Return a class's name in snake case, as Keras does: ``p_re_lu`` for ``PReLU``."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


_made: dict[str, int] = {}


def automatic(class_name: str) -> str:
    """Return a name for a new object of a class, numbered as in Keras: dense, dense_1, dense_2."""
    words = snake_case(class_name)
    number = _made.get(words, 0)
    _made[words] = number + 1
    return f"{words}_{number}" if number else words


def forget() -> None:
    """Restart the numbering of `automatic`, as ``keras.utils.clear_session`` does."""
    _made.clear()
