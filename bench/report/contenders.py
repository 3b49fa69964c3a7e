"""The table by contender, each centre with its spread."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.core.words import Table, bytes_words, seconds_words
from bench.statistics.summary import STATUSES, records

if TYPE_CHECKING:
    import pandas as pd


# What is shown as median, least and greatest: the column's heading, what was measured, and how a value is written.
_RANGES: dict[str, tuple[str, Callable[[float], str]]] = {
    "updates to 95 %": ("updates_to_target", "{:,.0f}".format),
    "seconds to 95 %": ("seconds_to_target", seconds_words),
    "training": ("train_seconds", seconds_words),
    "import": ("import_seconds", seconds_words),
    "first update": ("first_update_seconds", seconds_words),
    "peak memory": ("peak_rss_bytes", bytes_words),
}


def contender_tables(summary: "pd.DataFrame") -> dict[str, Table]:
    """Return a table for each suite, from `Run.summary`."""
    if summary.empty:
        return {}
    return {suite: _table(suite, summary[summary["suite"] == suite]) for suite in dict.fromkeys(summary["suite"])}


def _table(suite: str, summary: "pd.DataFrame") -> Table:
    rows = []
    for row in records(summary):
        name = row["contender"] if summary["scenario"].nunique() == 1 else f"{row['contender']} ({row['scenario']})"
        cells = [_mean(row, "test_accuracy"), *(_range(row, *each) for each in _RANGES.values())]
        rows.append((name, _trials(row), *(cells if row["ok"] else ["–"] * len(cells))))
    return Table(
        f"{suite}: test accuracy as mean ± standard deviation, the rest as median (least to greatest)",
        ("contender", "trials", "test accuracy", *_RANGES),
        tuple(rows),
    )


def _trials(row: dict[str, Any]) -> str:
    """Return how many trials ended well, and the status of the others."""
    others = [f"{row[status]} {status}" for status in STATUSES[1:] if row[status]]
    if row["ok"] and row["reached"] < row["ok"]:
        others.append(f"{row['ok'] - row['reached']} never at 95 %")
    return ", ".join([f"{row['ok']} ok", *others])


def _mean(row: dict[str, Any], name: str) -> str:
    mean, deviation = row[f"{name}_mean"], row[f"{name}_sd"]
    return f"{mean:.3f}" if math.isnan(deviation) else f"{mean:.3f} ± {deviation:.3f}"


def _range(row: dict[str, Any], name: str, words: Callable[[float], str]) -> str:
    center, low, high = (row[f"{name}_{which}"] for which in ("median", "min", "max"))
    if math.isnan(center):
        return "–"
    if math.isinf(center):
        return "never"
    if low == high:
        return words(center)
    return f"{words(center)} ({words(low)} to {'never' if math.isinf(high) else words(high)})"
