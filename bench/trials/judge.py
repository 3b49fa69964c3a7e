"""Judges what a trial left, in the harness's own process, where the contender cannot change how it is judged."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from bench.core.evaluate import activate, as_targets, forward, mean_loss, score
from bench.core.score import SCORES
from bench.core.spec import AnyArray, FloatArray, NetworkSpec, Scenario
from bench.datasets import Data
from bench.statistics.stopping import stops_after
from bench.store.files import read_arrays, read_json
from bench.trials.life import batch_of
from bench.trials.speed_of_light import epoch_seconds_at_best

# How far predictions may be from the evaluator's: this share of the largest, and a hundred times what rounding the
# weights by a few bits of float32 changes, which is much for weights that have grown large.
_SAME_ANSWERS = 1e-3
_ROUNDING = 1e-6

# Beyond logits of this size float32 may overflow.
_MOST = 1e30

# An animation shows the start and the ends of so many equal steps from the first epoch to the last.
_FRAME_STEPS = 50


class NotAsPlannedError(Exception):
    """A trial did not do what it was asked to: its time means nothing."""


@dataclass(frozen=True)
class Judged:
    """What a finished trial came to.

    Attributes:
        curve: the columns epoch, train_seconds and the evaluator's losses and scores; None where not finite.
        diverged_at_epoch: the first epoch whose weights or loss are not finite; None if all are.
        weights: the last weights, by the names that a kept file has.
        frames: evenly spaced epochs and their weights, (frames, parameters), for an animation.
    """

    curve: dict[str, list[Any]]
    diverged_at_epoch: int | None
    weights: dict[str, AnyArray]
    frames: dict[str, AnyArray]


def judge(scenario: Scenario, data: Data, scratch: Path, *, threads: int, train_seconds: float) -> Judged:
    """Judge the snapshots, the clock and the timed predictions that a trial's process left in its folder.

    Raises:
        NotAsPlannedError: if epochs are missing, training was faster than possible, or predictions are not those of
            the trained weights.
        KeyError, TypeError, ValueError, OSError, UsageError: if the files are not those that a trial writes.
    """
    spec = scenario.network
    clock = read_json(scratch / "clock.json")
    ended, seconds = int(clock["ended"]), [float(each) for each in clock["train_seconds"]]
    early = NotAsPlannedError(f"train must call on_epoch_end {scenario.epochs} times, it did {ended} times")
    may_end_early = scenario.hold_updates is not None or scenario.stopping is not None
    if ended != scenario.epochs and not (may_end_early and 0 < ended < scenario.epochs):
        raise early
    if not np.all(np.diff([0.0, *seconds, train_seconds]) >= 0.0):
        raise ValueError("its clock ran backwards")
    epochs = [epoch for epoch in range(ended + 1) if epoch % scenario.epochs_per_snapshot == 0 or epoch == ended]
    if (scratch / "snapshots").stat().st_size != 8 * len(epochs) * spec.parameters or len(seconds) != len(epochs):
        raise ValueError(f"it left other snapshots than {len(epochs)} of {spec.parameters} weights")
    snapshots = np.memmap(scratch / "snapshots", np.float64, "r", shape=(len(epochs), spec.parameters))
    with threadpool_limits(threads), np.errstate(over="ignore", invalid="ignore"):
        least = 0.8 * ended * epoch_seconds_at_best(spec, len(data.x_train))  # another library may be somewhat faster
        if train_seconds < least:
            raise NotAsPlannedError(
                f"training took {train_seconds:.3g} s, which is impossible: its matrix products alone take "
                f"{least:.3g} s, so work was left out or done while the clock stood still"
            )
        _hold_predictions(spec, spec.split(snapshots[-1]), data, scratch)
        curve: dict[str, list[Any]] = {"epoch": epochs, "train_seconds": seconds, **_figures(scenario, snapshots, data)}
        stopped = None if scenario.stopping is None else _stopped(scenario, snapshots[1:], data)
    held = scenario.hold_updates is not None and _held(scenario, curve, len(data.x_train))
    if ended < scenario.epochs and not held and stopped != ended:
        raise early
    if stopped is not None and stopped < ended:
        raise NotAsPlannedError(f"training must stop after epoch {stopped}, when the loss no longer fell, it went on")
    losses = zip(epochs, curve["train_loss"], curve["test_loss"], strict=True)
    frames = np.unique(np.linspace(0, len(epochs) - 1, _FRAME_STEPS + 1).astype(int))
    return Judged(
        curve,
        diverged_at_epoch=next((epoch for epoch, *pair in losses if None in pair), None),
        weights={f"weight_{index}": each for index, each in enumerate(spec.split(snapshots[-1].astype(spec.dtype)))},
        frames={"epochs": np.array(epochs)[frames], "weights": snapshots[frames].astype(spec.dtype)},
    )


def _figures(scenario: Scenario, snapshots: FloatArray, data: Data) -> dict[str, list[Any]]:
    """Return the evaluator's loss and score of every snapshot on training and test rows; None once not finite."""
    spec, scored = scenario.network, SCORES[scenario.task]
    x = np.concatenate([data.x_train, data.x_test])
    targets = np.concatenate([as_targets(spec, data.y_train), as_targets(spec, data.y_test)])
    sides = {"train": slice(len(data.x_train)), "test": slice(len(data.x_train), None)}
    figures: dict[str, list[Any]] = {f"{side}_{what}": [] for side in sides for what in ("loss", scored.name)}
    for snapshot in snapshots:
        finite = bool(np.isfinite(snapshot).all())
        logits = forward(spec, spec.split(snapshot), x)[-1]
        for side, rows in sides.items():
            loss = mean_loss(spec, logits[rows], targets[rows])
            finite = finite and math.isfinite(loss)
            figures[f"{side}_loss"].append(loss if finite else None)
            value = score(scenario.task, spec, logits[rows], targets[rows]) if finite else None
            figures[f"{side}_{scored.name}"].append(value)
    return figures


