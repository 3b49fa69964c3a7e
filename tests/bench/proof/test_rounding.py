"""The race of the reference against itself: in float64 it is the reference, in float32 it parts by rounding alone."""

from dataclasses import replace

import numpy as np
import pytest

from bench.core import evaluate
from bench.core.randomness import Orders, initial_weights
from bench.core.spec import FloatArray, IntArray, Scenario
from bench.datasets import load
from bench.experiments.article import as_keras_had_it
from bench.proof import rounding
from bench.proof.cases import ProofCase, all_cases
from bench.proof.compare import difference
from bench.proof.reference import ReferenceNetwork
from bench.proof.rounding import Copies, epochs_raced, race

TINY = replace(as_keras_had_it("tiny", (2, 8, 8, 1)), epochs=5)
MOONS = load(TINY.dataset)


def raced(scenario: Scenario, seed: int) -> tuple[IntArray, FloatArray]:
    return race(scenario, MOONS, initial_weights(scenario, seed), seed)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_undisturbed_in_float64_every_copy_is_the_reference(case: ProofCase) -> None:
    x, y = case.data()
    orders = list(Orders(len(x), 5, seed=1, shuffle=True))
    reference = ReferenceNetwork(case.network)
    reference.set_weights(case.weights())
    reference.train(x, y, orders, lambda: None)
    copies = Copies(case.network, case.weights(), 4, np.random.default_rng(0), disturbance=0.0)
    for order in orders:
        copies.train(x, evaluate.as_targets(case.network, y), order)
    for copy in range(5):
        for expected, found in zip(reference.get_weights(), copies.weights(copy), strict=True):
            assert difference(expected, found) <= 1e-12


def test_copies_of_float32_stay_float32_and_the_first_is_not_disturbed() -> None:
    spec = TINY.network
    targets = evaluate.as_targets(spec, MOONS.y_train)
    trained = []
    for disturbance, seed in ((0.0, 0), (4.0, 1), (4.0, 2)):
        copies = Copies(spec, initial_weights(TINY, 0), 3, np.random.default_rng(seed), disturbance=disturbance)
        for order in Orders(len(MOONS.x_train), 5, 0, shuffle=True):
            copies.train(MOONS.x_train, targets, order)
        assert all(array.dtype == np.float32 for copy in range(4) for array in copies.weights(copy))
        trained.append(copies)
    for copy, alike in ((0, True), (1, False)):
        arrays = [np.concatenate([array.ravel() for array in each.weights(copy)]) for each in trained]
        for array in arrays[1:]:
            assert np.array_equal(arrays[0], array) == alike
            np.testing.assert_allclose(arrays[0], array, atol=1e-5)


def test_the_same_seed_gives_the_same_race() -> None:
    first, second = raced(TINY, 3), raced(TINY, 3)
    assert np.array_equal(first[1], second[1])
    assert list(first[0]) == list(range(TINY.epochs + 1))
    assert first[1].shape == (1 + rounding.COPIES, TINY.epochs + 1)
    assert set(first[1][:, 0]) == {first[1][0, 0]}  # the start is the same for all


def test_the_epochs_are_those_of_the_snapshots() -> None:
    epochs, _ = raced(replace(TINY, epochs=7, epochs_per_snapshot=3), 0)
    assert list(epochs) == [0, 3, 6, 7]


def test_a_loss_that_overflows_is_not_a_number() -> None:
    wild = replace(TINY, network=replace(TINY.network, learning_rate=1e30))
    _, losses = raced(wild, 0)
    assert np.isfinite(losses[:, 0]).all()
    assert np.isnan(losses[:, -1]).all()


def test_a_training_that_is_too_long_is_raced_over_its_first_epochs_and_a_large_one_not_at_all() -> None:
    assert epochs_raced(TINY, 900) == TINY.epochs
    assert 100 < epochs_raced(replace(TINY, epochs=1_000_000), 900) < 100_000
    layers = TINY.network.layers
    large = replace(layers[0], units=100_000), replace(layers[1], inputs=100_000, units=100_000)
    huge = replace(TINY, network=replace(TINY.network, layers=(*large, replace(layers[-1], inputs=100_000))))
    assert epochs_raced(huge, 10) == 0
    whole = replace(TINY, network=replace(TINY.network, batch_size=None))
    assert epochs_raced(whole, 900) == TINY.epochs
    assert epochs_raced(whole, 10_000_000) == 0
