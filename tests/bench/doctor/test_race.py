"""The A/A race: its order by lot, and how it goes through the machinery of trials."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.core.errors import UsageError
from bench.doctor import race as racing
from bench.doctor.race import Raced, orders, race
from bench.trials.launch import Finished, describe
from bench.trials.schedule import PlannedTrial


def test_each_side_comes_first_as_often_in_an_order_by_lot() -> None:
    drawn = orders(8)
    assert sorted(drawn) == [(0, 1)] * 4 + [(1, 0)] * 4
    assert orders(8) == drawn
    assert len({tuple(orders(8, seed)) for seed in range(20)}) > 10
    assert drawn not in ([(0, 1), (1, 0)] * 4, [(1, 0), (0, 1)] * 4)  # that would be a fixed turn


class Launcher:
    """Answers a trial at once: the second side takes twice as long, and one trial fails if it is told to."""

    def __init__(self, fails_at: int | None = None, error: Exception | None = None) -> None:
        self.trials: list[PlannedTrial] = []
        self.fails_at = fails_at
        self.error = error

    def __call__(self, trial: PlannedTrial, data: Any, scratch: Path, **options: float) -> Finished:
        assert scratch.parent.exists()
        self.trials.append(trial)
        row = replace(describe(trial, data), status="ok", train_seconds=1.0 + trial.repetition + trial.seed / 100)
        if len(self.trials) - 1 == self.fails_at:
            if self.error is not None:
                raise self.error
            row = replace(row, status="failed", status_detail="it fell over", train_seconds=None)
        return Finished(row, None)


def raced(monkeypatch: pytest.MonkeyPatch, launcher: Launcher) -> tuple[Raced, list[tuple[int, int]]]:
    monkeypatch.setattr(racing, "launch", launcher)
    told: list[tuple[int, int]] = []
    return race(lambda *done: told.append(done), pairs=4), told


def test_sides_are_kept_apart_whatever_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = Launcher()
    found, told = raced(monkeypatch, launcher)
    assert found == Raced("numpy", (1.0, 1.01, 1.02, 1.03), (2.0, 2.01, 2.02, 2.03))
    assert told == [(done, 9) for done in range(1, 10)]  # the first does not count
    counted = launcher.trials[1:]
    assert [(trial.seed, trial.repetition) for trial in counted] == [
        (pair, side) for pair, order in enumerate(orders(4)) for side in order
    ]
    assert {(trial.suite, trial.contender.name, trial.threads) for trial in counted} == {("aa", "numpy", 1)}


@pytest.mark.parametrize(
    ("error", "fault"),
    [(None, "numpy failed: it fell over"), (UsageError("the disk is full"), "the disk is full")],
    ids=["the trial", "the machine"],
)
def test_a_race_that_fails_ends_with_the_pairs_that_finished(
    error: Exception | None, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, told = raced(monkeypatch, Launcher(fails_at=4, error=error))
    assert (found.first, found.second, found.fault) == ((1.0,), (2.0,), fault)
    assert len(told) == 4


def test_a_real_pair_of_trials_trains_in_fresh_processes() -> None:
    found = race(pairs=1)
    assert found.fault == ""
    assert 0.01 < found.first[0] < 30.0
    assert 0.01 < found.second[0] < 30.0
    assert found.first != found.second
