"""Pairs of trials: the same seed, the same data, the same initial weights, the same order of rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest
from statistics import median
from typing import TYPE_CHECKING

from bench.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

# Curves that are closer lie on each other in a picture. Of a run that kept no band of rounding they count as the same.
SAME_CURVE = 1e-3

SHARED = ("data_hash", "split_hash", "weights_hash", "order_hash")


def matched(trials: "pd.DataFrame", first: str, second: str) -> "pd.DataFrame":
    """Return a row for each seed at which both contenders are ok, with columns suffixed ``_first`` and ``_second``.

    Raises:
        UsageError: if the sides of a pair differ in data, split, initial weights or order of rows, and so must not be
            compared.
    """
    ok = trials[trials["status"] == "ok"]
    sides = [ok[ok["contender"] == name] for name in (first, second)]
    pairs = sides[0].merge(sides[1], on=["scenario", "seed", "repetition"], suffixes=("_first", "_second"))
    for name in SHARED:
        differ = pairs[pairs[f"{name}_first"] != pairs[f"{name}_second"]]
        if len(differ):
            raise UsageError(
                f"{first} and {second} cannot be compared at seed {differ['seed'].iloc[0]}: their {name} differs"
            )
    return pairs.sort_values("seed", kind="stable", ignore_index=True)


def in_given_order(trials: "pd.DataFrame") -> "pd.DataFrame":
    """Return the trials that followed the harness's order of rows: only they can be paired."""
    return trials[trials["order_hash"].notna()]


def curves_of(trials: "pd.DataFrame", curves: "pd.DataFrame") -> "pd.DataFrame":
    """Return the curves of these trials."""
    names = ["scenario", "contender", "seed", "repetition"]
    return curves.merge(trials[names].drop_duplicates(), on=names)


@dataclass(frozen=True)
class CurveGap:
    """The distance between two curves of one seed.

    Attributes:
        seed: the seed.
        largest: the largest distance over all epochs; infinite if a value is missing on one side only.
        epoch: the epoch of that distance.
        usual: the median distance over epochs.
    """

    seed: int
    largest: float
    epoch: int
    usual: float


def curve_gaps(curves: "pd.DataFrame", first: str, second: str) -> list[CurveGap]:
    """Return the gap between two contenders' curves at every seed that both have."""
    keys = ["scenario", "seed", "repetition"]
    sides = [curves[curves["contender"] == name] for name in (first, second)]
    both = sides[0].merge(sides[1], on=[*keys, "epoch"], suffixes=("_first", "_second"))
    have = [set(side[keys].itertuples(index=False, name=None)) for side in sides]
    gaps = []
    for key, group in both.groupby(keys, sort=False):
        if not all(key in seeds for seeds in have):
            continue
        one, other = group["train_loss_first"], group["train_loss_second"]
        apart = (one - other).abs().where(one.notna() == other.notna(), math.inf)
        apart = apart.where(one.notna() | other.notna(), 0.0)
        worst = int(apart.to_numpy().argmax())
        gaps.append(
            CurveGap(
                seed=int(group["seed"].iloc[0]),
                largest=float(apart.iloc[worst]),
                epoch=int(group["epoch"].iloc[worst]),
                usual=float(apart.median()),
            )
        )
    return gaps


def parted(curves: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Return, for curves that should be the same, how far each is from the others; None for those that agree.

    A curve has parted if it is further than `SAME_CURVE` from more than half of the others, in half of all epochs.
    """
    found = []
    for curve in curves:
        gaps = [_usual_gap(curve, other) for other in curves if other is not curve]
        far = [gap for gap in gaps if not gap < SAME_CURVE]
        found.append(min(far) if 2 * len(far) > len(gaps) else None)
    return found


def _usual_gap(one: Sequence[float | None], other: Sequence[float | None]) -> float:
    """Return the median distance over epochs; infinite where one curve alone has a value."""
    pairs = list(zip_longest(one, other))
    return median(0.0 if a is b else math.inf if a is None or b is None else abs(a - b) for a, b in pairs)


def largest_curve_gap(curves: "pd.DataFrame") -> float | None:
    """Return the largest distance between two contenders' curves of one scenario and seed, as in `CurveGap.largest`.

    None if no seed has curves of two contenders.
    """
    gaps = [
        gap.largest
        for first, second in combinations(dict.fromkeys(curves["contender"]), 2)
        for gap in curve_gaps(curves, first, second)
    ]
    return max(gaps, default=None)
