"""Exact sign-flip tests of paired differences, and the correction for multiple tests."""

from collections.abc import Sequence

import numpy as np

# Up to this many pairs, all ways to flip the signs are tried; for more pairs, they are drawn.
_MOST_EXACT_PAIRS = 20

# A drawn p of 0.05 has a standard error of 0.0007.
_DRAWS = 100_000

# Sums of the same numbers in another order differ by rounding but must count as equal.
_ROUNDING = 1e-12


def sign_flip_p(differences: Sequence[float]) -> float:
    """Return the two-sided p of the mean of paired differences: Fisher's permutation test by signs.

    If both sides of a pair are alike, each difference is as likely to have the other sign. p is the share of all 2^n
    choices of signs whose mean is at least as far from zero as the observed one. For ratios, pass their logarithms.

    Exact for up to 20 pairs. For more, 100,000 choices are drawn from a fixed seed and the observed one is counted as
    one of them; so p is never 0 and the level still holds: Phipson and Smyth, 2010.

    Raises:
        ValueError: if there are no differences, or one is not finite.
    """
    values = np.asarray(differences, np.float64)
    if not len(values) or not np.isfinite(values).all():
        raise ValueError(f"a sign-flip test needs at least one difference, all finite, got {list(differences)}")
    least = abs(float(values.sum())) - _ROUNDING * float(np.abs(values).sum())
    if len(values) <= _MOST_EXACT_PAIRS:
        return float((np.abs(_all_sums(values)) >= least).mean())
    hits = int((np.abs(_drawn_sums(values, np.random.default_rng(0))) >= least).sum())
    return (hits + 1) / (_DRAWS + 1)


def _all_sums(values: np.ndarray) -> np.ndarray:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return sums


def _drawn_sums(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sums = np.zeros(_DRAWS)
    for value in values:
        sums += value * rng.choice([-1.0, 1.0], _DRAWS)
    return sums


def smallest_p(count: int) -> float:
    """Return the smallest p of an exact sign-flip test with ``count`` pairs, reached when all signs agree."""
    return min(1.0, 2.0 ** (1 - count))


def fewest_pairs(tests: int, level: float = 0.05) -> int:
    """Return the fewest pairs with which the best of ``tests`` tests can pass Holm's correction at ``level``."""
    return next(count for count in range(1, 65) if tests * smallest_p(count) <= level)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values corrected for multiple tests, in their order: Holm, 1979.

    The probability of rejecting any true null hypothesis at a level is at most that level, however the tests depend on
    each other.
    """
    count = len(p_values)
    adjusted = [1.0] * count
    largest = 0.0
    for rank, index in enumerate(sorted(range(count), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (count - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
