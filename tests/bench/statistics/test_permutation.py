"""Tests of paired differences: exact, calibrated, and corrected for multiple tests."""

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test

from bench.statistics.permutation import fewest_pairs, holm, sign_flip_p, smallest_p


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([3.0, 2.0, 1.0], 0.25),  # of the sums ±3 ±2 ±1, only 6 and -6 are as far from zero
        ([3.0, 2.0, -1.0], 0.5),  # 6, 4, -4 and -6 are
        ([0.0, 0.0, 0.0], 1.0),
        ([0.1, 0.2, 0.3, 0.1, 0.2, 0.3], 2 / 64),
        ([-0.5, 0.2, 0.5], 1.0),  # 0.2 is the least of ±0.5 ±0.2 ±0.5, and 0.5 + 0.2 - 0.5 is a little less than it
        ([1.0] * 40, 1 / 100_001),  # drawn, and never zero
        ([0.0] * 40, 1.0),
    ],
)
def test_p_by_hand(differences: list[float], p: float) -> None:
    assert sign_flip_p(differences) == p


def test_p_is_scipys() -> None:
    rng = np.random.default_rng(0)
    for count in (5, 9, 12):
        differences = rng.normal(0.4, 1.0, count)
        other = permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=10**9)
        assert sign_flip_p(list(differences)) == pytest.approx(other.pvalue, rel=1e-12)


@pytest.mark.parametrize(("up", "count"), [(15, 21), (18, 25), (33, 50)])
def test_with_more_than_twenty_pairs_p_is_close_to_the_exact_one(up: int, count: int) -> None:
    # of differences of one size only the number of signs matters: the sign test
    exact = binomtest(up, count).pvalue
    error = 4.0 * (exact * (1.0 - exact) / 100_000) ** 0.5
    found = sign_flip_p([0.3] * up + [-0.3] * (count - up))
    assert found == pytest.approx(exact, abs=error)
    assert found == sign_flip_p([0.3] * up + [-0.3] * (count - up))


@pytest.mark.parametrize("differences", [[], [1.0, float("nan")], [float("inf")], [float("nan")] * 21])
def test_differences_must_be_finite_and_at_least_one(differences: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one difference, all finite"):
        sign_flip_p(differences)


def test_a_true_null_is_rejected_in_five_percent() -> None:
    rng = np.random.default_rng(1)
    # skewed like times, but as likely on either side, which is the test's only assumption
    draws = rng.lognormal(0.0, 1.0, (3000, 8)) * rng.choice([-1.0, 1.0], (3000, 8))
    found = np.mean([sign_flip_p(list(draw)) <= 0.05 for draw in draws])
    assert 0.035 < found < 0.055


@pytest.mark.parametrize(("count", "least"), [(1, 1.0), (2, 0.5), (5, 0.0625), (6, 0.03125), (10, 2 / 1024)])
def test_the_smallest_p_is_that_of_equal_signs(count: int, least: float) -> None:
    assert smallest_p(count) == least == sign_flip_p([1.0] * count)


@pytest.mark.parametrize(("tests", "pairs"), [(1, 6), (5, 8), (20, 10), (100, 12)])
def test_so_many_tests_need_so_many_pairs(tests: int, pairs: int) -> None:
    assert fewest_pairs(tests) == pairs
    assert max(holm([smallest_p(pairs)] * tests)) <= 0.05 < max(holm([smallest_p(pairs - 1)] * tests))


def test_holm_by_hand() -> None:
    # sorted: 0.01 × 4, 0.02 × 3, 0.03 × 2, 0.04 × 1, each no less than the one before
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_rejects_any_of_many_true_nulls_in_at_most_five_percent() -> None:
    rng = np.random.default_rng(2)
    p_values = rng.uniform(0.0, 1.0, (4000, 10))
    wrong = np.mean([min(holm(list(row))) <= 0.05 for row in p_values])
    assert 0.04 < wrong < 0.06
