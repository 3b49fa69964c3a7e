"""Layers: predictions, and training with gradients in 50 updates of a small network."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from bench.core.spec import FloatArray
from bench.parity.comparisons.network import ROWS, fill, predicted, rows, trained
from bench.parity.comparisons.optimizers import UPDATES

# Shapes of a row for layers that need more than a vector of features.
_SHAPES: dict[str, tuple[int, ...]] = {
    "Flatten": (2, 3),
    "Reshape": (2, 3),
    "Permute": (2, 3),
    "GroupNormalization": (4, 6),
}

# Rows by which the noise of a layer is measured.
_NOISY_ROWS = 20_000


def layer(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the predictions of a layer, and the weights of a network trained with it.

    A random layer draws different numbers in each package: it is trained with its rate at zero, and its noise is
    measured by the loss that it causes.
    """
    shape = _SHAPES.get(target.__name__)
    x = rows(rng, shape or (5,))
    if hasattr(target, "adapt"):
        return _adapted(api, target, arguments, x, rng)
    alone = api.Sequential([api.layers.Input(x.shape[1:]), target(**arguments)])
    fill(alone, rng)
    found: dict[str, Any] = {"prediction": predicted(alone, x)}
    noise = next((name for name in ("rate", "stddev") if name in arguments), None)
    quiet = arguments if noise is None else {**arguments, noise: 0.0}
    # the weights of a dense layer below depend on the gradient of the layer's inputs
    below = [api.layers.Dense(prod(shape or (5,)), activation="tanh")]
    if shape:
        below = [api.layers.Flatten(), *below, api.layers.Reshape(shape)]
    above = [api.layers.Flatten()] if found["prediction"].ndim > 2 else []
    network = [*below, target(**quiet), *above, api.layers.Dense(2)]
    found |= trained(api, network, rng, x=x, updates=UPDATES)
    if noise is not None:
        found["noise in training"] = _noise(api, target(**arguments))
    return found


def input_layer(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the predictions of a network that begins with this input."""
    model = api.Sequential([target(**arguments), api.layers.Dense(3, activation="tanh")])
    fill(model, rng)
    return {"prediction": predicted(model, rng.standard_normal((ROWS, *arguments["shape"])))}


def _adapted(
    api: Any, target: Any, arguments: Mapping[str, Any], x: FloatArray, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the predictions of a layer that adapts to data, and the weights of a network trained behind it."""
    alone, below = target(**arguments), target(**arguments)
    alone.adapt(x)
    below.adapt(x)
    prediction = predicted(api.Sequential([api.layers.Input(x.shape[1:]), alone]), x)
    above = api.layers.Dense(2, kernel_initializer="ones")  # set_weights would overwrite the adapted ones
    return {"prediction": prediction, **trained(api, [below, above], rng, x=x, updates=UPDATES, filled=False)}


def _noise(api: Any, noisy: Any) -> float:
    """Return the mean squared sum of a layer's outputs on ones in training, which grows with the variance."""
    model = api.Sequential([api.layers.Input((5,)), noisy, api.layers.Dense(1)])
    model.compile(optimizer=api.optimizers.SGD(learning_rate=0.0), loss="mean_squared_error", run_eagerly=True)
    model.set_weights([np.ones((5, 1)), np.zeros(1)])
    x, y = np.ones((_NOISY_ROWS, 5)), np.zeros((_NOISY_ROWS, 1))
    history = model.fit(x, y, batch_size=_NOISY_ROWS, epochs=1, shuffle=False, verbose=0)
    return float(history.history["loss"][0])
