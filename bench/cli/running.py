"""`bench run`: prove the contenders equal, train them, write the report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli import complete
from bench.cli.arguments import Animate, with_settings
from bench.cli.errors import one_sentence
from bench.core.errors import UsageError
from bench.experiments import EXPERIMENTS

if TYPE_CHECKING:
    from bench.trials.schedule import PlannedTrial

_USUAL = " and ".join(name for name, experiment in EXPERIMENTS.items() if experiment.by_default)


@with_settings
def run(
    context: typer.Context,
    suites: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SUITE",
            help="Suites; folders of your own experiments, as ./my_experiment/; files with your own scenarios, as "
            "./mine.toml; or a Keras model, as ./model.keras. bench list names the suites, bench new writes one of "
            "your own.",
            show_default=_USUAL,
            autocompletion=complete.suites,
        ),
    ] = None,
    *,
    seeds: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="How many seeds; 2 comes first, as in the article, then 0, 1, 3, …",
            show_default="the suite's own",
        ),
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(metavar="K", help="This seed. Repeatable; instead of --seeds.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The folder that the run's own folder is made in.")
    ] = Path("results"),
    data: Annotated[
        Path | None,
        typer.Option(
            help="A table of your own (CSV, Parquet or .npz) for the scenario files, or for the fair duel's network if "
            "no suite is named. Categories become one-hot, numbers are standardized by the training rows, a fifth is "
            "held out."
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="The column of --data to predict: classes, or a quantity (a regression).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and an estimate of its time; run nothing.")
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Run what is missing of an interrupted run.", autocompletion=complete.runs),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="With --resume: run the code of contenders and experiments that RUN names.")
    ] = False,
    animate: Animate = False,
    **chosen: Any,
) -> None:
    """Prove the contenders equal, train them, and leave tables and a report.

    Example: bench run twins --seeds 10 --contender ./mine.py
    """
    with one_sentence():
        from bench.cli.display import Display, console, print_run
        from bench.report import reported
        from bench.runs.plan import plan_trials
        from bench.runs.settings import make_settings

        if (data is None) != (target is None):
            raise UsageError("--data and --target belong together: a file, and the column to predict")
        if seeds is not None and seed:
            raise UsageError("give --seeds (how many) or --seed (which), not both")
        if resume is not None:
            others = sorted(set(_given(context)) - {"resume", "trust", "animate"})
            if others:
                named = ", ".join(others)
                raise UsageError(
                    f"--resume takes everything from the run's own folder, got {named} as well; leave it out"
                )
            with Display(console()).showing() as display:
                made = reported.resume(resume, display, animate=animate, trust=trust)
        else:
            table = None if data is None or target is None else (data, target)
            settings = make_settings(suites or [], seeds=list(seed) if seed else seeds, data=table, **chosen)
            if dry_run:
                _print_plan(plan_trials(settings), settings.notes)
                return
            with Display(console()).showing() as display:
                made = reported.start(settings, out, display, animate=animate)
        print_run(made)


def _given(context: typer.Context) -> list[str]:
    """Return the names of the options and arguments that stand on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]


def _print_plan(trials: "list[PlannedTrial]", notes: list[str]) -> None:
    from bench.core.words import seconds_words
    from bench.report.trained import planned_words

    told = {trial.scenario.name: planned_words(trial.scenario) for trial in trials if trial.probe is None}
    for name, words in told.items():
        typer.echo(f"{name}: {words}")
    for note in notes:
        typer.echo(f"note: {note}")
    for number, trial in enumerate(trials, start=1):
        work = f"{trial.scenario.epochs:6,} epochs" if trial.probe is None else f"measures {trial.probe.name}"
        at = "" if trial.probe is None else f" of {len(trial.probe.cases) or 1} cases at {trial.threads} threads"
        typer.echo(
            f"{number:3} {trial.suite:10} {trial.scenario.name:14} {trial.contender.name:12} seed {trial.seed:<4} "
            f"{work}{at}, roughly {seconds_words(trial.rough_seconds)}"
        )
    total = sum(trial.rough_seconds for trial in trials)
    typer.echo(
        f"{len(trials)} trials, roughly {total / 60:.1f} minutes on a machine of two cores, and the proof of "
        f"equality before them"
    )
