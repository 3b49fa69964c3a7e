"""The small network that trains with a loss, an optimizer, a layer and so on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.core.spec import FloatArray

# Ten batches of four rows an epoch.
ROWS = 40
BATCH = 4
FEATURES = 4


def rows(rng: np.random.Generator, shape: tuple[int, ...] = (FEATURES,)) -> FloatArray:
    """Return training rows, (rows, ...)."""
    return rng.standard_normal((ROWS, *shape))


def cast(api: Any, array: FloatArray) -> FloatArray:
    """Return an array in the package's number type, since Keras keeps that of the array."""
    return array.astype(api.config.floatx())


def fill(model: Any, rng: np.random.Generator) -> None:
    """Set a model's weights: kernels of both signs, vectors above zero, since one may be a variance."""
    model.set_weights(
        [
            0.5 * rng.standard_normal(array.shape) if array.ndim > 1 else rng.uniform(0.125, 0.625, array.shape)
            for array in map(np.asarray, model.get_weights())
        ]
    )


def predicted(model: Any, x: FloatArray) -> FloatArray:
    """Return a model's predictions; tracing a graph would take longer."""
    model.compile(run_eagerly=True)
    return np.asarray(model.predict(x, verbose=0))


def trained(
    api: Any,
    layers: Sequence[Any],
    rng: np.random.Generator,
    *,
    outputs: int = 2,
    x: "FloatArray | None" = None,
    y: "FloatArray | None" = None,
    loss: Any = "mean_squared_error",
    optimizer: Any = None,
    updates: int = 10,
    filled: bool = True,
    sample_weight: "FloatArray | None" = None,
) -> dict[str, Any]:
    """Return a network's losses and weights after some updates on rows in a fixed order.

    Args:
        api: the package.
        layers: all layers after the input.
        rng: draws rows, labels and weights.
        outputs: the width of the last layer.
        x: rows; None draws them.
        y: labels; None draws them.
        loss: for `compile`.
        optimizer: None means plain gradient descent.
        updates: their number, a multiple of ten; the rows are repeated for more than ten.
        filled: whether to draw the weights; otherwise the layers keep their own.
        sample_weight: for `fit`.
    """
    x = rows(rng) if x is None else x
    y = rng.standard_normal((len(x), outputs)) if y is None else y
    model = api.Sequential([api.layers.Input(x.shape[1:]), *layers])
    # tracing a graph takes longer than ten updates
    model.compile(optimizer or api.optimizers.SGD(learning_rate=0.0625), loss, run_eagerly=updates <= 10)
    if filled:
        fill(model, rng)
    if hasattr(model, "trainable_variables"):
        # Keras traces the update twice if the first trace has to create the optimizer's variables
        model.optimizer.build(model.trainable_variables)
    # one epoch over repeated rows: each epoch starts two iterators in Keras, which take as long as its updates
    times = updates * BATCH // len(x)
    x, y = np.concatenate([x] * times), np.concatenate([y] * times)
    sample_weight = None if sample_weight is None else np.concatenate([sample_weight] * times)
    history = model.fit(x, y, BATCH, sample_weight=sample_weight, shuffle=False, verbose=0)
    return {"loss in training": history.history["loss"], **weights_of(model)}


def weights_of(model: Any) -> dict[str, Any]:
    """Return a model's weights by name."""
    return {f"weights {number}": array for number, array in enumerate(model.get_weights(), start=1)}
