"""Medians of values that may be infinite, for never reached, with an interval that assumes no distribution."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class MedianInterval:
    """A median with its order-statistic interval; each of the three may be infinite.

    Attributes:
        median: the middle value, or the mean of the middle two.
        low, high: values of the sample between which the true median lies; None with too few values for an interval.
        confidence: the probability that it does, at least the requested one; None without an interval.
        count: the number of values.
    """

    median: float
    low: float | None
    high: float | None
    confidence: float | None
    count: int


def median_interval(values: Sequence[float], confidence: float = 0.95) -> MedianInterval:
    """Return the median and its interval; pass infinity for a value that was never reached.

    The true median lies between the k-th smallest and the k-th largest of n values unless fewer than k values fall on
    one side of it. Their number is distributed like the heads of n coins; the interval is the narrowest with enough
    confidence.

    Raises:
        ValueError: if there are no values, or one is NaN.
    """
    if not values or any(math.isnan(value) for value in values):
        raise ValueError(f"a median needs at least one value and no NaN, got {list(values)}")
    ordered = sorted(values)
    count = len(ordered)
    lower, upper = ordered[(count - 1) // 2], ordered[count // 2]
    median = lower if lower == upper else (lower + upper) / 2
    found = None
    for rank in range(1, (count + 1) // 2 + 1):
        covered = 1.0 - 2.0 * sum(math.comb(count, below) for below in range(rank)) / 2.0**count
        if covered < confidence:
            break
        found = rank, covered
    if found is None:
        return MedianInterval(median, None, None, None, count)
    rank, covered = found
    return MedianInterval(median, ordered[rank - 1], ordered[count - rank], covered, count)
