"""Activations: values, and derivatives through the weights of a trained network."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.parity.comparisons.network import trained


def activation(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return values at three scales; with default arguments also the weights of a network trained with it."""
    x = np.concatenate([scale * rng.standard_normal((4, 8)) for scale in (0.25, 1.0, 8.0)])
    found = {"values": target(x, **arguments)}
    if not arguments:
        layers = [api.layers.Dense(6, activation=target), api.layers.Dense(3)]
        found |= trained(api, layers, rng, outputs=3)
    return found
