"""The article's networks and its two set-ups, from which the experiments build their scenarios."""

from dataclasses import replace

from bench.core.spec import LayerSpec, NetworkSpec, Scenario

# The article's figures: its text trains the wide network, and prints the narrow one.
WIDE = (2, 25, 50, 50, 25, 1)
PRINTED = (2, 4, 6, 6, 4, 1)


def classifier(widths: tuple[int, ...], *, batch_size: int | None, dtype: str) -> NetworkSpec:
    """Return the article's kind of network: ReLU, a sigmoid at the end, plain gradient descent at 0.01.

    With several outputs, one a class, it ends in a softmax.
    """
    several = widths[-1] > 1
    activations = ["relu"] * (len(widths) - 2) + ["softmax" if several else "sigmoid"]
    return NetworkSpec(
        layers=tuple(map(LayerSpec, widths, widths[1:], activations)),
        loss="sparse_categorical_crossentropy" if several else "binary_crossentropy",
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


def measured(name: str, widths: tuple[int, ...]) -> Scenario:
    """Return a network that is measured, not trained: its rows are noise, since time does not depend on their values.

    For a map it stands for the whole family, which differs from it in width, depth and batch alone.
    """
    return replace(as_keras_had_it(name, widths), dataset="noise", epochs=1)
