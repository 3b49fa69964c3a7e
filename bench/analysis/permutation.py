"""Exact tests of paired differences by flipping signs, and the correction for making many of them."""

from collections.abc import Sequence

import numpy as np

# Two to this power are all the ways to flip the signs; more are not needed at any number of seeds that is run here.
_MOST_PAIRS = 20

# Sums of the same numbers in another order differ by rounding, and must count as equal.
_ROUNDING = 1e-12


def sign_flip_p(differences: Sequence[float]) -> float:
    """Return the exact two-sided p of the mean of paired differences: Fisher's permutation test by signs.

    If the two sides of a pair do the same, each difference could as well have had the other sign: p is the share of
    all 2^n choices of signs whose mean is as far from zero as the one found. For ratios, give their logarithms.

    Raises:
        ValueError: if there are no differences, more than 20, or one that is not finite.
    """
    values = np.asarray(differences, np.float64)
    if not 1 <= len(values) <= _MOST_PAIRS or not np.isfinite(values).all():
        raise ValueError(f"a sign-flip test needs 1 to {_MOST_PAIRS} finite differences, got {list(differences)}")
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    least = abs(float(values.sum())) - _ROUNDING * float(np.abs(values).sum())
    return float((np.abs(sums) >= least).mean())


def smallest_p(count: int) -> float:
    """Return the least p that a sign-flip test of so many pairs can reach: all signs alike, on either side."""
    return min(1.0, 2.0 ** (1 - count))


def fewest_pairs(tests: int, level: float = 0.05) -> int:
    """Return the fewest pairs with which the best of so many tests can pass Holm's correction at ``level``."""
    return next(count for count in range(1, 65) if tests * smallest_p(count) <= level)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values corrected for being many, in their order: Holm, 1979.

    The chance that any true null hypothesis among them falls below a level is at most that level, however the tests
    depend on each other.
    """
    count = len(p_values)
    adjusted = [1.0] * count
    largest = 0.0
    for rank, index in enumerate(sorted(range(count), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (count - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
