"""One row for each contender on each scenario: centres, spreads and the number of trials behind them."""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# How a trial may end.
STATUSES = ("ok", "diverged", "failed", "timed_out", "out_of_memory", "skipped")

# Columns summarized by median, minimum and maximum.
_RANGES = (
    "updates_to_target",
    "seconds_to_target",
    "train_seconds",
    "import_seconds",
    "first_update_seconds",
    "process_seconds",
    "predict_one_seconds",
    "predict_batch_seconds",
    "peak_rss_bytes",
)

# Columns summarized by mean and standard deviation.
_MEANS = ("test_accuracy", "train_accuracy", "test_r2", "train_r2", "test_rmse", "test_loss", "train_loss")


def summarize(trials: "pd.DataFrame") -> "pd.DataFrame":
    """Return the summary of a run's trials, in the order in which scenarios and contenders first appear.

    A trial with another status than ``ok`` is counted under that status and excluded from all centres. A trial that
    never reached its target counts as infinite in the medians of ``*_to_target``; ``reached`` counts those that did.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (suite, scenario, contender), group in trials.groupby(["suite", "scenario", "contender"], sort=False):
        row: dict[str, Any] = {"suite": suite, "scenario": scenario, "contender": contender, "trials": len(group)}
        row |= {status: int((group["status"] == status).sum()) for status in STATUSES}
        ok = group[group["status"] == "ok"]
        reached = ok["reached_target"].fillna(False).astype(bool)
        row["reached"] = int(reached.sum())
        for name in _MEANS:
            row |= {f"{name}_mean": ok[name].mean(), f"{name}_sd": ok[name].std(ddof=1)}
        for name in _RANGES:
            values = ok[name].astype("float64")
            if name.endswith("_to_target"):
                values = values.where(reached, math.inf)
            row |= {f"{name}_{which}": values.agg(which) for which in ("median", "min", "max")}
        rows.append(row)
    return pd.DataFrame(rows)


def records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries by column."""
    return [dict(zip(table.columns, values, strict=True)) for values in table.itertuples(index=False, name=None)]
