"""Initializers: bounds and spreads from the formulas of the papers."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from numpy_nn import initializers
from numpy_nn.initializers import RandomNormal

SHAPE = (300, 200)


def draws(name: str) -> np.ndarray:
    return initializers.get(name)(SHAPE, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("name", "deviation", "limit"),
    [
        ("glorot_uniform", math.sqrt(2 / 500), math.sqrt(6 / 500)),
        ("he_uniform", math.sqrt(2 / 300), math.sqrt(6 / 300)),
        ("lecun_uniform", math.sqrt(1 / 300), math.sqrt(3 / 300)),
        ("random_uniform", 0.05 / math.sqrt(3), 0.05),
        ("glorot_normal", math.sqrt(2 / 500), 2 * math.sqrt(2 / 500) / 0.8796),
        ("he_normal", math.sqrt(2 / 300), 2 * math.sqrt(2 / 300) / 0.8796),
        ("lecun_normal", math.sqrt(1 / 300), 2 * math.sqrt(1 / 300) / 0.8796),
    ],
)
def test_draws_have_their_spread_and_fill_their_bounds(name: str, deviation: float, limit: float) -> None:
    found = draws(name)
    assert found.std() == pytest.approx(deviation, rel=0.01)
    assert 0.999 * limit < np.abs(found).max() <= limit + 1e-12


def test_the_articles_normal() -> None:
    found = RandomNormal(stddev=0.1)(SHAPE, np.random.default_rng(0))
    assert found.std() == pytest.approx(0.1, rel=0.01)
    assert found.mean() == pytest.approx(0.0, abs=0.002)


def test_constants() -> None:
    assert (draws("zeros") == 0).all()
    assert (draws("ones") == 1).all()


def test_the_same_generator_gives_the_same_draws() -> None:
    np.testing.assert_array_equal(draws("he_normal"), draws("he_normal"))


def test_an_own_seed_gives_the_same_draws_with_any_generator() -> None:
    seeded = initializers.HeNormal(seed=3)
    np.testing.assert_array_equal(seeded((4, 2)), seeded((4, 2), np.random.default_rng(7)))
    assert (initializers.HeNormal(seed=4)((4, 2)) != seeded((4, 2))).any()


def test_an_orthogonal_kernel_is_orthogonal_by_its_shorter_side() -> None:
    for shape in ((5, 3), (3, 5), (4, 4)):
        kernel = initializers.Orthogonal(2.0)(shape, np.random.default_rng(0))
        product = kernel.T @ kernel if shape[0] >= shape[1] else kernel @ kernel.T
        np.testing.assert_allclose(product, 4.0 * np.eye(min(shape)), atol=1e-12)


def test_an_untruncated_normal_is_not_cut() -> None:
    found = initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal")(SHAPE, np.random.default_rng(0))
    assert found.std() == pytest.approx(math.sqrt(1 / 300), rel=0.01)
    assert np.abs(found).max() > 3 * math.sqrt(1 / 300)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initializers.VarianceScaling(scale=0.0), "scale must be positive, got 0.0"),
        (lambda: initializers.VarianceScaling(mode="fan"), "no mode named 'fan'"),
        (lambda: initializers.Identity()((3,)), r"Identity takes the shape of a matrix, got \(3,\)"),
        (lambda: initializers.Orthogonal()((3,)), "at least two dimensions"),
        (lambda: initializers.get("glorot_unifrom"), "did you mean 'glorot_uniform'"),
    ],
)
def test_bad_arguments_are_named(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
