"""The contribution of each factor of a full factorial: Shapley values of the logarithm of a clock."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.statistics.interval import Interval, geometric_interval
from bench.statistics.permutation import fewest_pairs, holm, sign_flip_p
from bench.statistics.shapley import shapley, subsets

LEVEL = 0.05

Verdict = Literal["shortens", "lengthens", "not shown", "too few seeds"]

# A clock's reading for every set of switched factors; None where the target was not reached.
Cells = Mapping[frozenset[str], float | None]


@dataclass(frozen=True)
class Share:
    """The contribution of one factor.

    Attributes:
        factor: its name.
        ratio: the clock before switching it over the clock after, averaged over all orders of switching: the geometric
            mean over seeds with its 95 % t interval on the logarithms. Above 1, switching shortens the clock.
        alone: the same if it is switched first, with nothing else switched.
        last: the same if it is switched last, after everything else.
        p: of the sign-flip test over seeds.
        adjusted_p: that p by Holm's correction for the number of factors.
        verdict: the result at 5 %; ``too few seeds`` if no result could have been significant.
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
        shares: of the factors, in the given order.
        whole: the ratio for all factors together.
        start: the geometric mean over seeds of the clock with nothing switched.
    """

    shares: tuple[Share, ...]
    whole: Interval
    start: float


def incomplete(readings: Mapping[int, Cells], factors: Sequence[str]) -> dict[int, tuple[frozenset[str], ...]]:
    """Return the seeds that lack readings, each with the sets of switched factors that it lacks."""
    lacking = {
        seed: tuple(cell for cell in subsets(factors) if reading.get(cell) is None)
        for seed, reading in sorted(readings.items())
    }
    return {seed: cells for seed, cells in lacking.items() if cells}


def attribute(readings: Mapping[int, Cells], factors: Sequence[str]) -> Attribution:
    """Split the gap between nothing switched and everything switched, seed by seed.

    ``readings`` holds for each seed the clock, positive, of every set of switched factors.

    Raises:
        ValueError: if there are no seeds, or a seed lacks a reading, since its shares would not add up.
    """
    lacking = incomplete(readings, factors)
    if lacking or not readings:
        raise ValueError(
            f"an attribution needs seeds with every cell, got {len(readings)} seeds, {len(lacking)} of them incomplete"
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
            ratio=geometric_interval(gains[factor]),
            alone=geometric_interval([reading[frozenset()] - reading[frozenset({factor})] for reading in logs]).center,
            last=geometric_interval([reading[everything - {factor}] - reading[everything] for reading in logs]).center,
            p=p,
            adjusted_p=adjusted,
            verdict=_verdict(gains[factor], adjusted, len(factors)),
        )
        for factor, p, adjusted in zip(factors, p_values, holm(p_values), strict=True)
    )
    whole = geometric_interval([reading[frozenset()] - reading[everything] for reading in logs])
    start = math.exp(math.fsum(reading[frozenset()] for reading in logs) / len(logs))
    return Attribution(shares, whole, start)


def _verdict(gains: Sequence[float], adjusted_p: float, tests: int) -> Verdict:
    if len(gains) < fewest_pairs(tests, LEVEL):
        return "too few seeds"
    if adjusted_p > LEVEL:
        return "not shown"
    return "shortens" if math.fsum(gains) > 0.0 else "lengthens"
