"""Optimizers: weights after 50 updates. Schedules: rates at 50 steps, and the weights after training with them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.parity.comparisons.network import trained

UPDATES = 50


def optimizer(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the weights of a smooth network after 50 updates; at a kink, rounding would decide the direction."""
    layers = [api.layers.Dense(5, activation="tanh"), api.layers.Dense(2)]
    return trained(api, layers, rng, optimizer=target(**arguments), updates=UPDATES)


def schedule(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the rate at 50 steps, and the weights after gradient descent at these rates."""
    made = target(**arguments)
    rates = [float(made(step)) for step in range(0, 2 * UPDATES, 2)]
    layers = [api.layers.Dense(5, activation="tanh"), api.layers.Dense(2)]
    steered = trained(api, layers, rng, optimizer=api.optimizers.SGD(learning_rate=target(**arguments)))
    return {"rates": rates, **steered}
