"""Constraints: by hand, and beside Keras."""

from typing import Any

import numpy as np
import pytest
from beside_keras import ask_keras, assert_same, drawn
from hypothesis import strategies as st

from numpy_nn import constraints
from numpy_nn.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm

_AXIS = st.sampled_from([0, 1, [0, 1]])
_KINDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "NonNeg": {},
    "MaxNorm": {"max_value": st.sampled_from([0.5, 2, 8]), "axis": _AXIS},
    "MinMaxNorm": {
        "min_value": st.sampled_from([0.0, 0.5]),
        "max_value": st.sampled_from([0.75, 4.0]),
        "rate": st.sampled_from([0.25, 1.0]),
        "axis": _AXIS,
    },
    "UnitNorm": {"axis": _AXIS},
}


def test_constraints_by_hand() -> None:
    kernel = np.array([[3.0, 0.3], [-4.0, 0.4]])  # columns, the units' weights, of length 5 and 0.5
    np.testing.assert_allclose(NonNeg()(kernel), [[3.0, 0.3], [0.0, 0.4]])
    np.testing.assert_allclose(MaxNorm(2)(kernel), [[1.2, 0.3], [-1.6, 0.4]], rtol=1e-6)
    np.testing.assert_allclose(UnitNorm()(kernel), [[0.6, 0.6], [-0.8, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(MinMaxNorm(1.0, 2.0)(kernel), [[1.2, 0.6], [-1.6, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(MinMaxNorm(1.0, 2.0, rate=0.5)(kernel), [[2.1, 0.45], [-2.8, 0.6]], rtol=1e-6)


def test_weights_and_configurations_are_kerass() -> None:
    cases = [
        {"name": name, "options": options, "weights": np.random.default_rng(number).standard_normal((3, 4)).tolist()}
        for name, kind in _KINDS.items()
        for number, options in enumerate(drawn(st.fixed_dictionaries(kind), 6))
    ]
    code = """
    for case in cases:
        constraint = getattr(keras.constraints, case["name"])(**case["options"])
        weights = constraint(tf.constant(case["weights"], "float64"))
        answers.append([plain(weights), keras.constraints.serialize(constraint)])
    """
    for case, (weights, described) in zip(cases, ask_keras(code, cases), strict=True):
        constraint = getattr(constraints, str(case["name"]))(**case["options"])
        assert_same(case, constraint(np.array(case["weights"])), weights)
        assert constraints.serialize(constraint) == described
        again = constraints.deserialize(described)
        assert again is not None
        assert again.get_config() == constraint.get_config()


def test_they_are_found_by_kerass_names() -> None:
    assert constraints.get(None) is None
    for name, kind in {"max_norm": MaxNorm, "MinMaxNorm": MinMaxNorm, "non_neg": NonNeg, "unit_norm": UnitNorm}.items():
        assert type(constraints.get(name)) is kind
    with pytest.raises(ValueError, match="no constraint named 'max_nrm'; did you mean 'max_norm'"):
        constraints.get("max_nrm")
