"""`bench calibrate`: how often the verdicts are wrong on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.errors import one_sentence
from bench.cli.formats import AnyFormat, print_json

# Kept with the baseline.
CALIBRATION = Path("results/baseline/calibration.json")


def calibrate(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Show the rates of this calibration.", show_default="measures one"),
    ] = None,
    runs: Annotated[
        int, typer.Option(metavar="N", help="How many A/A runs, of 12 seconds or so each, where it is measured.")
    ] = 60,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file that it is kept in.")] = CALIBRATION,
    form: AnyFormat = "text",
) -> None:
    """Measure how often each verdict is wrong here: runs in which nothing differs, and the same with a slower side.

    A run that was interrupted is gone on with. What is kept are the seconds; the rates are computed from them.

    Example: bench calibrate --runs 60
    """
    with one_sentence():
        from bench.cli.display import Display, console, show_table
        from bench.core.errors import UsageError
        from bench.core.markdown import markdown_table
        from bench.verdicts import calibration

        if path is not None:
            made = calibration.read(path)
            if not made.is_whole:
                raise UsageError(
                    f"{path} must hold more than {calibration.BASELINE_RUNS} runs, got {len(made.runs)}; go on with it "
                    f"by: bench calibrate --out {path}"
                )
        else:
            with Display(console(stderr=True)).showing() as display:
                made = calibration.measure(out, runs, display.racing_itself)
        if form == "json":
            print_json({"environment": made.environment, "rates": calibration.records(made.runs)})
        elif form == "markdown":
            typer.echo(markdown_table(calibration.rates_table(made)))
        else:
            show_table(console(), calibration.rates_table(made))
