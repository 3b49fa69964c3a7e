"""Constraints by hand; bench/parity compares them with Keras."""

import numpy as np
import pytest

from numpy_nn import constraints
from numpy_nn.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm


def test_constraints_by_hand() -> None:
    kernel = np.array([[3.0, 0.3], [-4.0, 0.4]])  # columns, the units' weights, of length 5 and 0.5
    np.testing.assert_allclose(NonNeg()(kernel), [[3.0, 0.3], [0.0, 0.4]])
    np.testing.assert_allclose(MaxNorm(2)(kernel), [[1.2, 0.3], [-1.6, 0.4]], rtol=1e-6)
    np.testing.assert_allclose(UnitNorm()(kernel), [[0.6, 0.6], [-0.8, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(MinMaxNorm(1.0, 2.0)(kernel), [[1.2, 0.6], [-1.6, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(MinMaxNorm(1.0, 2.0, rate=0.5)(kernel), [[2.1, 0.45], [-2.8, 0.6]], rtol=1e-6)


def test_get_accepts_kerass_names() -> None:
    assert constraints.get(None) is None
    for name, kind in {"max_norm": MaxNorm, "MinMaxNorm": MinMaxNorm, "non_neg": NonNeg, "unit_norm": UnitNorm}.items():
        assert type(constraints.get(name)) is kind
    with pytest.raises(ValueError, match="no constraint named 'max_nrm'; did you mean 'max_norm'"):
        constraints.get("max_nrm")
