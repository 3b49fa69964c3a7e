"""NumPy and Keras train one network from the same weights, in the same order of rows."""

from dataclasses import replace

from bench.core.spec import REGRESSION, Entry, Scenario
from bench.experiments.article import WIDE, as_keras_had_it
from bench.experiments.base import Experiment

# The training R² whose first crossing is timed in a regression, where the user names none.
_TARGET_R2 = 0.9

_TWINS = as_keras_had_it("twins", WIDE)

EXPERIMENT = Experiment(
    name="twins",
    title="the fair duel: NumPy and Keras train one network from the same weights, in the same order of rows",
    package=__package__,
    entries=(
        Entry(_TWINS, "numpy", "twins"),
        Entry(_TWINS, "keras", "twins"),
        Entry(_TWINS, "keras_tuned", "twins"),
        Entry(_TWINS, "keras_plain", "twins", first_seed_only=True, not_in_quick=True),
    ),
    quick_seeds=2,
    accepts_guests=True,
    by_default=True,
    races_a_copy=True,
    compares_contenders=True,
)


def of_scenario(scenario: Scenario) -> Experiment:
    """Return the fair duel on a scenario of the user's own, under the scenario's name."""
    paired = (entry.contender for entry in EXPERIMENT.entries if not entry.first_seed_only)
    return replace(
        EXPERIMENT,
        name=scenario.name,
        title="a scenario of your own: NumPy and Keras train it from the same weights, in the same order of rows",
        entries=tuple(Entry(scenario, contender, scenario.name) for contender in paired),
        by_default=False,
    )


def on_table(name: str, dataset: str, features: int, outputs: int, task: str) -> Scenario:
    """Return the scenario of the fair duel on a user's own table: the article's hidden layers, one output a class.

    Two classes share one sigmoid output; a quantity has a linear one.
    """
    scenario = replace(as_keras_had_it(name, (features, *WIDE[1:-1], outputs)), dataset=dataset, task=task)
    if task != REGRESSION:
        return scenario
    *hidden, last = scenario.network.layers
    layers = (*hidden, replace(last, activation="linear"))
    network = replace(scenario.network, layers=layers, loss="mean_squared_error")
    return replace(scenario, network=network, target_accuracy=_TARGET_R2)
