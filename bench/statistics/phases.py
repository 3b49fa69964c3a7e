"""Where a process's time goes: the median seconds of each phase of a trial."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Each phase with the laps of a trial that make it up.
PHASES = {
    "start": ("startup_seconds",),
    "import": ("import_seconds",),
    "build": ("load_seconds", "build_seconds"),
    "first update (compilation)": ("first_update_seconds",),
    "training": ("train_seconds",),
    "snapshots and predictions": ("snapshot_seconds", "predict_seconds"),
}


@dataclass(frozen=True)
class PhaseMedians:
    """Median seconds over one side's successful trials.

    Attributes:
        phases: by the phase's name. Medians of phases need not add up to the median of the whole.
        process_seconds: of the whole process.
        train_seconds: of training.
    """

    phases: dict[str, float]
    process_seconds: float
    train_seconds: float


def phase_medians(trials: "pd.DataFrame") -> dict[tuple[str, str], PhaseMedians]:
    """Return the medians by scenario and contender, in order of appearance."""
    ok = trials[trials["status"] == "ok"]
    found = {}
    for (scenario, contender), group in ok.groupby(["scenario", "contender"], sort=False):
        phases = {
            phase: float(group[list(laps)].astype("float64").fillna(0.0).sum(axis=1).median())
            for phase, laps in PHASES.items()
        }
        whole, training = (float(group[name].median()) for name in ("process_seconds", "train_seconds"))
        found[str(scenario), str(contender)] = PhaseMedians(phases, whole, training)
    return found
