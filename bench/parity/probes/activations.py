"""Activations: their values, and their derivative as it shows in a network's weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.parity.probes.network import trained


def activation(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return values of a few sizes; with default arguments also what training a layer with it comes to."""
    x = np.concatenate([scale * rng.standard_normal((4, 8)) for scale in (0.25, 1.0, 8.0)])
    found = {"values": target(x, **arguments)}
    if not arguments:
        layers = [api.layers.Dense(6, activation=target), api.layers.Dense(3)]
        found |= trained(api, layers, rng, outputs=3)
    return found
