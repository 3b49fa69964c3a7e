"""The scenarios: each a row."""

import json

from bench.spec import LayerSpec, NetworkSpec, Scenario

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


_ALL = (
    as_numpy_had_it("article_numpy", WIDE),
    as_keras_had_it("article_keras", WIDE),
    as_numpy_had_it("printed_numpy", PRINTED),
    as_keras_had_it("printed_keras", PRINTED),
    as_keras_had_it("twins", WIDE),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}


def as_toml(scenario: Scenario) -> str:
    """Return a scenario as TOML."""
    network = scenario.network
    widths = [network.layers[0].inputs, *(layer.units for layer in network.layers)]
    values = {
        "name": scenario.name,
        "dataset": scenario.dataset,
        "layers": widths,
        "activations": [layer.activation for layer in network.layers],
        "loss": network.loss,
        "optimizer": network.optimizer,
        "learning_rate": network.learning_rate,
        **dict(network.optimizer_options),
        "batch_size": network.batch_size or "all",
        "epochs": scenario.epochs,
        "shuffle": scenario.shuffle,
        "dtype": network.dtype,
        "initializer": scenario.initializer,
        "target_accuracy": scenario.target_accuracy,
    }
    # JSON writes strings, numbers, truths and lists of them as TOML does.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
