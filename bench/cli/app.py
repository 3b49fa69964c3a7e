"""The command line: its verbs, a file for each group. An error is one sentence, with a traceback under --debug."""

import signal
from importlib.metadata import version
from typing import Annotated

import typer

from bench.cli import calibrating, comparing, doctor, errors, gate, listing, new, reports, running, verifying

# Stands under the help of every verb.
EXIT_CODES = (
    "Exit codes: 0 done or passed, 1 a failed rule, a failed proof, or worse (compare), 2 wrong usage or bad input, 3 "
    "inconclusive (check, compare) or not fit to publish (doctor), 4 the harness itself failed, 130 interrupted."
)

app = typer.Typer(
    name="bench",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="David vs Goliath: what does a deep-learning framework buy over plain NumPy, and what does it cost? "
    "Twins are proven equal, then timed.",
    epilog=f"Begin with: bench run --quick\n\n{EXIT_CODES}",
)
new_verbs = typer.Typer(
    no_args_is_help=True,
    help="Write a contender, a scenario or an experiment of your own to start from; it runs as it stands.",
    epilog=EXIT_CODES,
)

app.command("run", epilog=EXIT_CODES)(running.run)
app.command("verify", epilog=EXIT_CODES)(verifying.verify)
app.add_typer(new_verbs, name="new")
app.command("list", epilog=EXIT_CODES)(listing.list_names)
app.command("show", epilog=EXIT_CODES)(listing.show)
app.command("report", epilog=EXIT_CODES)(reports.report)
app.command("view", epilog=EXIT_CODES)(reports.view)
app.command("doctor", epilog=EXIT_CODES)(doctor.doctor)
app.command("compare", epilog=EXIT_CODES)(comparing.compare)
app.command("calibrate", epilog=EXIT_CODES)(calibrating.calibrate)
app.command("check", epilog=EXIT_CODES)(gate.check)
app.command("baseline", epilog=EXIT_CODES)(gate.baseline)

new_verbs.command("contender", epilog=EXIT_CODES)(new.contender)
new_verbs.command("scenario", epilog=EXIT_CODES)(new.scenario)
new_verbs.command("experiment", epilog=EXIT_CODES)(new.experiment)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _terminated)
    app(prog_name="bench")  # also for `python -m bench`, so that --install-completion completes the command `bench`


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
