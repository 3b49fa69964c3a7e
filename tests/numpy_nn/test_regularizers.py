"""Regularizers by hand, gradients by differences; bench/parity compares them with Keras."""

import numpy as np
import pytest
from differences import numeric_gradient

from numpy_nn import regularizers
from numpy_nn.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

_KINDS: dict[str, list[Regularizer]] = {
    "L1": [L1(0.0), L1(0.5)],
    "L2": [L2(0.0), L2(0.5)],
    "L1L2": [L1L2(0.125, 0.5), L1L2(0.5, 0.0)],
    "OrthogonalRegularizer": [OrthogonalRegularizer(0.5, mode) for mode in ("rows", "columns")],
}


def test_penalties_by_hand() -> None:
    weights = np.array([[3.0, -4.0]])
    assert L1(0.5)(weights) == 3.5
    assert L2(0.5)(weights) == 12.5
    assert L1L2(0.5, 0.5)(weights) == 16.0
    assert OrthogonalRegularizer(0.5)(np.array([[2.0, 0.0], [3.0, 0.0]])) == 0.5  # the only pair lies on one line
    assert OrthogonalRegularizer(0.5)(np.array([[2.0, 0.0], [0.0, 3.0]])) == 0.0


@pytest.mark.parametrize("name", _KINDS)
def test_gradients_agree_with_central_differences(name: str) -> None:
    weights = np.random.default_rng(0).standard_normal((4, 3))
    for regularizer in _KINDS[name]:
        gradient = np.ones_like(weights)
        regularizer.add_gradient(weights, gradient)
        np.testing.assert_allclose(gradient - 1.0, numeric_gradient(regularizer, weights), atol=1e-7)


def test_get_accepts_kerass_names() -> None:
    assert regularizers.get(None) is None
    for name, kind in {"l2": L2, "L1": L1, "l1_l2": L1L2, "orthogonal_regularizer": OrthogonalRegularizer}.items():
        assert type(regularizers.get(name)) is kind
    with pytest.raises(ValueError, match="no regularizer named 'l1_l3'; did you mean 'l1_l2'"):
        regularizers.get("l1_l3")
    with pytest.raises(ValueError, match="l2 must be a finite number of at least 0, got -1"):
        L2(-1)
