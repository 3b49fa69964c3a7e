"""Runs that lack something, or hold hostile names: arguments of `made_up.write_run`."""

from typing import Any

HOSTILE = "<b>$x_1$</b>&\"'"


def failed(row: dict[str, Any]) -> dict[str, Any]:
    lost = dict.fromkeys([name for name in row if name.endswith("_seconds") or "accuracy" in name or "loss" in name])
    return {**row, **lost, "status": "failed", "status_detail": f"ValueError: {HOSTILE}", "reached_target": None}


RUNS: dict[str, dict[str, Any]] = {
    "whole": {"published": True},
    "one seed": {"seeds": [2], "published": True},
    "no Keras at all": {
        "change": lambda row: row if row["contender"] == "numpy" else {**failed(row), "status": "skipped"}
    },
    "numpy alone": {"twins": ["numpy"]},
    "everything failed": {"change": failed, "weights": False, "published": True},
    "diverged": {"change": lambda row: {**row, "status": "diverged", "test_loss": None} if row["seed"] == 1 else row},
    "interrupted halfway": {"change": lambda row: row if row["seed"] in (2, 0) else None, "status": "interrupted"},
    "nothing made": {"change": lambda _row: None, "weights": False, "status": "interrupted"},
    "names made of markup": {"twins": ["numpy", HOSTILE]},
    "never at the target": {
        "change": lambda row: {
            **row,
            "reached_target": False,
            "updates_to_target": None,
            "epochs_to_target": None,
            "seconds_to_target": None,
        }
    },
    "published alone": {"twins": [], "published": True},
}
