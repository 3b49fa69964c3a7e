"""What makes a trial's file contradict itself, or the run that it is in."""

import math
from itertools import pairwise
from typing import Any

from bench.core.score import ACCURACY, R2
from bench.statistics.summary import STATUSES
from bench.store.tables import AT_MOST_ONE, TRIALS

# Whole numbers beyond 2**53 are not exact in every program; a loss grows further before it overflows.
_MOST = {"nats": math.inf, "target's": math.inf}

# A curve has one score, with its two columns.
_LOSSES, _SCORES = ("train_loss", "test_loss"), (ACCURACY, R2)


def disagreement(key: str, trial: Any, run: dict[str, Any]) -> str:
    """Return what is wrong with a trial, as the end of a sentence; empty if its parts agree.

    Args:
        key: the key that its file is named by.
        trial: what the file holds.
        run: what ``run.json`` holds.
    """
    if not isinstance(trial, dict) or not isinstance(trial.get("row"), dict) or "curve" not in trial:
        return "it must hold a row and a curve"
    row, curve = trial["row"], trial["curve"]
    if trial.get("key") != key:
        return f"its key is {trial.get('key')!r}"
    if row.get("status") not in STATUSES:
        return f"its status is {row.get('status')!r}"
    if not is_records(trial.get("thread_pools") or []) or not is_records(trial.get("measurements") or []):
        return "its thread_pools and measurements must be lists of records"
    wrong = out_of_range(row)
    if wrong:
        return wrong
    seeds = run["settings"].get("seeds")
    if isinstance(seeds, dict) and row.get("seed") not in seeds.get(row.get("suite"), [row.get("seed")]):
        return f"its seed {row.get('seed')!r} is none of the run's"
    if curve is None:
        return "it is ok and trained, but has no curve" if row["status"] == "ok" and row.get("epochs") else ""
    return _of_curve(row, curve)


def is_records(value: Any) -> bool:
    """Return whether a value is a list of dictionaries."""
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def out_of_range(row: dict[str, Any]) -> str:
    """Return the first figure of a row that is of another type, or out of range, in words; empty if there is none."""
    for column in TRIALS:
        value = row.get(column.name)
        if value is None:
            continue
        if column.dtype == "str":
            if not isinstance(value, str):
                return f"{column.name} must be text, got {value!r:.80}"
            continue
        if column.dtype == "boolean":
            if not isinstance(value, bool):
                return f"{column.name} must be true or false, got {value!r:.80}"
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return f"{column.name} must be a number, got {value!r:.80}"
        least = -math.inf if column.unit == AT_MOST_ONE else 0.0
        most = 1.0 if column.unit in ("share", AT_MOST_ONE) else _MOST.get(column.unit, 2.0**53)
        if not least <= value <= most:
            return f"{column.name} is {value:g}, which it cannot be"
    return ""


def _of_curve(row: dict[str, Any], curve: Any) -> str:
    """Return in what a curve differs from its row."""
    scored = next((each for each in _SCORES if isinstance(curve, dict) and each.train in curve), ACCURACY)
    figures = (*_LOSSES, scored.train, scored.test)
    columns = ("epoch", "updates", "train_seconds", *figures)
    if not isinstance(curve, dict) or not all(isinstance(curve.get(name), list) for name in columns):
        return "its curve must have a list of every column"
    if len({len(curve[name]) for name in columns}) != 1 or not curve["epoch"]:
        return "the columns of its curve must have one length"
    for name in columns:
        if not all(value is None or _is_number(value) for value in curve[name]):
            return f"{name} of its curve must hold numbers"
    for name in ("epoch", "updates", "train_seconds"):
        values = [-1 if value is None else value for value in curve[name]]
        if values[0] != 0 or any(after < before for before, after in pairwise(values)):
            return f"{name} of its curve must begin at 0 and not go back"
    if not curve["train_seconds"][-1] <= (row.get("train_seconds") or 0.0) * (1 + 1e-9):
        return "its curve ends after its training"
    for name in ("epochs", "updates", *figures):
        of_curve = curve["epoch" if name == "epochs" else name][-1]
        if of_curve != row.get(name):
            return f"{name} is {row.get(name)} in its row and {of_curve} in its curve"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