def _stopped(scenario: Scenario, snapshots: FloatArray, data: Data) -> int | None:
    """Return after which epoch training had to stop for want of progress; None if it did not have to."""
    spec, asked = scenario.network, scenario.stopping
    assert asked is not None  # noqa: S101 - the caller has looked
    x, y = data.monitored
    targets = as_targets(spec, y)
    losses = [mean_loss(spec, forward(spec, spec.split(each), x)[-1], targets) for each in snapshots]
    return stops_after(losses, asked.patience, asked.min_delta)


def _held(scenario: Scenario, curve: dict[str, list[Any]], rows: int) -> bool:
    """Return whether the training score was at the target, to the end, for as many updates as the scenario asks."""
    if scenario.hold_updates is None:
        return False
    epochs, target = curve["epoch"], scenario.target_accuracy
    missed = [index for index, each in enumerate(curve[SCORES[scenario.task].train]) if each is None or each < target]
    held = epochs[missed[-1] + 1 :] if missed else epochs
    return bool(held) and (held[-1] - held[0]) * scenario.updates_per_epoch(rows) >= scenario.hold_updates


def _hold_predictions(spec: NetworkSpec, weights: list[FloatArray], data: Data, scratch: Path) -> None:
    """Hold the timed predictions to the trained weights, within float32's rounding."""
    batch = batch_of(data.x_train.astype(spec.dtype))
    left = read_arrays(scratch / "predictions.npz")
    timed = ((batch[:1], left["one"]), (batch, left["batch"]))
    rng = np.random.default_rng(0)
    rounded = [array * (1.0 + _ROUNDING * rng.choice((-1.0, 1.0), array.shape)) for array in weights]
    for x, answers in timed:
        shape = (len(x), spec.layers[-1].units)
        if answers.shape != shape:
            raise NotAsPlannedError(f"predict must return an array of shape {shape}, got {answers.shape}")
        logits = forward(spec, weights, x)
        if not all(np.abs(z).max() < _MOST for z in logits):  # also NaN: it diverged, and so may the answers
            return
        expected, nearby = (
            activate(spec.layers[-1].activation, z) for z in (logits[-1], forward(spec, rounded, x)[-1])
        )
        apart = float(np.abs(answers - expected).max())
        allowed = _SAME_ANSWERS * np.abs(expected).max() + 100.0 * np.abs(nearby - expected).max()
        if not apart <= allowed:
            raise NotAsPlannedError(
                f"predict must return what the trained weights give, got {apart:.1e} apart, {allowed:.1e} allowed"
            )
