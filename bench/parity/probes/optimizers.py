"""Optimizers by the weights after 50 updates; schedules by 50 steps, and by the weights of what they steer."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.parity.probes.network import trained

UPDATES = 50


def optimizer(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return what 50 updates make of a smooth network: where it bends, rounding would decide which way it goes."""
    layers = [api.layers.Dense(5, activation="tanh"), api.layers.Dense(2)]
    return trained(api, layers, rng, optimizer=target(**arguments), updates=UPDATES)


def schedule(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the rate at 50 steps, and what plain gradient descent at these rates comes to."""
    made = target(**arguments)
    rates = [float(made(step)) for step in range(0, 2 * UPDATES, 2)]
    layers = [api.layers.Dense(5, activation="tanh"), api.layers.Dense(2)]
    steered = trained(api, layers, rng, optimizer=api.optimizers.SGD(learning_rate=target(**arguments)))
    return {"rates": rates, **steered}
