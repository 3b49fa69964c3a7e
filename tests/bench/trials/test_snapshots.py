"""Snapshots: the training clock stands still while they are taken, and training ends once its target holds."""

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.contenders.registry import CONTENDERS
from bench.core.spec import EarlyStopping, FloatArray, LayerSpec, NetworkSpec
from bench.datasets import load
from bench.experiments import SCENARIOS
from bench.runs.plan import plan_trials
from bench.runs.settings import make_settings
from bench.statistics.stopping import stops_after
from bench.trials.judge import NotAsPlannedError, judge
from bench.trials.launch import hold_to_the_clock, launch
from bench.trials.snapshots import Holding, Snapshots, TrainingOver

# One weight and one bias: row x is in class 1 if x > -bias.
SPEC = NetworkSpec((LayerSpec(1, 1, "sigmoid"),), "binary_crossentropy", "sgd", 0.01, (), None, "float64")
BATCHES_OF_ONE = replace(SPEC, batch_size=1)
RIGHT, WRONG = [np.array([[1.0]]), np.array([0.0])], [np.array([[-1.0]]), np.array([0.0])]


class Clock:
    """Stands still but for what happens: an epoch takes 1 s, reading weights 10 s."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Model:
    def __init__(self, clock: Clock, weights: list[FloatArray]) -> None:
        self.clock, self.weights = clock, weights

    def get_weights(self) -> list[FloatArray]:
        self.clock.now += 10.0
        return [array.copy() for array in self.weights]


class Lazy(Model):
    """Leaves an epoch's work to the first call of `get_weights` after it, or does the next one's in the second."""

    def __init__(self, clock: Clock, *, late: float = 0.0, ahead: float = 0.0) -> None:
        super().__init__(clock, RIGHT)
        self.calls, self.late, self.ahead = 0, late, ahead

    def get_weights(self) -> list[FloatArray]:
        self.calls += 1
        self.clock.now += self.late if self.calls % 2 else self.ahead
        return super().get_weights()


class Silent:
    def send(self, event: str, **content: Any) -> None:
        """Tell nobody."""


def snapshots(folder: Path, clock: Clock, model: Model, epochs: int, **options: Any) -> Snapshots:
    return Snapshots(folder / "kept", model, SPEC, Silent(), epochs, clock=clock, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("every", "kept"), [(1, [0, 1, 2, 3, 4, 5, 6, 7]), (3, [0, 3, 6, 7])])
def test_the_clock_stands_still_while_weights_are_read_at_every_so_many_epochs_and_the_last(
    tmp_path: Path, every: int, kept: list[int]
) -> None:
    clock = Clock()
    with snapshots(tmp_path, clock, Model(clock, RIGHT), 7, every=every) as taken:
        taken.start(RIGHT)
        for _ in range(7):
            clock.now += 1.0
            taken.take()
        seconds = taken.stop()
    assert taken.train_seconds == kept  # an epoch takes a second
    assert (taken.ended, seconds) == (7, 7.0)
    np.testing.assert_array_equal(np.fromfile(tmp_path / "kept"), [1.0, 0.0] * len(kept))


@pytest.mark.parametrize("work", [{"late": 5.0}, {"ahead": 5.0}])
def test_work_that_is_left_to_get_weights_or_done_ahead_in_it_is_training(
    tmp_path: Path, work: dict[str, float]
) -> None:
    clock = Clock()
    with snapshots(tmp_path, clock, Lazy(clock, **work), 3) as taken:
        taken.start(RIGHT)
        for _ in range(3):
            clock.now += 1.0
            taken.take()
        assert taken.stop() == 18.0
    assert taken.train_seconds == [0.0, 6.0, 12.0, 18.0]


def test_training_starts_from_the_given_weights_bit_for_bit(tmp_path: Path) -> None:
    clock = Clock()
    nearly = [RIGHT[0] * (1 + 2.0**-52), RIGHT[1]]
    with snapshots(tmp_path, clock, Model(clock, nearly), 3) as taken:
        with pytest.raises(RuntimeError, match="from the given weights, but the kernel of layer 1 was changed"):
            taken.start(RIGHT)
        with pytest.raises(RuntimeError, match="the bias of layer 1"):
            taken.start([nearly[0], RIGHT[1] + 1.0])


def holding(folder: Path, spec: NetworkSpec, hold_updates: int) -> Holding:
    x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    np.savez(folder / "job.npz", allow_pickle=False, x_train=x, y_train=(x > 0.0).astype(float))
    return Holding({"task": "classification", "target_accuracy": 0.95, "hold_updates": hold_updates}, folder, spec)


@pytest.mark.parametrize(
    ("spec", "hold_updates", "ends_after"), [(SPEC, 2, 6), (SPEC, 3, 7), (BATCHES_OF_ONE, 8, 6), (BATCHES_OF_ONE, 9, 7)]
)
def test_the_target_must_hold_without_a_break(
    tmp_path: Path, spec: NetworkSpec, hold_updates: int, ends_after: int
) -> None:
    watched = holding(tmp_path, spec, hold_updates)
    held = []
    for epoch, weights in enumerate([WRONG, RIGHT, WRONG, RIGHT, RIGHT, RIGHT, RIGHT], start=1):
        watched.judge(epoch, weights)
        held.append(watched.over)
    # reached anew after epoch 4; an epoch is one update of all rows, or four of one row
    assert held.index(True) + 1 == ends_after


def test_training_ends_by_itself_once_the_target_held(tmp_path: Path) -> None:
    clock = Clock()
    watched = holding(tmp_path, SPEC, 2)
    with snapshots(tmp_path, clock, Model(clock, RIGHT), 100, ending=watched) as taken:
        taken.start(RIGHT)
        taken.take()
        taken.take()
        with pytest.raises(TrainingOver):
            taken.take()
    assert (taken.ended, len(taken.train_seconds)) == (3, 4)


@pytest.mark.parametrize(
    ("losses", "min_delta", "epoch"),
    [
        ([3.0, 2.0, 2.0, 2.5], 0.0, 4),  # two epochs no better than 2
        ([3.0, 2.0, 2.5, 1.9, 2.0, 1.95], 0.0, 6),  # one epoch without progress, then two
        ([3.0, 2.0, 1.95, 1.92], 0.1, 4),  # too little progress
        ([3.0, float("nan"), float("nan")], 0.0, 3),
        ([3.0, 2.0, 1.0, 0.5], 0.0, None),
        ([3.0, 3.1], 0.0, None),
    ],
)
def test_training_stops_once_the_loss_no_longer_falls(losses: list[float], min_delta: float, epoch: int | None) -> None:
    assert stops_after(losses, 2, min_delta) == epoch


@pytest.mark.parametrize(("monitor", "train_rows"), [("train_loss", 900), ("validation_loss", 675)])
def test_a_trial_stops_early_by_the_harness_and_may_not_stop_otherwise(
    tmp_path: Path, monitor: str, train_rows: int
) -> None:
    stopping = EarlyStopping(monitor, patience=2, min_delta=0.02, validation_share=0.25)
    (trial,) = plan_trials(make_settings(["twins"], seeds=1, contenders=["numpy"]))
    stopped = replace(trial, scenario=replace(trial.scenario, stopping=stopping))
    left = launch(stopped, load("moons"), tmp_path / "trial", timeout_seconds=100.0)
    assert (left.row.status, left.row.train_rows) == ("ok", train_rows)
    epochs = left.row.epochs
    assert epochs is not None
    assert 2 < epochs < trial.scenario.epochs
    if monitor == "train_loss":
        assert left.curve is not None
        assert stops_after(left.curve["train_loss"][1:], 2, 0.02) == epochs
    # what a contender left that stops by itself, or goes on, is no trial
    data = load("moons") if monitor == "train_loss" else load("moons").with_validation(225)
    for patience in (1, 3):
        other = replace(stopped.scenario, stopping=replace(stopping, patience=patience))
        with pytest.raises(NotAsPlannedError, match=r"train must call on_epoch_end 200 times|training must stop after"):
            judge(other, data, tmp_path / "trial", threads=1, train_seconds=left.row.train_seconds or 0.0)


def test_a_trial_that_holds_its_target_ends_early_and_its_row_says_when(tmp_path: Path) -> None:
    scenario = SCENARIOS["explain_glorot_zero_full_fixed_float32"]
    (trial, *_) = (
        trial
        for trial in plan_trials(make_settings(["explain"], seeds=1, contenders=["numpy"]))
        if trial.scenario == scenario
    )
    assert trial.contender == CONTENDERS["numpy"]
    left = launch(trial, load("moons"), tmp_path / "trial", timeout_seconds=100.0)
    row, curve = SimpleNamespace(**vars(left.row)), left.curve
    assert curve is not None
    assert (row.status, row.reached_target) == ("ok", True)
    assert row.updates == row.epochs == curve["epoch"][-1] < scenario.epochs
    assert row.updates_to_target == row.epochs_to_target
    assert row.updates - row.updates_to_target >= 150
    # the target was held at every snapshot of the last 150 updates, and a snapshot came every 29 of them
    last = np.array(curve["train_accuracy"])[np.array(curve["epoch"]) >= row.updates - 150]
    assert len(last) == 6
    assert last.min() >= 0.95
    assert np.diff(curve["epoch"]).tolist() == [29] * (len(curve["epoch"]) - 1)
    assert json.loads(json.dumps(curve)) == curve


@pytest.mark.parametrize(
    ("own", "passed", "used", "said"),
    [
        (1.0, 1.0, 1.0, None),
        (1.0, 1.5, 1.2, None),  # a busy machine
        (1.0, 10.0, 1.0, "the process counted 1 s until the end of training, when 10 s had passed"),
        (2.0, 2.0, 4.0, "training used 4 s of processor time in 2 s, which is more than --threads 1 allows"),
    ],
)
def test_a_trial_is_held_to_the_time_that_passed_and_the_processors_it_was_given(
    own: float, passed: float, used: float, said: str | None
) -> None:
    trial = plan_trials(make_settings(["twins"], seeds=1, contenders=["numpy"]))[0]
    told: list[dict[str, Any]] = [
        {"event": "warm", "received": 5.0, "cpu_seconds": 3.0},
        {"event": "trained", "received": 5.0 + passed, "cpu_seconds": 3.0 + used},
        {"event": "done", "seconds": {"load": 0.1, "train": own - 0.2, "snapshot": 0.1}},
    ]
    with nullcontext() if said is None else pytest.raises(NotAsPlannedError, match=said):
        hold_to_the_clock(trial, told)
