"""The small network in which losses, optimizers, layers and so on are probed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.core.spec import FloatArray

# Ten batches of four rows an epoch.
ROWS = 40
BATCH = 4
FEATURES = 4


def rows(rng: np.random.Generator, shape: tuple[int, ...] = (FEATURES,)) -> FloatArray:
    """Return the rows that a network is trained on, (rows, ...)."""
    return rng.standard_normal((ROWS, *shape))


def cast(api: Any, array: FloatArray) -> FloatArray:
    """Return an array in the number type that the package computes in: Keras keeps an array's own."""
    return array.astype(api.config.floatx())


def fill(model: Any, rng: np.random.Generator) -> None:
    """Give a model weights: kernels of both signs, and vectors above zero, since one of them may be a variance."""
    model.set_weights(
        [
            0.5 * rng.standard_normal(array.shape) if array.ndim > 1 else rng.uniform(0.125, 0.625, array.shape)
            for array in map(np.asarray, model.get_weights())
        ]
    )


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
) -> dict[str, Any]:
    """Return a network's losses and its weights after some updates on rows in a fixed order.

    Args:
        api: the package.
        layers: all but the input.
        rng: of rows, labels and weights.
        outputs: how many the last layer has.
        x: rows, in place of those that ``rng`` gives.
        y: labels, likewise.
        loss: as `compile` takes it.
        optimizer: plain gradient descent unless told.
        updates: how many; an epoch has ten.
        filled: whether ``rng`` gives the weights, in place of what the layers begin with.
    """
    x = rows(rng) if x is None else x
    y = rng.standard_normal((len(x), outputs)) if y is None else y
    model = api.Sequential([api.layers.Input(x.shape[1:]), *layers])
    model.compile(optimizer=optimizer or api.optimizers.SGD(learning_rate=0.0625), loss=loss)
    if filled:
        fill(model, rng)
    history = model.fit(x, y, batch_size=BATCH, epochs=updates * BATCH // len(x), shuffle=False, verbose=0)
    return {"loss in training": history.history["loss"], **weights_of(model)}


def weights_of(model: Any) -> dict[str, Any]:
    """Return a model's weights as quantities."""
    return {f"weights {number}": array for number, array in enumerate(model.get_weights(), start=1)}
