"""Every combination of the settings in which the article's two sides differ: a full factorial."""

from dataclasses import dataclass

from bench.core.spec import Entry, Scenario
from bench.experiments.article import WIDE, classifier
from bench.experiments.base import Experiment
from bench.experiments.published import plan as published
from bench.statistics.shapley import subsets


@dataclass(frozen=True)
class Factor:
    """One thing in which the article's two set-ups differ.

    Attributes:
        name: what it is.
        numpys, keras: its value in the article's NumPy network, and in its Keras network.
    """

    name: str
    numpys: str
    keras: str


FACTORS = (
    Factor("initial weights", "0.1 normal", "Glorot uniform"),
    Factor("initial biases", "drawn", "zero"),
    Factor("batches", "all rows", "32 rows"),
    Factor("shuffling", "none", "every epoch"),
    Factor("number type", "float64", "float32"),
)

# As many updates in every cell, judged after every 29 of them, and over once the target has held for 150.
_CELL_UPDATES = 20_010
_UPDATES_PER_EPOCH = 29
HOLD_UPDATES = 150


def explain_cell(switched: frozenset[str]) -> Scenario:
    """Return the article's NumPy set-up with some factors, by name, switched to their values in its Keras set-up."""
    weights, biases, batches, shuffling, number_type = (factor.name in switched for factor in FACTORS)
    updates_per_epoch = _UPDATES_PER_EPOCH if batches else 1
    dtype = "float32" if number_type else "float64"
    initializers = {
        (False, False): "article_normal",
        (False, True): "article_normal_zero_bias",
        (True, False): "glorot_uniform_drawn_bias",
        (True, True): "glorot_uniform",
    }
    words = (
        "glorot" if weights else "normal",
        "zero" if biases else "drawn",
        "batches" if batches else "full",
        "shuffled" if shuffling else "fixed",
        dtype,
    )
    return Scenario(
        name="_".join(("explain", *words)),
        dataset="moons",
        network=classifier(WIDE, batch_size=32 if batches else None, dtype=dtype),
        epochs=_CELL_UPDATES // updates_per_epoch,
        initializer=initializers[weights, biases],
        shuffle=shuffling,
        target_accuracy=0.95,
        epochs_per_snapshot=_UPDATES_PER_EPOCH // updates_per_epoch,
        hold_updates=HOLD_UPDATES,
    )


# Which factors are switched in each scenario, by the scenario's name.
CELLS = {explain_cell(switched).name: switched for switched in subsets([factor.name for factor in FACTORS])}
_SCENARIOS = [explain_cell(switched) for switched in CELLS.values()]

EXPERIMENT = Experiment(
    name="explain",
    title="what each cause is worth: every combination of the settings in which the article's two sides differ",
    package=__package__,
    entries=(
        *(Entry(scenario, "numpy", "explain") for scenario in _SCENARIOS),
        *(
            Entry(scenario, "keras", "explain", first_seed_only=True, not_in_quick=True)
            for scenario in (_SCENARIOS[0], _SCENARIOS[-1])
        ),
    ),
    seeds=10,
    rigorous_seeds=20,
    quick_divisor=20,
    starts=(published.ARTICLE_NUMPY, published.ARTICLE_KERAS, published.PRINTED_NUMPY, published.PRINTED_KERAS),
)
