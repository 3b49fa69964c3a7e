"""Regularizers and constraints: applied to a kernel, and in the training of a layer."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.parity.comparisons.network import cast, trained


def regularizer(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the penalty of a kernel, and the weights after training, which depend on its gradient."""
    kernel = cast(api, rng.standard_normal((5, 4)))
    layer = api.layers.Dense(3, activation="tanh", kernel_regularizer=target(**arguments))
    return {"penalty": target(**arguments)(kernel), **trained(api, [layer], rng, outputs=3)}


def constraint(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return a constrained kernel, and the weights after training."""
    kernel = cast(api, rng.standard_normal((5, 4)))
    layer = api.layers.Dense(3, activation="tanh", kernel_constraint=target(**arguments))
    return {"kernel": target(**arguments)(kernel), **trained(api, [layer], rng, outputs=3)}
