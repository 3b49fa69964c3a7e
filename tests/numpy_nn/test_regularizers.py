"""Regularizers: gradients by differences; bench/parity compares penalties, and what `get` finds, with Keras."""

from typing import Any

import numpy as np
import pytest
from differences import numeric_gradient

from numpy_nn import Dense, Input, Sequential, constraints, regularizers
from numpy_nn.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer
from numpy_nn.testing import gradient_check

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


class AroundOne(Regularizer):
    """The regularizer of the example in `Regularizer`."""

    def __call__(self, x: Any) -> Any:
        return 0.01 * np.sum((x - 1) ** 2)

    def gradient(self, x: Any) -> Any:
        return 0.02 * (x - 1)


@pytest.mark.parametrize(
    "regularizer",
    [AroundOne(), AroundOne, regularizers.numerical(lambda x: 0.01 * float(np.sum(x**4)))],
    ids=["object", "class", "numerical"],
)
def test_a_regularizer_of_ones_own_trains_with_its_gradient(regularizer: Any) -> None:
    model = Sequential([Input((3,)), Dense(2, kernel_regularizer=regularizer)], seed=0, dtype="float64")
    model.compile("sgd", "mse")
    x, y = np.random.default_rng(0).standard_normal((2, 5, 3))
    gradient_check(model, x, y[:, :2])
    penalty = float(regularizers.get(regularizer)(model.get_weights()[0]))  # type: ignore[misc] # not None
    without = Sequential([Input((3,)), Dense(2)], dtype="float64")
    without.set_weights(model.get_weights())
    without.compile("sgd", "mse")
    assert model.evaluate(x, y[:, :2], verbose=0) == pytest.approx(without.evaluate(x, y[:, :2], verbose=0) + penalty)


def test_a_constraint_may_be_a_function() -> None:
    sum_to_one: Any = lambda w: w / w.sum(axis=0)  # noqa: E731 - as users write it
    model = Sequential([Input((3,)), Dense(2, kernel_constraint=sum_to_one)], seed=0, dtype="float64")
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    np.testing.assert_allclose(model.get_weights()[0].sum(axis=0), 1.0)
