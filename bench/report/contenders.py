"""The table by contender, each centre with its spread."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bench.core.score import ACCURACY, R2
from bench.core.words import Table, bytes_words, count_words, listed, seconds_words
from bench.statistics.summary import STATUSES, records

if TYPE_CHECKING:
    import pandas as pd


# What is shown as median, least and greatest: the column's heading (GOAL stands for the target), what was measured, and
# how a value is written.
_GOAL = "GOAL"
_RANGES: dict[str, tuple[str, Callable[[float], str]]] = {
    f"updates to {_GOAL}": ("updates_to_target", "{:,.0f}".format),
    f"seconds to {_GOAL}": ("seconds_to_target", seconds_words),
    "training": ("train_seconds", seconds_words),
    "import": ("import_seconds", seconds_words),
    "compilation": ("first_update_seconds", seconds_words),
    "peak memory": ("peak_rss_bytes", bytes_words),
}


def contender_tables(summary: "pd.DataFrame", targets: Mapping[str, float]) -> dict[str, Table]:
    """Return a table for each suite, from `Run.summary` and each suite's target."""
    suites = dict.fromkeys(summary["suite"]) if len(summary) else {}
    return {suite: _table(suite, summary[summary["suite"] == suite], targets[suite]) for suite in suites}


def _table(suite: str, summary: "pd.DataFrame", target: float) -> Table:
    score = R2 if summary[f"{R2.test}_mean"].notna().any() else ACCURACY
    goal = score.goal(target)
    means = {f"test {score.words}": score.test}
    if score is R2:
        means["test RMSE, in the target's unit"] = "test_rmse"
    rows = []
    for row in records(summary):
        name = row["contender"] if summary["scenario"].nunique() == 1 else f"{row['contender']} ({row['scenario']})"
        cells = [*(_mean(row, each) for each in means.values()), *(_range(row, *each) for each in _RANGES.values())]
        rows.append((name, _trials(row, goal), *(cells if row["ok"] else ["–"] * len(cells))))
    return Table(
        f"{suite}: {listed(list(means))} as mean ± standard deviation, the rest as median (least to greatest)",
        ("contender", "trials", *means, *(heading.replace(_GOAL, goal) for heading in _RANGES)),
        tuple(rows),
    )


def _trials(row: dict[str, Any], goal: str) -> str:
    """Return how many trials ended well, and the status of the others."""
    others = [f"{row[status]} {status}" for status in STATUSES[1:] if row[status]]
    never = f" ({row['ok'] - row['reached']} never at {goal})" if row["ok"] and row["reached"] < row["ok"] else ""
    return ", ".join([f"{row['ok']} ok{never}", *others])


def _mean(row: dict[str, Any], name: str) -> str:
    mean, deviation = row[f"{name}_mean"], row[f"{name}_sd"]
    write = "{:.3f}".format if name != "test_rmse" else count_words
    return write(mean) if math.isnan(deviation) else f"{write(mean)} ± {write(deviation)}"


def _range(row: dict[str, Any], name: str, words: Callable[[float], str]) -> str:
    center, low, high = (row[f"{name}_{which}"] for which in ("median", "min", "max"))
    if math.isnan(center):
        return "–"
    if math.isinf(center):
        return "never"
    if low == high:
        return words(center)
    return f"{words(center)} ({words(low)} to {'never' if math.isinf(high) else words(high)})"
