"""`bench report`, `view`, `list` and `show`: what was made, and what can be run."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.arguments import Animate, RunFolderPath
from bench.cli.errors import one_sentence
from bench.core.errors import unknown


def report(path: RunFolderPath, animate: Animate = False) -> None:
    """Make a run's tables, pictures and report again, from its trials."""
    with one_sentence():
        from bench.cli.display import Display, console
        from bench.report.reported import load
        from bench.report.write import write_report

        with Display(console()).showing() as display:
            page = write_report(load(path), display, animate=animate)
        typer.echo(page)


def view(
    path: Annotated[
        Path | None, typer.Argument(metavar="RUN", help="The folder of a run.", show_default="the latest in --out")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder that holds the runs.")] = Path("results"),
) -> None:
    """Open a run's report in the browser, and print its path."""
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


def list_names(
    scenarios: Annotated[bool, typer.Option("--scenarios", help="The scenarios alone, and all of them.")] = False,
) -> None:
    """List the suites, scenarios, data sets and contenders."""
    from bench.contenders.registry import CONTENDERS
    from bench.datasets import DATASETS
    from bench.experiments import EXPERIMENTS, SCENARIOS

    usual = {entry.scenario.name for suite in EXPERIMENTS.values() if suite.by_default for entry in suite.entries}
    shown = [name for name in SCENARIOS if scenarios or name in usual]
    width = max(map(len, shown))
    if not scenarios:
        typer.echo("suites (bench run NAME; one of your own: bench run ./my_experiment/)")
        for suite in EXPERIMENTS.values():
            when = "" if suite.by_default else ", only if named"
            typer.echo(f"  {suite.name:{width}} {suite.title}; {suite.seeds} seeds{when}")
    typer.echo("scenarios (bench show NAME; one of your own: bench run ./mine.toml)")
    for name in shown:
        network = SCENARIOS[name].network
        widths = "-".join(map(str, [network.layers[0].inputs, *(layer.units for layer in network.layers)]))
        batch = network.batch_size or "all rows"
        epochs = SCENARIOS[name].epochs
        typer.echo(f"  {name:{width}} {widths}, {epochs:,} epochs, batches of {batch}, {network.dtype}")
    if scenarios:
        return
    if len(shown) < len(SCENARIOS):
        typer.echo(f"  and {len(SCENARIOS) - len(shown)} more: bench list --scenarios")
    typer.echo("data sets (dataset = NAME in a scenario of your own)")
    for dataset in DATASETS.values():
        words = f"{dataset.title}; {dataset.features} features, {dataset.classes} classes"
        typer.echo(f"  {dataset.name:{width}} {words}")
    typer.echo("contenders (bench run --contender NAME, or ./a_file.py of your own)")
    for info in CONTENDERS.values():
        typer.echo(f"  {info.name:{width}} {info.title}{'; a guest, opt-in via --contender' if info.is_guest else ''}")


def show(name: Annotated[str, typer.Argument(metavar="NAME", help="A scenario, or the folder of a run.")]) -> None:
    """Show a scenario, or the tables and findings of a run."""
    with one_sentence():
        from bench.experiments import SCENARIOS
        from bench.runs.scenario_file import as_toml

        if name in SCENARIOS:
            typer.echo(as_toml(SCENARIOS[name]), nl=False)
        elif Path(name).is_dir():
            from bench.cli.display import print_run
            from bench.report.reported import load

            print_run(load(name))
        else:
            raise unknown("scenario (nor the folder of a run)", name, SCENARIOS)
