"""Seeds: exactly the article's numbers, independent streams, and hashes that detect changes."""

import math
from typing import Any

import numpy as np
import pytest

from bench.core.randomness import Orders, hash_arrays, initial_weights, seeds
from bench.experiments import SCENARIOS


def test_the_articles_weights_are_drawn_layer_by_layer_from_its_own_generator() -> None:
    legacy = np.random.RandomState(2)
    first_kernel = legacy.randn(25, 2) * 0.1
    first_bias = legacy.randn(25, 1) * 0.1
    second_kernel = legacy.randn(50, 25) * 0.1
    weights = initial_weights(SCENARIOS["article_numpy"], 2)
    np.testing.assert_array_equal(weights[0], first_kernel.T)
    np.testing.assert_array_equal(weights[1], first_bias[:, 0])
    np.testing.assert_array_equal(weights[2], second_kernel.T)
    assert sum(array.size for array in weights) == 5226


def test_glorot_weights_fill_their_bounds_and_biases_are_zero() -> None:
    weights = initial_weights(SCENARIOS["twins"], 0)
    for kernel, bias in zip(weights[0::2], weights[1::2], strict=True):
        limit = math.sqrt(6 / sum(kernel.shape))
        assert 0.8 * limit < np.abs(kernel).max() <= limit
        assert not bias.any()


def test_orders_are_reproducible_permutations_that_differ_by_epoch_and_seed() -> None:
    orders = list(Orders(50, 4, 7, shuffle=True))
    assert all((np.sort(order) == np.arange(50)).all() for order in orders)
    assert len({order.tobytes() for order in orders}) == 4
    again = Orders(50, 4, 7, shuffle=True)
    for _ in range(2):
        np.testing.assert_equal(list(again), orders)
    assert not np.array_equal(orders[0], next(iter(Orders(50, 4, 8, shuffle=True))))


def test_without_shuffling_rows_keep_their_order() -> None:
    assert [order.tolist() for order in Orders(3, 2, 0, shuffle=False)] == [[0, 1, 2], [0, 1, 2]]


def test_orders_have_a_length_and_are_iterated_and_an_index_is_told_so() -> None:
    orders: Any = Orders(3, 2, 0, shuffle=False)
    assert len(orders) == 2
    assert np.array(orders).tolist() == [[0, 1, 2], [0, 1, 2]]
    with pytest.raises(TypeError, match=r"^orders\[1\] does not exist, .*: write `for order in orders:`$"):
        orders[1]


def test_a_hash_notices_values_shapes_types_and_order() -> None:
    a, b = np.arange(6.0), np.ones(2)
    found = {
        hash_arrays(arrays)
        for arrays in ([a, b], [b, a], [a.reshape(2, 3), b], [a.astype("f4"), b], [a + 1e-15 * (a > 4), b])
    }
    assert len(found) == 5
    assert hash_arrays([a, b]) == hash_arrays([a.copy(), b.copy()])


@pytest.mark.parametrize(("count", "expected"), [(1, [2]), (3, [2, 0, 1]), (6, [2, 0, 1, 3, 4, 5])])
def test_the_articles_seed_comes_first(count: int, expected: list[int]) -> None:
    assert list(seeds(count)) == expected
