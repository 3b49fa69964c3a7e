"""What experiments share that compare contenders: when each reached the target, how well it ends, where time goes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.score import ACCURACY, Score, score_of
from bench.statistics.interval import Interval, mean_interval, share_interval
from bench.statistics.phases import PhaseMedians, phase_medians
from bench.statistics.reached import Reached, reached_target

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """What was computed of the contenders of an experiment.

    Attributes:
        reached: by pair and contender.
        score: what tells how well a network does, accuracy or R².
        scores: its mean over the test rows, of the trials that ended well, by pair and contender.
        phases: by scenario and contender.
        curve_gap: how far apart the training-loss curves of one seed are at most; None without two to compare.
    """

    reached: dict[str, dict[str, Reached]]
    score: Score
    scores: dict[tuple[str, str], Interval]
    phases: dict[tuple[str, str], PhaseMedians]
    curve_gap: float | None = None


def compare(trials: "pd.DataFrame", curve_gap: float | None = None) -> Comparison:
    """Return what is computed of the trials of an experiment."""
    score = score_of(trials)
    interval = share_interval if score is ACCURACY else mean_interval
    ok = trials[trials["status"] == "ok"].dropna(subset=[score.test])
    return Comparison(
        reached={str(pair): reached_target(own) for pair, own in trials.groupby("pair", sort=False)},
        score=score,
        scores={
            (str(pair), str(contender)): interval(list(own[score.test]))
            for (pair, contender), own in ok.groupby(["pair", "contender"], sort=False)
        },
        phases=phase_medians(trials),
        curve_gap=curve_gap,
    )
