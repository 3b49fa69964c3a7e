"""The table by contender, each centre with its spread."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.core.words import Table, bytes_words, seconds_words
from bench.statistics.summary import STATUSES, records

if TYPE_CHECKING:
    import pandas as pd


def contender_tables(summary: "pd.DataFrame") -> dict[str, Table]:
    """Return a table for each suite, from `Run.summary`."""
    if summary.empty:
        return {}
    return {suite: _table(suite, summary[summary["suite"] == suite]) for suite in dict.fromkeys(summary["suite"])}


def _table(suite: str, summary: "pd.DataFrame") -> Table:
    rows = []
    for row in records(summary):
        name = row["contender"] if summary["scenario"].nunique() == 1 else f"{row['contender']} ({row['scenario']})"
        if not row["ok"]:
            rows.append((name, _trials(row), *["–"] * 7))
            continue
        rows.append(
            (
                name,
                _trials(row),
                _mean(row, "test_accuracy"),
                _range(row, "updates_to_target", _count),
                _range(row, "seconds_to_target", seconds_words),
                _range(row, "train_seconds", seconds_words),
                _range(row, "import_seconds", seconds_words),
                _range(row, "first_update_seconds", seconds_words),
                _range(row, "peak_rss_bytes", bytes_words),
            )
        )
    columns = (
        "contender",
        "trials",
        "test accuracy",
        "updates to 95 %",
        "seconds to 95 %",
        "training",
        "import",
        "first update",
        "peak memory",
    )
    return Table(
        f"{suite}: test accuracy as mean ± standard deviation, the rest as median (least to greatest)",
        columns,
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


def _count(value: float) -> str:
    return f"{value:,.0f}"
