"""`bench report` and `bench view`: what a run found, written and opened again."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli import complete
from bench.cli.arguments import Animate, RunFolderPath
from bench.cli.errors import one_sentence
from bench.cli.formats import TextOrJson, print_json

if TYPE_CHECKING:
    from bench.runs.record import Run


def report(path: RunFolderPath, animate: Animate = False, form: TextOrJson = "text") -> None:
    """Make a run's tables, pictures and report again, from its trials.

    Example: bench report results/RUN
    """
    with one_sentence():
        from bench.cli.display import Display, console
        from bench.report.reported import load
        from bench.report.write import write_report

        made = load(path)
        with Display(console(stderr=form == "json")).showing() as display:
            page = write_report(made, display, animate=animate)
        if form == "json":
            print_json(values_of(made))
        else:
            typer.echo(page)


def values_of(made: "Run") -> dict[str, Any]:
    """Return what a run found as plain values: that of ``findings.json``, the rows of ``summary.csv``, the page."""
    from bench.report.write import PAGE
    from bench.statistics.summary import records

    return {
        "run_id": made.run_id,
        "findings": [finding.to_json() for finding in made.findings],
        "summary": records(made.summary()),
        "page": str(made.path / PAGE),
    }


def view(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN",
            help="The folder of a run.",
            show_default="the latest in --out",
            autocompletion=complete.runs,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder that holds the runs.")] = Path("results"),
) -> None:
    """Open a run's report in the browser, and print its path.

    Example: bench view
    """
    with one_sentence():
        import webbrowser

        from bench.report.reported import load
        from bench.report.write import PAGE, write_report
        from bench.runs.record import latest

        made = load(path or latest(out))
        page = made.path / PAGE
        if not page.exists():
            write_report(made)
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(page.resolve().as_uri())
        typer.echo(page)
