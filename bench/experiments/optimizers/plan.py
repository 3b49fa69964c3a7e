"""Each optimizer at seven learning rates, on three data sets, with as many updates for all."""

from dataclasses import dataclass, replace
from itertools import product, starmap

from bench.core.spec import Entry, Options, Scenario
from bench.experiments.article import WIDE, as_keras_had_it
from bench.experiments.base import Experiment

# Those that most people use: SGD with its two momenta, and two that adapt each weight's step.
SOLVERS: dict[str, tuple[str, Options]] = {
    "sgd": ("sgd", ()),
    "momentum": ("sgd", (("momentum", 0.9),)),
    "nesterov": ("sgd", (("momentum", 0.9), ("nesterov", True))),
    "adam": ("adam", ()),
    "rmsprop": ("rmsprop", ()),
}

# Half decades around every default, and as many updates for each as the article gives its Keras network.
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SWEEP_UPDATES = 5800

# A cell is over once its target has held for so many updates.
_HOLD_UPDATES = 150

# The one rate at which Keras is measured too: its start takes longer than the whole sweep of one solver on one data
# set.
_KERAS_RATE = 0.01


@dataclass(frozen=True)
class Sweep:
    """One cell of the sweep: a solver at a rate on a data set."""

    dataset: str
    solver: str
    rate: float


# Each data set with the network that fits it, its training rows and the training accuracy that is asked for.
_SWEPT: dict[str, tuple[tuple[int, ...], int, float]] = {
    "moons": (WIDE, 900, 0.95),
    "spirals": (WIDE, 900, 0.95),
    "digits": ((64, 128, 64, 10), 1437, 0.99),
}


def sweep_cell(cell: Sweep) -> Scenario:
    """Return the scenario of a cell: batches of 32, shuffled, float32, Glorot weights, over once its target holds."""
    widths, rows, target = _SWEPT[cell.dataset]
    optimizer, options = SOLVERS[cell.solver]
    scenario = as_keras_had_it(f"optimizers_{cell.dataset}_{cell.solver}_{cell.rate:g}", widths)
    return replace(
        scenario,
        dataset=cell.dataset,
        network=replace(scenario.network, optimizer=optimizer, learning_rate=cell.rate, optimizer_options=options),
        epochs=SWEEP_UPDATES // -(-rows // 32),
        target_accuracy=target,
        hold_updates=_HOLD_UPDATES,
    )


# The cell of each scenario, by the scenario's name.
SWEEP = {sweep_cell(cell).name: cell for cell in starmap(Sweep, product(_SWEPT, SOLVERS, RATES))}
_ENTRIES = [
    Entry(sweep_cell(cell), "numpy", cell.dataset, not_in_quick=cell.dataset != "moons") for cell in SWEEP.values()
]

EXPERIMENT = Experiment(
    name="optimizers",
    title="what an optimizer is worth: each at seven learning rates, as many updates for all, on three data sets",
    package=__package__,
    entries=(
        *_ENTRIES,
        *(
            replace(entry, contender="keras", first_seed_only=True, not_in_quick=True)
            for entry in _ENTRIES
            if SWEEP[entry.scenario.name].rate == _KERAS_RATE
        ),
    ),
)
