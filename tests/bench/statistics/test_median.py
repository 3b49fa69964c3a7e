"""Medians: unreached values count as infinite, and the interval has its coverage for any distribution."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from bench.statistics.median import MedianInterval, median_interval

NEVER = math.inf


@pytest.mark.parametrize(
    ("values", "median"),
    [([3.0], 3.0), ([4.0, 1.0], 2.5), ([1.0, NEVER, 2.0], 2.0), ([1.0, NEVER], NEVER), ([NEVER] * 3, NEVER)],
)
def test_the_median_counts_unreached_values_as_infinite(values: list[float], median: float) -> None:
    assert median_interval(values).median == median


def test_ten_values_by_hand() -> None:
    # one side of the median gets fewer than 2 of 10 coins with probability 11/1024, on either side 22/1024
    found = median_interval([float(value) for value in range(10, 0, -1)])
    assert found == MedianInterval(5.5, 2.0, 9.0, 1.0 - 22.0 / 1024.0, 10)


@pytest.mark.parametrize("count", [1, 5])
def test_too_few_values_have_no_interval(count: int) -> None:
    found = median_interval([1.0] * count)
    assert (found.low, found.high, found.confidence) == (None, None, None)


def test_six_values_are_the_fewest_and_their_interval_is_all_of_them() -> None:
    found = median_interval([5.0, 1.0, NEVER, 2.0, 3.0, 4.0])
    assert (found.low, found.high, found.confidence) == (1.0, NEVER, 1.0 - 2.0 / 64.0)


def test_without_spread_the_interval_is_the_value() -> None:
    found = median_interval([7.0] * 6)
    assert (found.low, found.median, found.high) == (7.0, 7.0, 7.0)


@pytest.mark.parametrize("values", [[], [1.0, math.nan]])
def test_values_without_a_median_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="a median needs"):
        median_interval(values)


@pytest.mark.parametrize("count", [6, 10, 17])
@pytest.mark.parametrize("draw", ["standard_exponential", "standard_cauchy", "standard_normal"])
def test_the_interval_of_a_median_has_its_stated_coverage(count: int, draw: str) -> None:
    rng = np.random.default_rng(count)
    true = math.log(2.0) if draw == "standard_exponential" else 0.0
    covered = 0
    for sample in getattr(rng, draw)((2000, count)):
        found = median_interval(list(sample))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= true <= found.high
    said = median_interval(list(range(count))).confidence
    assert said is not None
    assert said >= 0.95
    low, high = binom.interval(0.999, 2000, said)
    assert low <= covered <= high
