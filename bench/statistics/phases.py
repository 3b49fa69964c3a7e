"""Where a contender's process spends its time: the median seconds of each phase of a trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Each phase of the contender's with the laps of a trial that make it up.
PHASES = {
    "start": ("startup_seconds",),
    "import": ("import_seconds",),
    "build": ("load_seconds", "build_seconds"),
    "first update (compilation)": ("first_update_seconds",),
    "training": ("train_seconds",),
}

# Laps that the process would not have without the harness: copying weights, and timing predictions.
HARNESS = ("snapshot_seconds", "predict_seconds")


@dataclass(frozen=True)
class PhaseMedians:
    """Median seconds over one side's successful trials.

    Attributes:
        phases: by the phase's name. Medians of phases need not add up to the median of the whole.
        whole_seconds: of all phases of a trial together.
        train_seconds: of training.
        harness_seconds: of the harness's laps.
    """

    phases: dict[str, float]
    whole_seconds: float
    train_seconds: float
    harness_seconds: float


def phase_medians(trials: "pd.DataFrame") -> dict[tuple[str, str], PhaseMedians]:
    """Return the medians by scenario and contender, in order of appearance."""
    ok = trials[trials["status"] == "ok"]
    found = {}
    for (scenario, contender), group in ok.groupby(["scenario", "contender"], sort=False):
        whole = _together(group, [lap for laps in PHASES.values() for lap in laps])
        found[str(scenario), str(contender)] = PhaseMedians(
            phases={phase: float(_together(group, laps).median()) for phase, laps in PHASES.items()},
            whole_seconds=float(whole.median()),
            train_seconds=float(group["train_seconds"].median()),
            harness_seconds=float(_together(group, HARNESS).median()),
        )
    return found


def _together(trials: "pd.DataFrame", laps: Sequence[str]) -> "pd.Series[float]":
    """Return the seconds of these laps of each trial, added up; a lap that a trial does not have counts as none."""
    return trials[list(laps)].astype("float64").fillna(0.0).sum(axis=1)
