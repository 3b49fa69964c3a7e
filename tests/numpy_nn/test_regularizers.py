"""Regularizers: gradients by differences; bench/parity compares penalties, and what `get` finds, with Keras."""

import numpy as np
import pytest
from differences import numeric_gradient

from numpy_nn import constraints, regularizers
from numpy_nn.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

_KINDS: dict[str, list[Regularizer]] = {
    "L1": [L1(0.0), L1(0.5)],
    "L2": [L2(0.0), L2(0.5)],
    "L1L2": [L1L2(0.125, 0.5), L1L2(0.5, 0.0)],
    "OrthogonalRegularizer": [OrthogonalRegularizer(0.5, mode) for mode in ("rows", "columns")],
}


@pytest.mark.parametrize("name", _KINDS)
def test_gradients_agree_with_central_differences(name: str) -> None:
    weights = np.random.default_rng(0).standard_normal((4, 3))
    for regularizer in _KINDS[name]:
        gradient = np.ones_like(weights)
        regularizer.add_gradient(weights, gradient)
        np.testing.assert_allclose(gradient - 1.0, numeric_gradient(regularizer, weights), atol=1e-7)


def test_none_is_no_regularizer_and_no_constraint() -> None:
    assert regularizers.get(None) is None
    assert constraints.get(None) is None


def test_the_lower_bound_of_a_norm_counts_if_it_is_the_greater() -> None:
    assert constraints.MinMaxNorm(2.0, 1.0)(np.array([[3.0], [4.0]])) == pytest.approx(np.array([[1.2], [1.6]]))
