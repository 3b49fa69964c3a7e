"""`bench check` and `bench baseline`: the gate, and the run that it compares with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli import complete
from bench.cli.arguments import Contenders
from bench.cli.errors import one_sentence
from bench.cli.formats import AnyFormat
from bench.core.errors import NotTwinsError, UsageError

if TYPE_CHECKING:
    from bench.runs.record import Run

# The committed run.
_BASELINE = Path("results/baseline")


def check(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN",
            help="The folder of a run of the suite twins, or of a scenario, table or model of your own.",
            show_default="makes one",
            autocompletion=complete.runs,
        ),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="How many seeds, where a run is made.", show_default="10")
    ] = None,
    contender: Contenders = None,
    baseline: Annotated[
        Path,
        typer.Option(
            metavar="RUN", help="The run whose ratio of training times is compared with.", autocompletion=complete.runs
        ),
    ] = _BASELINE,
    slower: Annotated[
        float,
        typer.Option(
            metavar="FACTOR", help="How many times the baseline's ratio NumPy / Keras may be.", show_default="1.5"
        ),
    ] = 1.5,
    least_accuracy: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="The least mean test accuracy, or R² of a regression.",
            show_default="0.95; for a scenario, table or model of your own, its training target",
        ),
    ] = None,
    form: AnyFormat = "text",
    threads: Annotated[
        int | None, typer.Option(metavar="N", help="Threads of each trial, where a run is made.", show_default="1")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder that a run is made in.", show_default="results"),
    ] = None,
) -> None:
    """Check what a run promises: proof, test accuracy (or R²), equal scores, equal curves; of the twins also time.

    Prints a line for each rule: its outcome, what was measured, what was expected.

    Example: bench check results/RUN --format markdown
    """
    with one_sentence():
        from bench.report.reported import DEFAULT_OUT, load
        from bench.verdicts import check as gate

        if not 1.0 <= slower < float("inf"):
            raise UsageError(f"--slower must be a factor of at least 1, got {slower:g}")
        if least_accuracy is not None and not 0.0 < least_accuracy <= 1.0:
            raise UsageError(f"--least-accuracy must be above 0 and at most 1, got {least_accuracy:g}")
        if path is None:
            made = _run_for_gate(
                10 if seeds is None else seeds,
                contender or [],
                1 if threads is None else threads,
                out or Path(DEFAULT_OUT),
            )
        elif contender or seeds is not None or threads is not None or out is not None:
            raise UsageError("give a RUN to judge, or --seeds, --contender, --threads and --out to make one, not both")
        else:
            made = load(path)
        held = load(baseline) if (baseline / "run.json").exists() or baseline != _BASELINE else None
        checks = gate.judge(made, held, slower, least_accuracy)
        typer.echo(gate.FORMATS[form](checks))
        outcome = gate.outcome_of(checks)
    raise typer.Exit(gate.EXIT_CODES[outcome])


def baseline(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RUN",
            help="The folder of a complete run: of the usual suites, or of one other. Further runs of the fair duel "
            "tell the gate how runs differ.",
            show_default="makes one of the usual suites, and four of the fair duel",
            autocompletion=complete.runs,
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", help="How many seeds, where runs are made.")] = 10,
    figures_only: Annotated[
        bool, typer.Option("--figures-only", help="Keep the baseline as it is; write its figures into the texts again.")
    ] = False,
) -> None:
    """Make runs the baseline in results/baseline, and write the first one's figures into the READMEs and the docs.

    For maintainers of this repository: run it in its root, look at what changed, and commit all of it together.

    Example: bench baseline results/RUN
    """
    with one_sentence():
        from bench.cli.display import Display, console
        from bench.report.reported import DEFAULT_OUT, load, start
        from bench.runs.settings import make_settings
        from bench.verdicts import baseline as keeper
        from bench.verdicts import check as gate
        from bench.verdicts.calibration import BASELINE_RUNS

        if figures_only and paths:
            raise UsageError("--figures-only takes the figures of results/baseline; give no RUN beside it")
        if figures_only:
            kept: Run = load(_BASELINE)
            keeper.write_figures(_BASELINE, _texts())
        else:
            with Display(console()).showing() as display:
                asked = [[], *([gate.SUITE] for _ in range(BASELINE_RUNS - 1))]
                made: list[Run] = [load(path) for path in paths or ()] or [
                    start(make_settings(suites, seeds=seeds), Path(DEFAULT_OUT), display) for suites in asked
                ]
                kept = keeper.renew(made[0], _BASELINE, _texts(), display, made[1:])
        typer.echo(kept.path / "report.md")


def _texts() -> list[Path]:
    """Return the texts that may quote the baseline: the READMEs and the pages of the docs."""
    return [Path("README.md"), Path("README.zh-CN.md"), *sorted(Path("docs").glob("*.md"))]


def _run_for_gate(seeds: int, chosen: list[str], threads: int, out: Path) -> "Run":
    """Make the run that the gate judges, with its progress on standard error; a refused run is judged too."""
    from bench.cli.display import Display, console
    from bench.report.reported import load, start
    from bench.report.write import PAGE
    from bench.runs.settings import make_settings
    from bench.verdicts import check as gate

    settings = make_settings([gate.SUITE], seeds=seeds, contenders=gate.judged(chosen), threads=threads)
    with Display(console(stderr=True)).showing() as display:
        try:
            made: Run = start(settings, out, display)
        except NotTwinsError as error:
            if error.run is None:
                raise
            made = load(error.run)
    typer.echo(made.path / PAGE, err=True)
    return made
