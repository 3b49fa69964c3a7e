"""How runs differ: values within runs within a machine, the interval of a new run, and the change between two.

The model has two levels: a value is the machine's mean, plus what its run adds, plus what is its own. Values of one run
share what the run adds, so that more of them say nothing about the next run. See T. Kalibera and R. Jones, "Rigorous
benchmarking in reasonable time", ISMM 2013.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.statistics.interval import Interval


@dataclass(frozen=True)
class Levels:
    """The two levels of one quantity, estimated from several runs; for a ratio, of its logarithms.

    Attributes:
        center: the mean of the runs' means.
        within: the variance of a value within its run.
        between: the variance of what a run adds; 0 where the runs differ no more than their values explain.
        runs: how many runs.
        values: how many values a run has, the harmonic mean.
    """

    center: float
    within: float
    between: float
    runs: int
    values: float


def levels(runs: Sequence[Sequence[float]]) -> Levels:
    """Return the two levels of a quantity, from its values in each run.

    Raises:
        ValueError: if there are fewer than two runs, a run has fewer than two values, or one is not finite.
    """
    if len(runs) < 2 or any(len(values) < 2 for values in runs):
        raise ValueError(f"two levels need two runs of two values each, got runs of {[len(each) for each in runs]}")
    if not all(math.isfinite(value) for values in runs for value in values):
        raise ValueError("two levels need finite values")
    means = [math.fsum(values) / len(values) for values in runs]
    freedom = sum(len(values) - 1 for values in runs)
    within = (
        math.fsum((value - mean) ** 2 for values, mean in zip(runs, means, strict=True) for value in values) / freedom
    )
    usual = len(runs) / math.fsum(1.0 / len(values) for values in runs)
    center = math.fsum(means) / len(means)
    apart = math.fsum((mean - center) ** 2 for mean in means) / (len(means) - 1)
    return Levels(center, within, max(0.0, apart - within / usual), len(runs), usual)


def against_runs(now: Sequence[float], before: Sequence[Sequence[float]], confidence: float = 0.95) -> Interval:
    """Return how a new run changes the geometric mean of positive values, as a factor over that of several runs before.

    The interval is a prediction interval: without a change, the mean of a new run of the same machine lies in it with
    this confidence. Its width comes from how far the means of the runs before are from each other, and from the values
    of the new run if they are further apart than those of the runs before.

    Raises:
        ValueError: if there are fewer than two runs before, or a value is not positive.
    """
    new, *old = [_logs(values) for values in (now, *before)]
    found = levels(old)
    from scipy.stats import t

    mean = math.fsum(new) / len(new)
    own = math.fsum((value - mean) ** 2 for value in new) / (len(new) - 1) if len(new) > 1 else 0.0
    of_new = found.between + max(found.within, own) / len(new)
    of_old = found.between + found.within / found.values
    half = float(t.ppf(0.5 + confidence / 2, found.runs - 1)) * math.sqrt(of_new + of_old / found.runs)
    change = mean - found.center
    return Interval(math.exp(change), math.exp(change - half), math.exp(change + half), len(new))


def between_runs(now: Sequence[float], before: Sequence[float], usual: Levels, confidence: float = 0.95) -> Interval:
    """Return the change of a geometric mean of positive values from one run to another, as a factor.

    The spread within each run is its own; what runs add is that of ``usual``, measured on the same machine. The degrees
    of freedom are Satterthwaite's.

    Raises:
        ValueError: if a run has fewer than two values, or a value is not positive.
    """
    logs = [_logs(values) for values in (now, before)]
    if any(len(own) < 2 for own in logs):
        raise ValueError(f"a change needs two values of each run, got {[len(own) for own in logs]}")
    from scipy.stats import t

    means = [math.fsum(own) / len(own) for own in logs]
    parts = [
        (math.fsum((value - mean) ** 2 for value in own) / (len(own) - 1) / len(own), len(own) - 1)
        for own, mean in zip(logs, means, strict=True)
    ]
    parts.append((2.0 * usual.between, usual.runs - 1))
    total = math.fsum(part for part, _ in parts)
    change = means[0] - means[1]
    count = min(map(len, logs))
    if total == 0.0:
        return Interval(math.exp(change), math.exp(change), math.exp(change), count)
    freedom = total**2 / math.fsum(part**2 / degrees for part, degrees in parts)
    half = float(t.ppf(0.5 + confidence / 2, freedom)) * math.sqrt(total)
    return Interval(math.exp(change), math.exp(change - half), math.exp(change + half), count)


def _logs(values: Sequence[float]) -> list[float]:
    if not values or min(values) <= 0.0:
        raise ValueError(f"a change needs positive values, got {list(values)}")
    return [math.log(value) for value in values]
