"""The scenarios: each a row."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product

from bench.core.spec import OPTIMIZERS, LayerSpec, NetworkSpec, Options, Scenario

# The article's figures: its text trains the wide network, and prints the narrow one.
WIDE = (2, 25, 50, 50, 25, 1)
PRINTED = (2, 4, 6, 6, 4, 1)


def classifier(widths: tuple[int, ...], *, batch_size: int | None, dtype: str) -> NetworkSpec:
    """Return the article's kind of network: ReLU, a sigmoid at the end, plain gradient descent at 0.01."""
    activations = ["relu"] * (len(widths) - 2) + ["sigmoid"]
    return NetworkSpec(
        layers=tuple(map(LayerSpec, widths, widths[1:], activations)),
        loss="binary_crossentropy",
        optimizer="sgd",
        learning_rate=0.01,
        optimizer_options=(),
        batch_size=batch_size,
        dtype=dtype,
    )


def as_numpy_had_it(name: str, widths: tuple[int, ...]) -> Scenario:
    """Return the article's set-up for its NumPy network: full batches, float64, weights and biases 0.1 normal."""
    return Scenario(
        name=name,
        dataset="moons",
        network=classifier(widths, batch_size=None, dtype="float64"),
        epochs=10_000,
        initializer="article_normal",
        shuffle=False,
        target_accuracy=0.95,
    )


def as_keras_had_it(name: str, widths: tuple[int, ...]) -> Scenario:
    """Return the article's set-up for Keras: batches of 32, shuffled, float32, Glorot weights, biases zero."""
    return Scenario(
        name=name,
        dataset="moons",
        network=classifier(widths, batch_size=32, dtype="float32"),
        epochs=200,
        initializer="glorot_uniform",
        shuffle=True,
        target_accuracy=0.95,
    )


def of_ones_own(name: str, dataset: str, features: int, classes: int) -> Scenario:
    """Return the fair duel on a user's own table: the article's hidden layers, an output for each of many classes."""
    outputs = 1 if classes == 2 else classes
    scenario = as_keras_had_it(name, (features, *WIDE[1:-1], outputs))
    if outputs == 1:
        return replace(scenario, dataset=dataset)
    layers = scenario.network.layers
    network = replace(
        scenario.network,
        layers=(*layers[:-1], replace(layers[-1], activation="softmax")),
        loss="sparse_categorical_crossentropy",
    )
    return replace(scenario, dataset=dataset, network=network)


def measured(name: str, widths: tuple[int, ...]) -> Scenario:
    """Return a network that is measured, not trained: its rows are noise, since time does not depend on their values.

    For a map it stands for the whole family, which differs from it in width, depth and batch alone.
    """
    return Scenario(
        name=name,
        dataset="noise",
        network=classifier(widths, batch_size=32, dtype="float32"),
        epochs=1,
        initializer="glorot_uniform",
        shuffle=True,
        target_accuracy=0.95,
    )


@dataclass(frozen=True)
class Factor:
    """One thing in which the article's two set-ups differ.

    Attributes:
        name: what it is.
        numpys, keras: how the article's NumPy network had it, and how its Keras network had it.
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
_HOLD_UPDATES = 150


def explain_cell(switched: frozenset[str]) -> Scenario:
    """Return the article's NumPy set-up with some factors, by name, switched to how its Keras network had them."""
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
        hold_updates=_HOLD_UPDATES,
    )


def _subsets(names: tuple[str, ...]) -> Iterator[frozenset[str]]:
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))


# The full factorial between the two set-ups: which factors are switched in each scenario, by the scenario's name.
CELLS: dict[str, frozenset[str]] = {
    explain_cell(switched).name: switched for switched in _subsets(tuple(factor.name for factor in FACTORS))
}

# What the suite `optimizers` compares: every optimizer that can be proven with its defaults, and SGD's two momenta.
SOLVERS: dict[str, tuple[str, Options]] = {
    "sgd": ("sgd", ()),
    "momentum": ("sgd", (("momentum", 0.9),)),
    "nesterov": ("sgd", (("momentum", 0.9), ("nesterov", True))),
    **{name: (name, ()) for name in OPTIMIZERS if name != "sgd"},
}

# Half decades around every default, and as many updates for each as the article gives its Keras network.
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SWEEP_UPDATES = 5800


@dataclass(frozen=True)
class Sweep:
    """One cell of the sweep: a solver at a rate on a data set.

    Attributes:
        dataset, solver, rate: which.
    """

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
    several = widths[-1] > 1
    network = classifier(widths, batch_size=32, dtype="float32")
    last = replace(network.layers[-1], activation="softmax" if several else "sigmoid")
    return Scenario(
        name=f"optimizers_{cell.dataset}_{cell.solver}_{cell.rate:g}",
        dataset=cell.dataset,
        network=replace(
            network,
            layers=(*network.layers[:-1], last),
            loss="sparse_categorical_crossentropy" if several else "binary_crossentropy",
            optimizer=optimizer,
            learning_rate=cell.rate,
            optimizer_options=options,
        ),
        epochs=SWEEP_UPDATES // -(-rows // 32),
        initializer="glorot_uniform",
        shuffle=True,
        target_accuracy=target,
        hold_updates=_HOLD_UPDATES,
    )


SWEEP: dict[str, Sweep] = {
    sweep_cell(cell).name: cell for cell in (Sweep(*values) for values in product(_SWEPT, SOLVERS, RATES))
}

_ALL = (
    as_numpy_had_it("article_numpy", WIDE),
    as_keras_had_it("article_keras", WIDE),
    as_numpy_had_it("printed_numpy", PRINTED),
    as_keras_had_it("printed_keras", PRINTED),
    as_keras_had_it("twins", WIDE),
    *map(explain_cell, CELLS.values()),
    *map(sweep_cell, SWEEP.values()),
    measured("crossover", (64, 64, 64, 64, 1)),
    measured("cost", WIDE),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}


def as_toml(scenario: Scenario) -> str:
    """Return a scenario as TOML; a file of it is named by its own name."""
    network = scenario.network
    widths = [network.layers[0].inputs, *(layer.units for layer in network.layers)]
    values = {
        "dataset": scenario.dataset,
        "layers": widths,
        "activations": [layer.activation for layer in network.layers],
        "loss": network.loss,
        "optimizer": network.optimizer,
        "learning_rate": network.learning_rate,
        "batch_size": network.batch_size or "all",
        "epochs": scenario.epochs,
        "shuffle": scenario.shuffle,
        "dtype": network.dtype,
        "initializer": scenario.initializer,
        "target_accuracy": scenario.target_accuracy,
        "epochs_per_snapshot": scenario.epochs_per_snapshot,
        **({} if scenario.hold_updates is None else {"hold_updates": scenario.hold_updates}),
    }
    options = dict(network.optimizer_options)
    head = f"# {scenario.name}: to start from; kept as mine.toml it is run by: bench run ./mine.toml\n"
    parts = [head + _assignments(values), *(["[optimizer_options]\n" + _assignments(options)] if options else [])]
    return "\n".join(parts)


def _assignments(values: Mapping[str, object]) -> str:
    # JSON writes strings, numbers, truths and lists of them as TOML does
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
