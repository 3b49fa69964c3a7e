"""Errors that the user can act on, each with the exit code of the command."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from bench.core.words import listed

# An error names at most this many near names, or all names if they are few; otherwise the first of them.
_NEAREST = 5
_FEW = 10


class BenchError(Exception):
    """An error in one clear sentence for the user of the command line.

    Attributes:
        exit_code: the exit code of the command.
    """

    exit_code = 4


class UsageError(BenchError):
    """Wrong usage or bad input."""

    exit_code = 2


class NotTwinsError(BenchError):
    """A contender failed the proof, so nothing may be compared.

    Attributes:
        run: the folder of the run that was refused; None outside a run.
    """

    exit_code = 1
    run: Path | None = None


class Interrupted(BenchError):  # noqa: N818 - not an error; the word is the status in run.json
    """The user stopped the run; finished trials are kept."""

    exit_code = 130


def unknown(kind: str, name: str, known: Iterable[str], listed_by: str = "") -> UsageError:
    """Return the error for an unknown name: it suggests the nearest names, or says which are known.

    ``listed_by`` is the command that lists them all.
    """
    names = sorted(known)
    nearest = get_close_matches(name, names, n=_NEAREST)
    if nearest:
        hint = f"did you mean {listed(list(map(repr, nearest)), 'or')}?"
    elif len(names) <= _FEW:
        hint = f"known are {', '.join(names)}"
    else:
        more = f"{len(names) - _NEAREST} more{': ' if listed_by else ''}{listed_by}"
        hint = f"known are {', '.join(names[:_NEAREST])} … and {more}"
    return UsageError(f"there is no {kind} named {name!r}; {hint}")
