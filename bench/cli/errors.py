"""How a command ends when something goes wrong: one sentence, and the exit code of its kind."""

import contextlib
import traceback
from collections.abc import Iterator

import typer

from bench.core.errors import BenchError
from bench.core.words import printable

_debug = False


def show_tracebacks(wanted: bool) -> None:
    """Show the traceback of an error above its sentence, or not."""
    global _debug
    _debug = wanted


def show_traceback_of(contender: str, told: str) -> None:
    """Show the traceback of an error that a contender raised in its process, on standard error, where it is wanted."""
    if _debug:
        lines = [f"{contender} raised in its own process:", *told.rstrip().splitlines()]
        typer.echo("\n".join(map(printable, lines)), err=True)


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
    if _debug:
        traceback.print_exc()
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
