"""`bench list` and `bench show`: what can be run, and what was."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli import complete
from bench.cli.errors import one_sentence
from bench.cli.formats import TextOrJson, print_json
from bench.cli.reports import values_of
from bench.core.errors import UsageError, unknown
from bench.core.words import counted

if TYPE_CHECKING:
    from bench.core.spec import Scenario


def list_names(
    scenarios: Annotated[bool, typer.Option("--scenarios", help="The scenarios alone, and all of them.")] = False,
    form: TextOrJson = "text",
) -> None:
    """List the suites, scenarios, data sets and contenders.

    Example: bench list --scenarios
    """
    if form == "json":
        print_json(_listed(only_scenarios=scenarios))
    else:
        _print_lists(only_scenarios=scenarios)


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A suite, a scenario, a scenario file of your own such as ./mine.toml, or the folder of a run.",
            autocompletion=complete.shown,
        ),
    ],
    form: TextOrJson = "text",
) -> None:
    """Show the scenarios of a suite as TOML, one scenario, or the tables and findings of a run.

    Example: bench show twins > mine.toml
    """
    with one_sentence():
        from bench.core.spec import MODEL_SUFFIX
        from bench.datasets import DATASETS
        from bench.experiments import EXPERIMENTS, SCENARIOS

        if name in EXPERIMENTS:
            _show_scenarios(list(EXPERIMENTS[name].scenarios.values()), form)
        elif name in SCENARIOS:
            _show_scenarios([SCENARIOS[name]], form)
        elif name.endswith(".toml"):
            from bench.runs.scenario_file import read_scenario

            read = read_scenario(Path(name))
            _show_scenarios([read], form)
            if form == "text":
                typer.echo(f"\n# {_size_words(read)}")
        elif name.endswith(MODEL_SUFFIX):
            raise UsageError(
                f"show takes scenarios and runs, got the model {name}; bench run {name} --data FILE --target COLUMN "
                f"trains and serves it, and its report says what it is"
            )
        elif name in DATASETS:
            raise UsageError(f"{name} is a data set ({DATASETS[name].title}), not a scenario; bench list describes all")
        elif Path(name).is_dir() or "/" in name:
            _show_run(Path(name), form)
        else:
            known = {*EXPERIMENTS, *SCENARIOS}
            raise unknown("suite or scenario (nor a .toml file or the folder of a run)", name, known, "bench list")


def _listed(*, only_scenarios: bool) -> dict[str, Any]:
    """Return everything that can be named, as plain values; all scenarios in any case."""
    from bench.contenders.registry import CONTENDERS
    from bench.datasets import DATASETS
    from bench.experiments import EXPERIMENTS, SCENARIOS

    scenarios = [
        {
            "name": each.name,
            "layers": _widths(each),
            "epochs": each.epochs,
            "batch_size": each.network.batch_size or "all",
            "dtype": each.network.dtype,
        }
        for each in SCENARIOS.values()
    ]
    if only_scenarios:
        return {"scenarios": scenarios}
    return {
        "suites": [
            {
                "name": each.name,
                "title": each.title,
                "seeds": each.seeds,
                "by_default": each.by_default,
                "scenarios": list(each.scenarios),
                "contenders": list(each.contenders),
            }
            for each in EXPERIMENTS.values()
        ],
        "scenarios": scenarios,
        "datasets": [
            {
                "name": each.name,
                "title": each.title,
                "features": each.features,
                "classes": each.classes,
                "task": each.task,
            }
            for each in DATASETS.values()
        ],
        "contenders": [
            {"name": each.name, "title": each.title, "is_guest": each.is_guest, "is_twin": each.is_twin}
            for each in CONTENDERS.values()
        ],
    }


def _print_lists(*, only_scenarios: bool) -> None:
    from bench.contenders.registry import CONTENDERS
    from bench.datasets import DATASETS
    from bench.experiments import EXPERIMENTS, SCENARIOS

    usual = {entry.scenario.name for suite in EXPERIMENTS.values() if suite.by_default for entry in suite.entries}
    shown = [name for name in SCENARIOS if only_scenarios or name in usual]
    width = max(map(len, shown))
    if not only_scenarios:
        typer.echo("suites (bench run NAME; one of your own: bench new experiment ./my_experiment/)")
        for suite in EXPERIMENTS.values():
            when = "" if suite.by_default else ", only if named"
            typer.echo(f"  {suite.name:{width}} {suite.title}; {suite.seeds} seeds{when}")
    typer.echo("scenarios (bench show NAME; one of your own: bench new scenario mine.toml)")
    for name in shown:
        network = SCENARIOS[name].network
        widths = "-".join(map(str, _widths(SCENARIOS[name])))
        batch = network.batch_size or "all rows"
        epochs = SCENARIOS[name].epochs
        typer.echo(f"  {name:{width}} {widths}, {epochs:,} epochs, batches of {batch}, {network.dtype}")
    if only_scenarios:
        return
    if len(shown) < len(SCENARIOS):
        typer.echo(f"  and {len(SCENARIOS) - len(shown)} more: bench list --scenarios")
    typer.echo("data sets (dataset = NAME in a scenario of your own)")
    for dataset in DATASETS.values():
        words = f"{dataset.title}; {dataset.features} features, {dataset.classes} classes"
        typer.echo(f"  {dataset.name:{width}} {words}")
    typer.echo("contenders (bench run --contender NAME; one of your own: bench new contender mine.py)")
    for info in CONTENDERS.values():
        typer.echo(f"  {info.name:{width}} {info.title}{'; a guest, opt-in via --contender' if info.is_guest else ''}")


def _widths(scenario: "Scenario") -> list[int]:
    return [scenario.network.layers[0].inputs, *(layer.units for layer in scenario.network.layers)]


def _show_scenarios(scenarios: "Sequence[Scenario]", form: str) -> None:
    from bench.runs.scenario_file import as_toml

    if form == "json":
        print_json({"scenarios": [_scenario_values(each) for each in scenarios]})
    else:
        typer.echo("\n".join(map(as_toml, scenarios)), nl=False)


def _scenario_values(scenario: "Scenario") -> dict[str, Any]:
    """Return every key of the scenario's file, null where it has none, and what the scenario comes to."""
    import tomllib

    from bench.runs.scenario_file import ScenarioFile, as_toml

    fields = ScenarioFile.model_fields
    usual = {key: field.get_default() for key, field in fields.items() if not field.is_required()}
    values = usual | {"name": scenario.name} | tomllib.loads(as_toml(scenario))
    rows = _training_rows(scenario)
    return {
        **{key: values.get(key) for key in fields},
        "parameters": scenario.network.parameters,
        "training_rows": rows,
        "updates_per_epoch": None if rows is None else scenario.updates_per_epoch(rows),
    }


def _size_words(scenario: "Scenario") -> str:
    """Return in words what a scenario comes to."""
    parameters = f"{scenario.network.parameters:,} parameters"
    rows = _training_rows(scenario)
    if rows is None:
        return parameters
    updates = scenario.updates_per_epoch(rows)
    return (
        f"{parameters}; {counted(updates, 'update')} an epoch from {rows:,} training rows, "
        f"{updates * scenario.epochs:,} in {counted(scenario.epochs, 'epoch')}"
    )


def _training_rows(scenario: "Scenario") -> int | None:
    """Return how many rows a scenario trains on; None if there is no such data set, as for noise."""
    from bench.datasets import find

    try:
        return scenario.rows_trained(find(scenario.dataset).train_rows)
    except UsageError:
        return None


def _show_run(path: Path, form: str) -> None:
    from bench.cli.display import print_run
    from bench.report.reported import load

    made = load(path)
    if form == "json":
        print_json(values_of(made))
    else:
        print_run(made)
