"""The noise of a race of a contender against itself, and the smallest difference that such a race can show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.statistics.interval import Interval, paired_ratio

# How often the smallest difference is found, and how sure one is of the spread that it is computed from.
_POWER = 0.8
_CERTAINTY = 0.8


@dataclass(frozen=True)
class Noise:
    """What two sides that are the same differ by.

    Attributes:
        ratio: first over second: the geometric mean with its 95 % interval.
        spread: the standard deviation of the pairs' log ratios, which for small ones is a share.
        smallest_difference: that can be shown with as many pairs, as a share: 0.02 is 2 %.
    """

    ratio: Interval
    spread: float
    smallest_difference: float


def noise(first: Sequence[float], second: Sequence[float]) -> Noise:
    """Return the noise of a race, from the seconds of both sides, pair by pair.

    Raises:
        ValueError: if there are fewer than two pairs, or a value is not positive.
    """
    ratio = paired_ratio(first, second)
    if ratio.count < 2:
        raise ValueError(f"noise needs at least two pairs, got {ratio.count}")
    logs = [math.log(a / b) for a, b in zip(first, second, strict=True)]
    center = math.fsum(logs) / len(logs)
    spread = math.sqrt(math.fsum((each - center) ** 2 for each in logs) / (len(logs) - 1))
    return Noise(ratio, spread, smallest_difference(spread, len(logs)))


def smallest_difference(spread: float, pairs: int) -> float:
    """Return the difference, as a share, that a race of so many pairs tells from none four times out of five.

    The 95 % t interval of the log ratio then leaves out zero: the difference is that interval's half width, and as much
    again as 80 % power needs. The spread of a few pairs is often too small by luck, so its upper 80 % limit is used
    (R. H. Browne, "On the use of a pilot sample for sample size determination", Statistics in Medicine 14, 1995).

    Args:
        spread: the standard deviation of the log ratios of so many pairs.
        pairs: how many, at least two.
    """
    from scipy.stats import chi2, t

    freedom = pairs - 1
    most = spread * math.sqrt(freedom / float(chi2.ppf(1.0 - _CERTAINTY, freedom)))
    quantiles = float(t.ppf(0.975, freedom)) + float(t.ppf(_POWER, freedom))
    return math.expm1(quantiles * most / math.sqrt(pairs))
