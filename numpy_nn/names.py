"""Looking up by name, with an error that helps: Keras's users give losses, optimizers and so on as strings."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Return ``known[name]``.

    Raises:
        ValueError: if there is no such name; the message says which ``kind`` of thing was looked for, and the nearest.
    """
    if name in known:
        return known[name]
    nearest = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(known)}"
    raise ValueError(f"there is no {kind} named {name!r}; {hint}")
