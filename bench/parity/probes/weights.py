"""Regularizers and constraints: what they make of a kernel, and of a layer that is trained under them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.parity.probes.network import cast, trained


def regularizer(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the penalty of a kernel, and what training under it comes to: there its gradient shows."""
    kernel = cast(api, rng.standard_normal((5, 4)))
    layer = api.layers.Dense(3, activation="tanh", kernel_regularizer=target(**arguments))
    return {"penalty": target(**arguments)(kernel), **trained(api, [layer], rng, outputs=3)}


def constraint(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return a kernel under the constraint, and what training a layer under it comes to."""
    kernel = cast(api, rng.standard_normal((5, 4)))
    layer = api.layers.Dense(3, activation="tanh", kernel_constraint=target(**arguments))
    return {"kernel": target(**arguments)(kernel), **trained(api, [layer], rng, outputs=3)}
