"""Initializers: bounds and spreads from the formulas of the papers."""

import math

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
