"""What a run calls as it goes."""

from collections.abc import Sequence
from pathlib import Path

from bench.doctor.judge import Judgement
from bench.proof.prove import Verdict
from bench.store.tables import TrialRow
from bench.trials.schedule import PlannedTrial


class Observer:
    """Called as a run goes. Every method does nothing; a subclass overrides what it wants to show."""

    def begin(self, trials: Sequence[PlannedTrial], done: int, folder: Path) -> None:
        """Called with the plan, and how many of its trials are finished already."""

    def looking(self, done: int, total: int) -> None:
        """Called as the machine is looked at, window by window, before anything else."""

    def looked(self, judgement: Judgement) -> None:
        """Called with what the look at the machine comes to."""

    def proving(self, done: int, total: int) -> None:
        """Called as proof cases finish."""

    def proven(self, verdicts: Sequence[Verdict]) -> None:
        """Called with the proof's verdicts."""

    def contender_raised(self, contender: str, traceback: str) -> None:
        """Called with the traceback of an error that a contender raised in its process."""

    def contender_printed(self, contender: str, printed: str, *, failed: bool, log: Path | None) -> None:
        """Called with what a contender's process printed, and where that is kept: of every failure and proof."""

    def trial_started(self, trial: PlannedTrial) -> None:
        """Called when a trial starts."""

    def epoch(self, done: int, total: int) -> None:
        """Called as the running trial's epochs end."""

    def trial_finished(self, trial: PlannedTrial, row: TrialRow) -> None:
        """Called with a finished trial's row."""

    def racing(self, done: int, total: int) -> None:
        """Called as races of the reference against itself finish, seed by seed, after the trials."""

    def drawing(self, done: int, total: int) -> None:
        """Called as the report's pictures are drawn."""

    def animating(self, done: int, total: int) -> None:
        """Called as an animation's frames are drawn."""

    def not_animated(self, suite: str, reason: str) -> None:
        """Called with the reason why an experiment has no animation."""
