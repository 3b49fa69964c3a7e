"""The reference's gradients against central differences of the evaluator's loss, in every case of the proof."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from differences import numeric_gradient

from bench.core import evaluate
from bench.core.spec import FloatArray
from bench.experiments import SCENARIOS
from bench.proof.cases import ProofCase, all_cases, cases_of
from bench.proof.reference import gradients


@pytest.mark.parametrize("case", all_cases()[:13], ids=lambda case: case.name)
def test_gradients_agree_with_central_differences(case: ProofCase) -> None:
    x, y = case.data()
    rows = slice(1, 21)  # at the first row's sums of zero, ReLU has no derivative
    x, targets = x[rows], evaluate.as_targets(case.network, y)[rows]
    weights = case.weights()

    def loss_with(index: int, array: FloatArray) -> float:
        at = [*weights[:index], array, *weights[index + 1 :]]
        return evaluate.mean_loss(case.network, evaluate.forward(case.network, at, x)[-1], targets)

    for index, found in enumerate(gradients(case.network, weights, x, targets)):
        numeric = numeric_gradient(partial(loss_with, index), weights[index])
        np.testing.assert_allclose(found, numeric, atol=2e-9)


@pytest.mark.parametrize("case", [*all_cases(), *cases_of(SCENARIOS.values())], ids=lambda case: case.name)
def test_in_every_case_the_sums_of_a_layer_are_exactly_zero_for_the_first_row(case: ProofCase) -> None:
    kernel, bias = case.weights()[:2]
    x, _ = case.data()
    assert np.all(bias != 0.0)
    for dtype in (np.float32, np.float64):
        sums = x[0].astype(dtype) @ kernel.astype(dtype) + bias.astype(dtype)
        np.testing.assert_array_equal(sums, np.zeros_like(bias))


def test_a_case_has_penalties_that_float32_holds_exactly() -> None:
    # Keras rounds them to it even in float64; with 0.0001 as it is, its gradients are 2e-11 off
    layers = tuple(replace(layer, l2=0.0001) for layer in SCENARIOS["twins"].network.layers)
    scenario = replace(SCENARIOS["twins"], network=replace(SCENARIOS["twins"].network, layers=layers))
    (case,) = cases_of([scenario])
    assert {layer.l2 for layer in case.network.layers} == {float(np.float32(0.0001))}
    assert case.drift == scenario.network
