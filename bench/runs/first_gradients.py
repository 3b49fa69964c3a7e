"""The gradient at each layer before the first update."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from bench.core.evaluate import as_targets
from bench.core.randomness import initial_weights
from bench.core.spec import Scenario
from bench.datasets import Data
from bench.proof.reference import gradients


def first_gradients(scenarios: Iterable[Scenario], seeds: Sequence[int], data: Data) -> Iterator[dict[str, Any]]:
    """Yield a row for each scenario, seed and layer: the norm of the kernel's gradient over all training rows.

    In float64 and by the reference: only initial weights and data decide it, no contender.
    """
    for scenario in scenarios:
        targets = as_targets(scenario.network, data.y_train)
        for seed in seeds:
            weights = initial_weights(scenario, seed)
            kernels = gradients(scenario.network, weights, data.x_train, targets)[0::2]
            for layer, kernel in enumerate(kernels, start=1):
                yield {
                    "scenario": scenario.name,
                    "initializer": scenario.initializer,
                    "layers": len(kernels),
                    "seed": seed,
                    "layer": layer,
                    "gradient_norm": float(np.linalg.norm(kernel)),
                }
