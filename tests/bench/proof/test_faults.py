"""Proving the proof: faults planted in a network, each caught, and named by the first quantity that shows it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bench.core import evaluate
from bench.core.spec import Contender, FloatArray, NetworkSpec, OrdersOfRows
from bench.experiments import SCENARIOS
from bench.proof import reference
from bench.proof.cases import ProofCase, all_cases, cases_of
from bench.proof.compare import compare, difference
from bench.proof.reference import ReferenceNetwork, Steps
from bench.proof.transcript import transcript

TWINS = cases_of([SCENARIOS["twins"]])[0]
ADAM = next(case for case in all_cases() if case.name.startswith("adam"))
MOMENTUM = next(case for case in all_cases() if case.name.startswith("sgd momentum"))
SOFTMAX = next(case for case in all_cases() if case.name.startswith("categorical"))


class StaleOrder(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        first = next(iter(orders))
        super().train(x, y, [first] * len(orders), on_epoch_end)


class TransposedKernel(ReferenceNetwork):
    def get_weights(self) -> list[FloatArray]:
        return [a.T.reshape(a.shape).copy() if a.ndim == 2 else a for a in super().get_weights()]


class ForgottenRaggedBatch(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        size = self._spec.batch_size or len(x)
        whole = len(x) // size * size
        super().train(x, y, [order[:whole] for order in orders], on_epoch_end)


class LogitsForProbabilities(ReferenceNetwork):
    def predict(self, x: FloatArray) -> FloatArray:
        return evaluate.forward(self._spec, self._weights, x)[-1]


def contender(network: type[ReferenceNetwork]) -> Contender:
    return SimpleNamespace(build=network)


def with_gradients(
    change: Callable[[NetworkSpec, list[FloatArray], int], list[FloatArray]], patch: pytest.MonkeyPatch
) -> None:
    """Change what the reference computes as its gradients."""
    right = reference.gradients

    def wrong(spec: NetworkSpec, weights: Sequence[FloatArray], x: FloatArray, y: FloatArray) -> list[FloatArray]:
        return change(spec, right(spec, weights, x, y), len(x))

    patch.setattr(reference, "gradients", wrong)


def first_fault(case: ProofCase, expected: dict[str, FloatArray], faulty: Contender) -> str | None:
    return compare(expected, transcript(faulty, case), optimizer=case.network.optimizer).first


def test_without_a_fault_nothing_is_named() -> None:
    assert first_fault(TWINS, transcript(reference, TWINS), contender(ReferenceNetwork)) is None


@pytest.mark.parametrize(
    ("network", "first"),
    [
        (StaleOrder, "weights after 16 updates: kernel of layer 1"),
        (TransposedKernel, "initial weights: kernel of layer 1"),
        (ForgottenRaggedBatch, "weights after 8 updates: kernel of layer 1"),
        (LogitsForProbabilities, "forward pass"),
    ],
)
def test_a_fault_of_handling_is_caught_and_named(network: type[ReferenceNetwork], first: str) -> None:
    assert first_fault(TWINS, transcript(reference, TWINS), contender(network)) == first


def test_a_loss_summed_instead_of_averaged_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = transcript(reference, TWINS)
    with_gradients(lambda _spec, found, rows: [rows * array for array in found], monkeypatch)
    assert first_fault(TWINS, expected, contender(ReferenceNetwork)) == "gradient: kernel of layer 1"


def test_a_bias_that_is_not_updated_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = transcript(reference, TWINS)
    with_gradients(lambda _spec, found, _: [a if a.ndim == 2 else 0 * a for a in found], monkeypatch)
    assert first_fault(TWINS, expected, contender(ReferenceNetwork)) == "gradient: bias of layer 1"


def test_a_wrong_activation_derivative_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = transcript(reference, TWINS)
    monkeypatch.setattr(reference, "chain", lambda _activation, _z, da: da)
    assert first_fault(TWINS, expected, contender(ReferenceNetwork)) == "gradient: kernel of layer 1"


def test_a_missing_bias_correction_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def uncorrected(
        learning_rate: float | None, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7
    ) -> Steps:
        rate = 0.001 if learning_rate is None else learning_rate
        means: dict[int, FloatArray] = {}
        variances: dict[int, FloatArray] = {}

        def step(index: int, g: FloatArray) -> FloatArray:
            means[index] = beta_1 * means.get(index, 0.0 * g) + (1.0 - beta_1) * g
            variances[index] = beta_2 * variances.get(index, 0.0 * g) + (1.0 - beta_2) * g**2
            found: FloatArray = rate * means[index] / (np.sqrt(variances[index]) + epsilon)
            return found

        return lambda found: [step(index, g) for index, g in enumerate(found)]

    expected = transcript(reference, ADAM)
    monkeypatch.setitem(reference.OPTIMIZERS, "adam", uncorrected)
    assert first_fault(ADAM, expected, contender(ReferenceNetwork)) == (
        "one update with default options: kernel of layer 1"
    )


def test_a_wrong_default_rate_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = transcript(reference, ADAM)
    right = reference.adam
    monkeypatch.setitem(
        reference.OPTIMIZERS, "adam", lambda rate, **options: right(0.002 if rate is None else rate, **options)
    )
    assert first_fault(ADAM, expected, contender(ReferenceNetwork)) == (
        "one update with default options: kernel of layer 1"
    )


def test_momentum_that_is_ignored_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = transcript(reference, MOMENTUM)
    right = reference.sgd
    monkeypatch.setitem(reference.OPTIMIZERS, "sgd", lambda rate, **_: right(rate))
    assert first_fault(MOMENTUM, expected, contender(ReferenceNetwork)) == "weights after 8 updates: kernel of layer 1"


def test_a_network_of_other_shapes_is_refused() -> None:
    narrow = replace(SOFTMAX.network, layers=SOFTMAX.network.layers[:1])

    class Narrow(ReferenceNetwork):
        def __init__(self, _: NetworkSpec) -> None:
            super().__init__(narrow)

        def get_weights(self) -> list[FloatArray]:
            return super().get_weights()[:2]

    with pytest.raises(ValueError, match="get_weights must return arrays of shapes"):
        transcript(contender(Narrow), SOFTMAX)


def test_difference_of_arrays() -> None:
    one = np.array([1.0, -4.0])
    assert difference(one, one) == 0.0
    assert difference(one, np.array([1.0, -3.0])) == 0.25
    assert difference(one, np.array([1.0, np.nan])) == float("inf")
    assert difference(one, np.array([[1.0, -4.0]])) == float("inf")
    assert difference(np.zeros(2), np.array([0.0, 1e-300])) == float("inf")
    assert difference(np.zeros(2), np.zeros(2)) == 0.0


def test_a_quantity_that_is_missing_differs_and_an_empty_transcript_is_an_error() -> None:
    result = compare({"a": np.ones(1), "b": np.ones(1)}, {"a": np.ones(1)})
    assert (result.first, result.largest) == ("b", float("inf"))
    with pytest.raises(ValueError, match="at least one quantity"):
        compare({}, {})
