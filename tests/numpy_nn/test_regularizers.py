"""Regularizers: gradients by differences, values beside Keras."""

from typing import Any

import numpy as np
import pytest
from beside_keras import ask_keras, assert_same, drawn
from hypothesis import strategies as st

from numpy_nn import regularizers
from numpy_nn.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

_FACTOR = st.sampled_from([0.0, 0.125, 0.5])
_KINDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "L1": {"l1": _FACTOR},
    "L2": {"l2": _FACTOR},
    "L1L2": {"l1": _FACTOR, "l2": _FACTOR},
    "OrthogonalRegularizer": {"factor": _FACTOR, "mode": st.sampled_from(["rows", "columns"])},
}


def test_penalties_by_hand() -> None:
    weights = np.array([[3.0, -4.0]])
    assert L1(0.5)(weights) == 3.5
    assert L2(0.5)(weights) == 12.5
    assert L1L2(0.5, 0.5)(weights) == 16.0
    assert OrthogonalRegularizer(0.5)(np.array([[2.0, 0.0], [3.0, 0.0]])) == 0.5  # the only pair lies on one line
    assert OrthogonalRegularizer(0.5)(np.array([[2.0, 0.0], [0.0, 3.0]])) == 0.0


@pytest.mark.parametrize("name", _KINDS)
def test_gradients_are_those_by_differences(name: str) -> None:
    weights = np.random.default_rng(0).standard_normal((4, 3))
    for options in drawn(st.fixed_dictionaries(_KINDS[name]), 6):
        regularizer: Regularizer = getattr(regularizers, name)(**options)
        gradient = np.ones_like(weights)
        regularizer.add_gradient(weights, gradient)
        for place in np.ndindex(weights.shape):
            step = np.zeros_like(weights)
            step[place] = 1e-6
            slope = (regularizer(weights + step) - regularizer(weights - step)) / 2e-6
            assert gradient[place] - 1.0 == pytest.approx(slope, abs=1e-7)


def test_penalties_and_configurations_are_kerass() -> None:
    cases = [
        {"name": name, "options": options, "weights": np.random.default_rng(number).standard_normal((3, 4)).tolist()}
        for name, kind in _KINDS.items()
        for number, options in enumerate(drawn(st.fixed_dictionaries(kind), 6))
    ]
    code = """
    for case in cases:
        regularizer = getattr(keras.regularizers, case["name"])(**case["options"])
        weights = np.array(case["weights"], "float32" if "Orthogonal" in case["name"] else "float64")
        answers.append([float(regularizer(tf.constant(weights))), keras.regularizers.serialize(regularizer)])
    """
    for case, (penalty, described) in zip(cases, ask_keras(code, cases), strict=True):
        regularizer = getattr(regularizers, str(case["name"]))(**case["options"])
        # Keras's orthogonal one computes in float32 alone
        bound = 1e-6 if case["name"] == "OrthogonalRegularizer" else 1e-12
        assert_same(case, regularizer(np.array(case["weights"])), penalty, bound)
        assert regularizers.serialize(regularizer) == described
        again = regularizers.deserialize(described)
        assert again is not None
        assert again.get_config() == regularizer.get_config()


def test_they_are_found_by_kerass_names() -> None:
    assert regularizers.get(None) is None
    for name, kind in {"l2": L2, "L1": L1, "l1_l2": L1L2, "orthogonal_regularizer": OrthogonalRegularizer}.items():
        assert type(regularizers.get(name)) is kind
    with pytest.raises(ValueError, match="no regularizer named 'l1_l3'; did you mean 'l1_l2'"):
        regularizers.get("l1_l3")
    with pytest.raises(ValueError, match="l2 must be a finite number of at least 0, got -1"):
        L2(-1)
