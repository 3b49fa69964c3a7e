"""Medians where some values never came, with an interval that supposes nothing of their distribution."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class MedianInterval:
    """A median with its order-statistic interval; all three may be infinite, where that many values never came.

    Attributes:
        median: the middle value, or the mean of the middle two.
        low, high: values of the sample between which the true median lies; None with too few values for an interval.
        confidence: with what probability it does, at least: what so many values can give, not less than was asked.
        count: how many values.
    """

    median: float
    low: float | None
    high: float | None
    confidence: float | None
    count: int


def median_interval(values: Sequence[float], confidence: float = 0.95) -> MedianInterval:
    """Return the median and its interval; what was never reached is given as infinity.

    The true median lies between the k-th least and the k-th greatest of n values unless fewer than k of them fall on
    one side of it, and how many do is a throw of n coins: the interval is the narrowest whose coins allow the
    confidence.

    Raises:
        ValueError: if there are no values, or one is no number.
    """
    if not values or any(math.isnan(value) for value in values):
        raise ValueError(f"a median needs at least one value, and numbers only; got {list(values)}")
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
