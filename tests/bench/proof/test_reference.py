"""The reference's gradients against central differences of the evaluator's loss, in every case of the proof."""

from functools import partial

import numpy as np
import pytest
from differences import numeric_gradient

from bench.core import evaluate
from bench.core.spec import FloatArray
from bench.proof.cases import ProofCase, all_cases
from bench.proof.reference import gradients


@pytest.mark.parametrize("case", all_cases()[:13], ids=lambda case: case.name)
def test_gradients_agree_with_central_differences(case: ProofCase) -> None:
    x, y = case.data()
    x, targets = x[:20], evaluate.as_targets(case.network, y)[:20]
    weights = case.weights()

    def loss_with(index: int, array: FloatArray) -> float:
        at = [*weights[:index], array, *weights[index + 1 :]]
        return evaluate.mean_loss(case.network, evaluate.forward(case.network, at, x)[-1], targets)

    for index, found in enumerate(gradients(case.network, weights, x, targets)):
        numeric = numeric_gradient(partial(loss_with, index), weights[index])
        np.testing.assert_allclose(found, numeric, atol=2e-9)
