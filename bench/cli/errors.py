"""How a command ends when something goes wrong: one sentence, and the exit code of its kind."""

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import typer

from bench.core.errors import BenchError, NotTwinsError
from bench.core.words import printable

# How many lines of what a contender printed are shown where it failed.
_LAST_LINES = 10

_debug = False


def show_tracebacks(wanted: bool) -> None:
    """Show where an error was raised above its sentence, or not."""
    global _debug
    _debug = wanted


def show_traceback_of(contender: str, told: str) -> None:
    """Show the traceback of an error that a contender raised in its process, on standard error, where it is wanted."""
    if _debug:
        lines = [f"{contender} raised in its own process:", *told.rstrip().splitlines()]
        typer.echo("\n".join(map(printable, lines)), err=True)


def show_printed(contender: str, printed: str, *, failed: bool, log: Path | None) -> None:
    """Show what a contender printed, on standard error: the last lines if it failed, all where that is wanted."""
    lines = printed.rstrip().splitlines()
    shown = lines if _debug else lines[-_LAST_LINES:] if failed else []
    if shown:
        rest = f"; the last {_LAST_LINES} of {len(lines)} lines, all with --debug" if len(shown) < len(lines) else ""
        kept = "" if log is None else f" (kept in {log})"
        typer.echo("\n".join(map(printable, [f"{contender} printed{kept}{rest}:", *shown])), err=True)


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """Turn any error into one sentence on standard error and the exit code of its kind."""
    try:
        yield
    except BenchError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except BrokenPipeError:
        raise
    except Exception as error:
        _fail(f"the harness itself failed, which should not happen: {type(error).__name__}: {error} (see --debug)", 4)


def _fail(sentence: str, code: int) -> None:
    error = sys.exception()
    if _debug and error is not None and not isinstance(error, NotTwinsError):  # a failed proof is a result
        *frames, _ = traceback.TracebackException.from_exception(error).format()  # the sentence says the rest
        typer.echo("".join(frames), err=True, nl=False)
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
