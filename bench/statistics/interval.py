"""Centres and intervals that hold at small numbers of seeds: one value per process, paired by seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A centre with its interval.

    Attributes:
        center: the mean, or the geometric mean of ratios.
        low, high: the t interval's ends; None with fewer than two values.
        count: the number of values.
    """

    center: float
    low: float | None
    high: float | None
    count: int


def inverse(ratio: Interval) -> Interval:
    """Return the interval of the inverse ratio: second over first."""
    if ratio.low is None or ratio.high is None:
        return Interval(1.0 / ratio.center, None, None, ratio.count)
    return Interval(1.0 / ratio.center, 1.0 / ratio.high, 1.0 / ratio.low, ratio.count)


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return the mean and its two-sided t interval; without spread the interval is the mean itself.

    Raises:
        ValueError: if there are no values, or one is not finite.
    """
    if not values or not all(map(math.isfinite, values)):
        raise ValueError(f"an interval needs at least one value, all finite, got {list(values)}")
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Interval(mean, None, None, count)
    from scipy.stats import t

    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = float(t.ppf(0.5 + confidence / 2, count - 1)) * math.sqrt(variance / count)
    return Interval(mean, mean - half, mean + half, count)


def share_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return the mean of shares, such as accuracies, and its t interval, cut to [0, 1].

    The mean of shares lies in [0, 1] too, so what is cut off never holds it: the coverage is that of the t interval.

    Raises:
        ValueError: if there are no values, or one lies outside [0, 1].
    """
    if not all(0.0 <= value <= 1.0 for value in values):
        raise ValueError(f"shares must lie between 0 and 1, got {list(values)}")
    found = mean_interval(values, confidence)
    if found.low is None or found.high is None:
        return found
    return Interval(found.center, max(found.low, 0.0), min(found.high, 1.0), found.count)


def wilson_interval(count: int, total: int, confidence: float = 0.95) -> Interval:
    """Return the share that ``count`` of ``total`` cases are, and its score interval: Wilson, 1927.

    It holds near 0 and 1, too, where an interval of plus and minus a standard error does not.

    Raises:
        ValueError: if there are no cases, or more are counted than there are.
    """
    if not 0 <= count <= total or total == 0:
        raise ValueError(f"a share needs a count of at most its total, got {count} of {total}")
    from scipy.stats import norm

    z = float(norm.ppf(0.5 + confidence / 2))
    share = count / total
    middle = (share + z**2 / (2 * total)) / (1.0 + z**2 / total)
    half = z / (1.0 + z**2 / total) * math.sqrt(share * (1.0 - share) / total + (z / (2 * total)) ** 2)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half), total)


def geometric_interval(logs: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return the geometric mean of values given by their logarithms, and its t interval."""
    found = mean_interval(logs, confidence)
    low, high = (None if end is None else math.exp(end) for end in (found.low, found.high))
    return Interval(math.exp(found.center), low, high, found.count)


def paired_ratio(first: Sequence[float], second: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return the geometric mean of first/second, pair by pair, and its t interval on the logarithms.

    Raises:
        ValueError: if the sequences differ in length, or a value is not positive.
    """
    return geometric_interval(_log_ratios(first, second), confidence)


def paired_ratio_p(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p of the t test that the geometric mean of first/second is 1.

    It is below 0.05 if the 95 % interval of `paired_ratio` excludes 1. With a single pair it is 1.

    Raises:
        ValueError: if the sequences differ in length, or a value is not positive.
    """
    logs = mean_interval(_log_ratios(first, second))
    if logs.low is None or logs.center == 0.0:
        return 1.0
    if logs.low == logs.center:
        return 0.0
    from scipy.stats import t

    freedom = logs.count - 1
    standard_error = (logs.center - logs.low) / float(t.ppf(0.975, freedom))
    return float(2.0 * t.sf(abs(logs.center) / standard_error, freedom))


def _log_ratios(first: Sequence[float], second: Sequence[float]) -> list[float]:
    pairs = list(zip(first, second, strict=True))
    if any(a <= 0 or b <= 0 for a, b in pairs):
        raise ValueError(f"a ratio needs positive values, got {pairs}")
    return [math.log(a / b) for a, b in pairs]


def paired_difference(first: Sequence[float], second: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return the mean of first - second, pair by pair, and its t interval."""
    return mean_interval([a - b for a, b in zip(first, second, strict=True)], confidence)
