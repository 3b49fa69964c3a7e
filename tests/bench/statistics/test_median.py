"""Medians: unreached values count as infinite, and the interval has its coverage for any distribution."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from bench.statistics.median import MedianInterval, median_interval

NEVER = math.inf


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # too few for an interval; a value that was never reached is infinite
        ([3.0], MedianInterval(3.0, None, None, None, 1)),
        ([4.0, 1.0], MedianInterval(2.5, None, None, None, 2)),
        ([1.0, NEVER], MedianInterval(NEVER, None, None, None, 2)),
        ([1.0, NEVER, 2.0], MedianInterval(2.0, None, None, None, 3)),
        ([NEVER] * 3, MedianInterval(NEVER, None, None, None, 3)),
        ([1.0] * 5, MedianInterval(1.0, None, None, None, 5)),
        # six are the fewest with an interval, which is all of them
        ([5.0, 1.0, NEVER, 2.0, 3.0, 4.0], MedianInterval(3.5, 1.0, NEVER, 1.0 - 2.0 / 64.0, 6)),
        ([7.0] * 6, MedianInterval(7.0, 7.0, 7.0, 1.0 - 2.0 / 64.0, 6)),
        # one side of the median gets fewer than 2 of 10 coins with probability 11/1024, on either side 22/1024
        ([float(value) for value in range(10, 0, -1)], MedianInterval(5.5, 2.0, 9.0, 1.0 - 22.0 / 1024.0, 10)),
    ],
)
def test_medians_and_their_intervals_by_hand(values: list[float], expected: MedianInterval) -> None:
    assert median_interval(values) == expected


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
