"""When the trials of each contender reached their target: medians in which a trial that never did is infinite."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reached:
    """When one contender's successful trials reached the target.

    Attributes:
        epoch, updates, train_seconds: the medians; infinite if the median trial never reached the target, NaN without
            successful trials.
        reached: the number of trials that reached it.
        trials: the number of successful trials.
    """

    epoch: float
    updates: float
    train_seconds: float
    reached: int
    trials: int


def reached_target(trials: "pd.DataFrame") -> dict[str, Reached]:
    """Return the medians of each contender, in order of appearance."""
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
