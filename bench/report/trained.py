"""What was trained: network, optimizer, data and number type, so that every figure of a report has an object."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.score import SCORES
from bench.core.spec import NetworkSpec, Scenario
from bench.datasets import DATASETS, table_of
from bench.runs.plan import shortened
from bench.runs.record import Run

if TYPE_CHECKING:
    import pandas as pd

# So many different values of an experiment's scenarios are listed; of more, how many there are.
_MOST_LISTED = 4

# The properties that stand in the line.
_LINE = ("network", "optimizer", "batches", "epochs", "data", "number type")


@dataclass(frozen=True)
class Trained:
    """What one scenario, or the scenarios of one experiment together, trained.

    Attributes:
        name: of the experiment, and of the scenario where there are several.
        line: in one line.
        facts: each property by itself, as pairs of a name and words.
    """

    name: str
    line: str
    facts: tuple[tuple[str, str], ...]


def trained(run: Run) -> tuple[Trained, ...]:
    """Return what each experiment of a run trained or measured: by scenario, or together if it has many."""
    return tuple(each for suite in run.experiments for each in _of(run, suite))


def _of(run: Run, suite: str) -> list[Trained]:
    trials = run.part(suite).tables.trials
    entries = run.experiments[suite].entries
    made = [entry for entry in entries if entry.scenario.name in set(trials["scenario"])] or list(entries)
    if run.settings.quick:
        made = [shortened(entry, run.experiments[suite].quick_divisor) for entry in made]
    scenarios = list(dict.fromkeys(entry.scenario for entry in made))
    if any(entry.probe is not None for entry in made):
        cases = max(len(entry.probe.cases) for entry in made if entry.probe is not None)
        return [_measured(suite, scenarios[0], cases)]
    if len(scenarios) == 1:
        return [words_of(suite, scenarios, trials)]
    if len(scenarios) > _MOST_LISTED:
        return [words_of(f"{suite}, {len(scenarios)} scenarios", scenarios, trials)]
    return [words_of(each.name, [each], trials[trials["scenario"] == each.name]) for each in scenarios]


def _measured(suite: str, scenario: Scenario, cases: int) -> Trained:
    network = f"{cases} networks of several widths and depths" if cases else _network_words(scenario.network)
    facts = {
        "network": network,
        **({"optimizer": _optimizer_words(scenario.network)} if cases else {}),
        "data": "noise, since time does not depend on the values",
        "number type": scenario.network.dtype,
    }
    return Trained(suite, f"{'; '.join(facts.values())}; measured, not trained", tuple(facts.items()))


def words_of(name: str, scenarios: list[Scenario], trials: "pd.DataFrame") -> Trained:
    """Return what scenarios have in common, or in what they differ, with the sizes that their trials had."""
    networks = [scenario.network for scenario in scenarios]
    facts = {
        "network": _either(map(_network_words, networks)),
        "weights and biases": _either(f"{network.parameters:,}" for network in networks),
        "loss": _either(network.loss.replace("_", " ") for network in networks),
        "optimizer": _either(map(_optimizer_words, networks)),
        "batches": _either(map(_batch_words, networks)),
        "epochs": _epochs_words(scenarios, list(trials["epochs"].dropna().unique())),
        "data": _either(map(_data_words, scenarios)),
        "training rows": _either(f"{each:,}" for each in trials["train_rows"].dropna().unique()),
        "test rows": _either(f"{each:,}" for each in trials["test_rows"].dropna().unique()),
        "number type": _either(network.dtype for network in networks),
        "initial weights": _either(each.initializer.replace("_", " ") for each in scenarios),
        "target": _either(map(_target_words, scenarios)),
    }
    shown = {name: words for name, words in facts.items() if words}
    told = [shown[name] for name in _LINE if name in shown]
    return Trained(name, "; ".join(told), tuple(shown.items()))


def planned_words(scenario: Scenario) -> str:
    """Return in one line what a scenario is to train; the rows are counted when it runs."""
    network = scenario.network
    most = "" if scenario.stopping is None else " at most"
    told = (
        _network_words(network),
        _optimizer_words(network),
        _batch_words(network),
        f"{scenario.epochs:,} epochs{most}",
        _data_words(scenario),
        network.dtype,
    )
    return "; ".join(told)


def _epochs_words(scenarios: list[Scenario], made: list[int]) -> str:
    if not made or all(scenario.stopping is None and scenario.hold_updates is None for scenario in scenarios):
        return _either(f"{each:,} epochs" for each in made)
    least, most = f"{min(made):,}", f"{max(made):,}"
    stopped = least if least == most else f"{least} to {most}"
    return f"{_either(f'{each.epochs:,}' for each in scenarios)} epochs at most, ended after {stopped}"


def _either(words: Iterable[str]) -> str:
    """Return different words joined by ``or``; how many there are, if they are many."""
    different = list(dict.fromkeys(words))
    if len(different) > _MOST_LISTED:
        return f"{len(different)} different"
    return f"{', '.join(different[:-1])} or {different[-1]}" if len(different) > 1 else "".join(different)


def _data_words(scenario: Scenario) -> str:
    table = table_of(scenario.dataset)
    if table is None:
        known = DATASETS.get(scenario.dataset)
        return scenario.dataset if known is None else f"{known.name}, {known.title}"
    path, target, decided = table
    how = "" if decided else ", as its values suggest; --task decides"
    return f"{path.name}, predicting {target} ({scenario.task}{how})"


def _network_words(network: NetworkSpec) -> str:
    """Return widths and activations, such as ``2-25-50-1 (relu, sigmoid)``."""
    widths = [network.layers[0].inputs, *(layer.units for layer in network.layers)]
    activations = dict.fromkeys(layer.activation for layer in network.layers)
    return f"{'-'.join(map(str, widths))} ({', '.join(activations)})"


def _optimizer_words(network: NetworkSpec) -> str:
    options = "".join(f", {name} {value:g}" for name, value in network.optimizer_options)
    return f"{network.optimizer} at {network.learning_rate:g}{options}"


def _batch_words(network: NetworkSpec) -> str:
    return "all rows at once" if network.batch_size is None else f"batches of {network.batch_size}"


def _target_words(scenario: Scenario) -> str:
    return SCORES[scenario.task].training_goal(scenario.target_accuracy)
