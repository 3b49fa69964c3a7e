"""Joining trials in pairs: the same seed, the same data, the same start, the same order of rows."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SHARED = ("data_hash", "split_hash", "weights_hash", "order_hash")


def matched(trials: "pd.DataFrame", first: str, second: str) -> "pd.DataFrame":
    """Return the seeds at which both contenders are ok, their columns told apart by ``_first`` and ``_second``.

    Raises:
        ValueError: if the two sides of a pair differ in data, split, initial weights or order of rows: such trials
            must not be compared.
    """
    ok = trials[trials["status"] == "ok"]
    sides = [ok[ok["contender"] == name] for name in (first, second)]
    pairs = sides[0].merge(sides[1], on=["scenario", "seed", "repetition"], suffixes=("_first", "_second"))
    for name in SHARED:
        differ = pairs[pairs[f"{name}_first"] != pairs[f"{name}_second"]]
        if len(differ):
            raise ValueError(
                f"{first} and {second} cannot be compared at seed {differ['seed'].iloc[0]}: their {name} differs"
            )
    return pairs.sort_values("seed", kind="stable", ignore_index=True)


def largest_curve_gap(curves: "pd.DataFrame", column: str = "train_loss") -> float | None:
    """Return how far the contenders' curves of one scenario and seed are apart at most, over all seeds and epochs.

    None if no seed has curves of two contenders. A value that is missing on one side and not on the other counts as
    infinitely far.
    """
    largest: float | None = None
    for _, group in curves.groupby(["scenario", "seed", "repetition"], sort=False):
        wide = group.pivot_table(index="epoch", columns="contender", values=column, dropna=False)
        if wide.shape[1] < 2:
            continue
        apart = wide.max(axis=1, skipna=True) - wide.min(axis=1, skipna=True)
        torn = wide.isna().any(axis=1) & ~wide.isna().all(axis=1)
        gap = float("inf") if torn.any() else float(apart.max())
        largest = gap if largest is None else max(largest, gap)
    return largest
