"""Proving the proof: planted faults are caught, and named by the first quantity that shows them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bench.core.spec import Contender, FloatArray, NetworkSpec
from bench.experiments import SCENARIOS
from bench.proof import reference
from bench.proof.cases import ProofCase, all_cases, cases_of
from bench.proof.compare import compare, difference
from bench.proof.diagnose import MISTAKES
from bench.proof.reference import ReferenceNetwork
from bench.proof.transcript import transcript

TWINS = cases_of([SCENARIOS["twins"]])[0]
ADAM = next(case for case in all_cases() if case.name.startswith("adam"))
MOMENTUM = next(case for case in all_cases() if case.name.startswith("sgd momentum"))
SOFTMAX = next(case for case in all_cases() if case.name.startswith("categorical"))


def contender(network: type[ReferenceNetwork]) -> Contender:
    return SimpleNamespace(build=network)


# Known mistakes by the start of their words, each with a case and the first quantity that shows the mistake in it.
FIRST = {
    "the first epoch's order": (TWINS, "weights after 16 updates: kernel of layer 1"),
    "an ignored order": (TWINS, "weights after 8 updates: kernel of layer 1"),
    "a ragged last batch that is left out": (TWINS, "weights after 8 updates: kernel of layer 1"),
    "kernels read as": (TWINS, "initial weights: kernel of layer 1"),
    "logits returned": (TWINS, "forward pass"),
    "softmax over the rows": (SOFTMAX, "forward pass"),
    "a gradient summed": (TWINS, "gradient: kernel of layer 1"),
    "ascent": (TWINS, "gradient: kernel of layer 1"),
    "biases": (TWINS, "gradient: bias of layer 1"),
    "activation derivatives": (TWINS, "gradient: kernel of layer 1"),
    "Adam without bias correction": (ADAM, "one update with default options: kernel of layer 1"),
    "ignored momentum": (MOMENTUM, "weights after 8 updates: kernel of layer 1"),
}


def first_fault(case: ProofCase, expected: dict[str, FloatArray], faulty: Contender) -> str | None:
    return compare(expected, transcript(faulty, case), optimizer=case.network.optimizer).first


def test_a_correct_network_has_no_fault() -> None:
    assert first_fault(TWINS, transcript(reference, TWINS), contender(ReferenceNetwork)) is None


@pytest.mark.parametrize("words", FIRST)
def test_a_mistake_is_caught_and_its_first_quantity_named(words: str) -> None:
    case, first = FIRST[words]
    (mistake,) = (each for each in MISTAKES if each.words.startswith(words))
    faulty: Contender = SimpleNamespace(build=mistake.build)
    assert first_fault(case, transcript(reference, case), faulty) == first


def test_a_wrong_default_rate_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = transcript(reference, ADAM)
    right = reference.adam
    monkeypatch.setitem(
        reference.OPTIMIZERS, "adam", lambda rate, **options: right(0.002 if rate is None else rate, **options)
    )
    assert first_fault(ADAM, expected, contender(ReferenceNetwork)) == (
        "one update with default options: kernel of layer 1"
    )


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
