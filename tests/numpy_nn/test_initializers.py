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
    ("name", "limit"),
    [
        ("glorot_uniform", math.sqrt(6 / 500)),
        ("he_uniform", math.sqrt(6 / 300)),
        ("lecun_uniform", math.sqrt(3 / 300)),
        ("random_uniform", 0.05),
    ],
)
def test_uniform_draws_fill_their_bounds(name: str, limit: float) -> None:
    found = draws(name)
    assert np.abs(found).max() <= limit
    assert np.abs(found).max() > 0.999 * limit
    assert found.std() == pytest.approx(limit / math.sqrt(3), rel=0.01)


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("glorot_normal", math.sqrt(2 / 500)),
        ("he_normal", math.sqrt(2 / 300)),
        ("lecun_normal", math.sqrt(1 / 300)),
    ],
)
def test_normal_draws_have_their_spread_and_are_cut(name: str, deviation: float) -> None:
    found = draws(name)
    assert found.std() == pytest.approx(deviation, rel=0.01)
    assert np.abs(found).max() <= 2 * deviation / 0.8796 + 1e-12


def test_the_articles_normal() -> None:
    found = RandomNormal(stddev=0.1)(SHAPE, np.random.default_rng(0))
    assert found.std() == pytest.approx(0.1, rel=0.01)
    assert found.mean() == pytest.approx(0.0, abs=0.002)


def test_constants() -> None:
    assert (draws("zeros") == 0).all()
    assert (draws("ones") == 1).all()


def test_the_same_generator_gives_the_same_draws() -> None:
    np.testing.assert_array_equal(draws("he_normal"), draws("he_normal"))


def test_a_seed_of_its_own_gives_the_same_draws_whatever_the_generator() -> None:
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
def test_what_does_not_fit_is_named(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
