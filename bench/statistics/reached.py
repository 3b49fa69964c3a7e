"""When the trials of each contender reached their target: medians, in which a trial that never did is infinity."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reached:
    """What one contender's trials that ended well took to their target.

    Attributes:
        epoch, updates, train_seconds: the medians; infinite where the median trial never reached the target, NaN where
            no trial ended well.
        reached: how many trials reached it.
        trials: how many there are.
    """

    epoch: float
    updates: float
    train_seconds: float
    reached: int
    trials: int


def reached_target(trials: "pd.DataFrame") -> dict[str, Reached]:
    """Return each contender's, in the order in which contenders appear."""
    found = {}
    for contender in dict.fromkeys(trials["contender"]):
        own = trials[(trials["contender"] == contender) & (trials["status"] == "ok")]
        epoch, updates, seconds = (
            float(own[f"{clock}_to_target"].astype("float64").fillna(math.inf).median())
            for clock in ("epochs", "updates", "seconds")
        )
        count = int(own["reached_target"].fillna(value=False).astype(bool).sum())
        found[contender] = Reached(epoch, updates, seconds, count, len(own))
    return found
