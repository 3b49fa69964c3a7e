"""The command line: its verbs, a file for each group. An error is one sentence, with a traceback under --debug."""

import signal
from importlib.metadata import version
from typing import Annotated

import typer

from bench.cli import errors, gate, reports, running, verifying

app = typer.Typer(
    name="bench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="David vs Goliath: what does a deep-learning framework buy over plain NumPy, and what does it cost? "
    "Twins are proven equal, then timed.",
    epilog="Begin with: bench run --quick. Exit codes: 0 done or passed, 1 a failed rule or a failed proof, 2 wrong "
    "usage or bad input, 3 inconclusive (check), 4 the harness itself failed, 130 interrupted.",
)

app.command("run")(running.run)
app.command("verify")(verifying.verify)
app.command("report")(reports.report)
app.command("view")(reports.view)
app.command("check")(gate.check)
app.command("baseline")(gate.baseline)
app.command("list")(reports.list_names)
app.command("show")(reports.show)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _terminated)
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("david-vs-goliath"))
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Keep the options that hold for every verb."""
    errors.show_tracebacks(debug)


def _terminated(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
