"""Three-way decisions from an interval: pass, fail, or inconclusive; always inconclusive with too few seeds."""

import math
from collections.abc import Sequence
from enum import StrEnum

from bench.statistics.interval import Interval

# With fewer than six pairs no paired rank test reaches 5 %, and values that agree by chance look certain.
FEWEST_SEEDS = 6

# The mean of values that are all 0.95 is 0.9499999999999997 for some numbers of seeds.
_ROUNDING = 1e-12


class Outcome(StrEnum):
    """The result of a rule."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


def at_least(interval: Interval, bound: float) -> Outcome:
    """Pass if the whole interval is at or above ``bound``, fail if it is wholly below; otherwise inconclusive."""
    if interval.low is None or interval.high is None or interval.count < FEWEST_SEEDS:
        return Outcome.INCONCLUSIVE
    if interval.low >= bound - _ROUNDING:
        return Outcome.PASS
    return Outcome.FAIL if interval.high < bound - _ROUNDING else Outcome.INCONCLUSIVE


def at_most(interval: Interval, bound: float) -> Outcome:
    """Pass if the whole interval is at or below ``bound``, fail if it is wholly above; otherwise inconclusive."""
    if interval.low is None or interval.high is None or interval.count < FEWEST_SEEDS:
        return Outcome.INCONCLUSIVE
    if interval.high <= bound:
        return Outcome.PASS
    return Outcome.FAIL if interval.low > bound else Outcome.INCONCLUSIVE


def within(interval: Interval, margin: float) -> Outcome:
    """Pass if the whole interval lies inside ± ``margin``, fail if it is wholly outside; otherwise inconclusive.

    With a 90 % interval this is the two one-sided tests of equivalence at 5 %: Schuirmann, 1987.
    """
    if interval.low is None or interval.high is None or interval.count < FEWEST_SEEDS:
        return Outcome.INCONCLUSIVE
    if -margin < interval.low and interval.high < margin:
        return Outcome.PASS
    outside = interval.low > margin or interval.high < -margin
    return Outcome.FAIL if outside else Outcome.INCONCLUSIVE


class Change(StrEnum):
    """How a quantity changed from one run to another."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no measurable difference"
    UNKNOWN = "cannot tell"


def change_of(change: Interval, margin: float) -> Change:
    """Return what the interval of a factor says of a quantity of which less is better, such as seconds or bytes.

    It is worse or better if the change is certain and at least as large as the margin. There is no measurable
    difference if the whole interval is within the margin; otherwise it cannot be told.

    Args:
        change: the new value over the old one.
        margin: the least change that matters, as a share.
    """
    if change.low is None or change.high is None:
        return Change.UNKNOWN
    least, most = 1.0 / (1.0 + margin), 1.0 + margin
    if least <= change.low and change.high <= most:
        return Change.SAME
    if change.low > 1.0 and change.center >= most:
        return Change.WORSE
    return Change.BETTER if change.high < 1.0 and change.center <= least else Change.UNKNOWN


def difference_of(change: Interval, margin: float) -> Change:
    """Return what the interval of a difference says of a quantity of which more is better; as in `change_of`."""
    if change.low is None or change.high is None:
        return Change.UNKNOWN
    if -margin <= change.low and change.high <= margin:
        return Change.SAME
    if change.low > 0.0 and change.center >= margin:
        return Change.BETTER
    return Change.WORSE if change.high < 0.0 and change.center <= -margin else Change.UNKNOWN


def ratio_change(now: Sequence[float], before: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return the change of a geometric mean of positive ratios as a factor, with Welch's t interval on the logarithms.

    The samples are independent, such as runs on two days or on two machines.

    Raises:
        ValueError: if a sample is empty or a ratio is not positive.
    """
    if not now or not before or min(*now, *before) <= 0:
        raise ValueError(f"a change of ratios needs positive values on both sides, got {list(now)} and {list(before)}")
    logs = [[math.log(value) for value in sample] for sample in (now, before)]
    means = [math.fsum(sample) / len(sample) for sample in logs]
    center = math.exp(means[0] - means[1])
    count = min(len(now), len(before))
    if count < 2:
        return Interval(center, None, None, count)
    from scipy.stats import t

    # each sample's share of the variance of the difference
    shares = [
        math.fsum((value - mean) ** 2 for value in sample) / (len(sample) - 1) / len(sample)
        for sample, mean in zip(logs, means, strict=True)
    ]
    total = math.fsum(shares)
    if total == 0.0:
        return Interval(center, center, center, count)
    degrees = total**2 / math.fsum(share**2 / (len(sample) - 1) for share, sample in zip(shares, logs, strict=True))
    half = float(t.ppf(0.5 + confidence / 2, degrees)) * math.sqrt(total)
    return Interval(center, center * math.exp(-half), center * math.exp(half), count)
