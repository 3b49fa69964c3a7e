"""The noise of a run: what disturbed a trial, and how far a contender is from its own copy."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.statistics.decide import FEWEST_SEEDS
from bench.statistics.interval import Interval, paired_ratio

if TYPE_CHECKING:
    import pandas as pd

# A trial counts as disturbed if the host of a virtual machine kept more than this share of the processors' time, or if
# everything else used more than this share of it. Both are counted in hundredths of a second, so that a short training
# is allowed two of these.
_MOST_STEAL = 0.02
_MOST_OTHERS = 0.25
_TICKS_SECONDS = 0.02


def is_disturbed(passed_seconds: float, processors: int, steal_seconds: float, others_seconds: float) -> bool:
    """Return whether so much went on beside a training that its seconds may be wrong."""
    available = processors * passed_seconds
    return (
        steal_seconds > _MOST_STEAL * available + _TICKS_SECONDS
        or others_seconds > _MOST_OTHERS * available + _TICKS_SECONDS
    )


@dataclass(frozen=True)
class Floor:
    """How far a contender was from its own copy, raced in the same blocks: the ratios below it cannot be measured.

    Attributes:
        contender: who raced a copy of itself.
        ratio: the copy's training seconds over its own, paired by seed.
    """

    contender: str
    ratio: Interval

    @property
    def factor(self) -> float:
        """The largest ratio that the two may have, as a factor above 1: the further end of the interval."""
        ends = [self.ratio.low, self.ratio.high]
        return max(math.exp(abs(math.log(end))) for end in ends if end is not None)

    def clears(self, ratio: Interval) -> bool:
        """Return whether a ratio is a measurable difference: its interval leaves out 1, and it is beyond the floor."""
        if ratio.low is None or ratio.high is None or ratio.low <= 1.0 <= ratio.high:
            return False
        return abs(math.log(ratio.center)) > math.log(self.factor)


def floor_of(trials: "pd.DataFrame", copies: "pd.DataFrame") -> Floor | None:
    """Return an experiment's floor from its trials and those of the copy; None with too few pairs for a verdict."""
    ok = trials[trials["status"] == "ok"].drop(columns="repetition")
    pairs = copies[copies["status"] == "ok"].merge(ok, on=["scenario", "contender", "seed"], suffixes=("_copy", ""))
    if len(pairs) < FEWEST_SEEDS:
        return None
    ratio = paired_ratio(list(pairs["train_seconds_copy"]), list(pairs["train_seconds"]))
    return Floor(str(pairs["contender"].iloc[0]), ratio)
