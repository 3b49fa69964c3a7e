"""Errors that the user can act on, each with the exit code of the command."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


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


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for an unknown name; it suggests the nearest name, or lists all if no name is near."""
    names = sorted(known)
    nearest = get_close_matches(name, names, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(names)}"
    return UsageError(f"there is no {kind} named {name!r}; {hint}")
