"""NumPy and Keras train the article's wide network in batches of 8, 32 and 128 rows: a pair for each batch size."""

from dataclasses import replace

from bench.core.spec import Entry, Scenario
from bench.experiments.article import WIDE, as_keras_had_it
from bench.experiments.base import Experiment

# Rows an update, by the scenario's name.
BATCHES = {f"batch_{rows}": rows for rows in (8, 32, 128)}


def scenario(name: str) -> Scenario:
    """Return the article's set-up for Keras with another batch size and fewer epochs."""
    usual = as_keras_had_it(name, WIDE)
    return replace(usual, epochs=20, network=replace(usual.network, batch_size=BATCHES[name]))


EXPERIMENT = Experiment(
    name="batch_size",
    title="batch size: what it does to the ratio of training times, Keras over NumPy",
    package=__package__,
    entries=tuple(
        Entry(scenario(name), contender, pair=name, not_in_quick=name == "batch_32")
        for name in BATCHES
        for contender in ("numpy", "keras")
    ),
)
