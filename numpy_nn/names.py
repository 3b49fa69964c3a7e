"""Names: looking up by one, with an error that helps, and giving one to what has none."""

import re
from collections.abc import Mapping
from typing import TypeVar

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


_made: dict[str, int] = {}


def automatic(class_name: str) -> str:
    """Return a name for one more object of a class, as Keras counts them: dense, dense_1, dense_2."""
    words = re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", class_name)).lower()
    number = _made.get(words, 0)
    _made[words] = number + 1
    return f"{words}_{number}" if number else words


def forget() -> None:
    """Let `automatic` count from the start again, as ``keras.utils.clear_session`` does."""
    _made.clear()
