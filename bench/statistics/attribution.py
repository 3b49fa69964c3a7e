"""What each of several factors is worth, from a full factorial: Shapley values of the logarithm of a clock."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from bench.statistics.interval import Interval, mean_interval
from bench.statistics.permutation import fewest_pairs, holm, sign_flip_p

LEVEL = 0.05

Verdict = Literal["shortens", "lengthens", "not shown", "too few seeds"]

# A clock's reading for every set of switched factors; None where the target was not reached.
Cells = Mapping[frozenset[str], float | None]


@dataclass(frozen=True)
class Share:
    """What one factor is worth.

    Attributes:
        factor: its name.
        ratio: by what factor switching it divides the clock, on average over all orders of switching: the geometric
            mean over seeds with its 95 % t interval on the logarithms. Above 1 it shortens the way.
        alone: the same where it is switched first, from the set-up in which nothing is switched.
        last: the same where it is switched last, when everything else is.
        p: of the exact sign-flip test over seeds.
        adjusted_p: that p by Holm's correction for as many factors as there are.
        verdict: what both say together at 5 %; ``too few seeds`` where no result could have passed.
    """

    factor: str
    ratio: Interval
    alone: float
    last: float
    p: float
    adjusted_p: float
    verdict: Verdict


@dataclass(frozen=True)
class Attribution:
    """A gap between two set-ups, split into shares that multiply to the whole.

    Attributes:
        shares: of the factors, in their given order.
        whole: by what factor all of them together divide the clock.
        start: the clock with nothing switched, its geometric mean over the seeds.
    """

    shares: tuple[Share, ...]
    whole: Interval
    start: float


def incomplete(readings: Mapping[int, Cells], factors: Sequence[str]) -> dict[int, tuple[frozenset[str], ...]]:
    """Return the seeds that lack a reading, each with the sets of switched factors whose reading it lacks."""
    lacking = {
        seed: tuple(cell for cell in subsets(factors) if reading.get(cell) is None)
        for seed, reading in sorted(readings.items())
    }
    return {seed: cells for seed, cells in lacking.items() if cells}


def attribute(readings: Mapping[int, Cells], factors: Sequence[str]) -> Attribution:
    """Split the gap between nothing switched and everything switched, seed by seed.

    ``readings`` holds for each seed the clock, positive, of every set of switched factors.

    Raises:
        ValueError: if there is no seed, or one that lacks a reading: its shares would not add up.
    """
    lacking = incomplete(readings, factors)
    if lacking or not readings:
        raise ValueError(
            f"an attribution needs seeds that have every cell, got {len(readings)}, {len(lacking)} without"
        )
    logs = [
        {cell: math.log(value) for cell, value in reading.items() if value is not None} for reading in readings.values()
    ]
    everything = frozenset(factors)
    values = [shapley(reading, factors) for reading in logs]
    gains = {factor: [-value[factor] for value in values] for factor in factors}
    p_values = [sign_flip_p(gains[factor]) for factor in factors]
    shares = tuple(
        Share(
            factor=factor,
            ratio=_ratio(gains[factor]),
            alone=_ratio([reading[frozenset()] - reading[frozenset({factor})] for reading in logs]).center,
            last=_ratio([reading[everything - {factor}] - reading[everything] for reading in logs]).center,
            p=p,
            adjusted_p=adjusted,
            verdict=_verdict(gains[factor], adjusted, len(factors)),
        )
        for factor, p, adjusted in zip(factors, p_values, holm(p_values), strict=True)
    )
    whole = _ratio([reading[frozenset()] - reading[everything] for reading in logs])
    start = math.exp(math.fsum(reading[frozenset()] for reading in logs) / len(logs))
    return Attribution(shares, whole, start)


def shapley(values: Mapping[frozenset[str], float], factors: Sequence[str]) -> dict[str, float]:
    """Return each factor's Shapley value: its mean contribution over all orders in which factors could be added.

    Shapley, 1953. The values add up to that of all factors less that of none.

    Raises:
        ValueError: if a set of factors has no value, or one that is not finite.
    """
    missing = [cell for cell in subsets(factors) if not math.isfinite(values.get(cell, math.nan))]
    if missing:
        raise ValueError(
            f"a Shapley value needs a finite value of every set of factors, and {set(missing[0])} has none"
        )
    count = len(factors)
    found = {}
    for factor in factors:
        others = [other for other in factors if other != factor]
        found[factor] = math.fsum(
            # the share of orders in which exactly these come before the factor
            math.factorial(len(before))
            * math.factorial(count - len(before) - 1)
            / math.factorial(count)
            * (values[before | {factor}] - values[before])
            for before in subsets(others)
        )
    return found


def subsets(factors: Sequence[str]) -> Iterator[frozenset[str]]:
    """Yield every set of factors, from none to all."""
    for size in range(len(factors) + 1):
        yield from map(frozenset, combinations(factors, size))


def _ratio(gains: Sequence[float]) -> Interval:
    logs = mean_interval(gains)
    low, high = (None if end is None else math.exp(end) for end in (logs.low, logs.high))
    return Interval(math.exp(logs.center), low, high, logs.count)


def _verdict(gains: Sequence[float], adjusted_p: float, tests: int) -> Verdict:
    if len(gains) < fewest_pairs(tests, LEVEL):
        return "too few seeds"
    if adjusted_p > LEVEL:
        return "not shown"
    return "shortens" if math.fsum(gains) > 0.0 else "lengthens"
