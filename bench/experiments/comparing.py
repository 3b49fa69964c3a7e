"""What experiments share that compare contenders: when each reached the target, how well it ends, where time goes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.statistics.interval import Interval, share_interval
from bench.statistics.phases import PhaseMedians, phase_medians
from bench.statistics.reached import Reached, reached_target

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """What was computed of the contenders of an experiment.

    Attributes:
        reached: by pair and contender.
        accuracy: mean test accuracy of the trials that ended well, by pair and contender.
        phases: by scenario and contender.
        curve_gap: how far apart the training-loss curves of one seed are at most; None without two to compare.
    """

    reached: dict[str, dict[str, Reached]]
    accuracy: dict[tuple[str, str], Interval]
    phases: dict[tuple[str, str], PhaseMedians]
    curve_gap: float | None = None


def compare(trials: "pd.DataFrame", curve_gap: float | None = None) -> Comparison:
    """Return what is computed of the trials of an experiment."""
    ok = trials[trials["status"] == "ok"].dropna(subset=["test_accuracy"])
    return Comparison(
        reached={str(pair): reached_target(own) for pair, own in trials.groupby("pair", sort=False)},
        accuracy={
            (str(pair), str(contender)): share_interval(list(own["test_accuracy"]))
            for (pair, contender), own in ok.groupby(["pair", "contender"], sort=False)
        },
        phases=phase_medians(trials),
        curve_gap=curve_gap,
    )
