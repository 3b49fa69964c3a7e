"""Proving the proof: wrong defaults, shapes and numbers are caught; test_diagnose.py plants mistakes in training."""

from types import SimpleNamespace

import numpy as np
import pytest

from bench.core.spec import Contender, FloatArray
from bench.proof import reference
from bench.proof.cases import all_cases
from bench.proof.compare import compare, difference
from bench.proof.reference import ReferenceNetwork
from bench.proof.transcript import transcript

ADAM = next(case for case in all_cases() if case.name.startswith("adam"))


def test_a_wrong_default_option_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = transcript(reference, ADAM)
    right = reference.adam
    monkeypatch.setitem(
        reference.OPTIMIZERS, "adam", lambda rate, **options: right(rate, **{"epsilon": 1e-8, **options})
    )
    found = compare(expected, transcript(reference, ADAM), optimizer="adam")
    assert found.first == "one update with default options: kernel of layer 1"


def test_a_network_of_other_shapes_is_refused() -> None:
    class Narrow(ReferenceNetwork):
        def get_weights(self) -> list[FloatArray]:
            return super().get_weights()[:2]

    contender: Contender = SimpleNamespace(build=Narrow)
    with pytest.raises(ValueError, match="get_weights must return arrays of shapes"):
        transcript(contender, ADAM)


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
