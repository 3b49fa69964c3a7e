"""Runs one planned trial in a fresh process, and makes a row and a curve of how it went."""

import math
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.core.errors import UsageError
from bench.core.raised import raised
from bench.core.randomness import Orders, hash_arrays
from bench.core.score import SCORES
from bench.core.spec import AnyArray
from bench.datasets import Data
from bench.process.spawn import Ended, Message, run_worker
from bench.statistics.noise import is_disturbed
from bench.statistics.target import first_crossing
from bench.store.consistency import is_records, out_of_range
from bench.store.files import saying
from bench.store.machine import host_label
from bench.store.tables import QUANTITIES, TrialRow
from bench.trials.judge import Judged, NotAsPlannedError, judge
from bench.trials.schedule import PlannedTrial
from bench.trials.start import first_weights, rows_of

# What a busy machine may add between a message and its arrival, and between two readings of processor time.
_MESSAGE_SECONDS = 0.5
_READING_SECONDS = 0.2


@dataclass(frozen=True)
class Finished:
    """What a trial left.

    Attributes:
        row: its row of ``trials``.
        curve: its columns of ``curves``; None if it did not finish.
        log: what its process printed.
        weights, frames: what is kept for pictures, see `Judged`; None if it did not finish.
        thread_pools: the libraries with threads that its process had loaded, with their versions and kernels.
        measurements: what a measuring process found: rows of ``measurements`` without the columns that name the trial.
        traceback: of the error that its process raised; empty if it raised none.
    """

    row: TrialRow
    curve: dict[str, list[Any]] | None
    log: Path | None = None
    weights: dict[str, AnyArray] | None = None
    frames: dict[str, AnyArray] | None = None
    thread_pools: list[dict[str, Any]] | None = None
    measurements: list[dict[str, Any]] | None = None
    traceback: str = ""


def launch(
    trial: PlannedTrial,
    data: Data | None,
    scratch: Path,
    *,
    timeout_seconds: float,
    memory_limit: int | None = None,
    keep_environment: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Finished:
    """Run a trial in a fresh process; there is a row, whatever its status.

    Args:
        trial: what to train, or what to measure.
        data: what to train on; None for a trial that measures.
        scratch: a folder for the process's files, which is emptied first.
        timeout_seconds: after which the process is killed.
        memory_limit: the most bytes of memory of the process and its descendants; 80 % of the machine's by default.
        keep_environment: whether variables that pin a library's kernels stay.
        on_progress: called with how many epochs, or cases, are done of how many.

    Raises:
        UsageError: if the machine failed, by a full disk or want of memory: the run ends, and no failed trial is
            recorded.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    data = None if data is None else rows_of(trial.scenario, data)
    row = describe(trial, data)
    told: list[Message] = []

    def on_message(message: Message) -> None:
        if message["event"] == "epoch":
            on_progress(message["epoch"], message["epochs"])
        else:
            told.append(message)
        if message["event"] == "warm" and data is not None:
            _give(trial, data, scratch)

    with saying("a trial needs room on the disk for its data and its snapshots"):
        scratch.mkdir(parents=True)
        work, job = _measuring(trial) if data is None else _training(trial, data)
        shared = {"contender": trial.contender.reference(), "seed": trial.seed}
        ended = run_worker(
            work,
            {**shared, "network": asdict(trial.scenario.network), **job},
            scratch,
            threads=trial.threads,
            bind_processors=True,
            timeout_seconds=timeout_seconds,
            memory_limit=memory_limit,
            environment=dict(trial.contender.environment),
            keep_environment=keep_environment,
            padding_bytes=trial.padding_bytes,
            on_message=on_message,
        )
    bad = _bad_end(ended)
    if bad is not None:
        row = replace(row, status=bad[0], status_detail=bad[1])
        return Finished(row, None, scratch / "log", traceback=ended.traceback)
    try:
        return _finished(trial, row, data, told, ended, scratch)
    except NotAsPlannedError as error:
        detail = str(error)
    except (KeyError, TypeError, ValueError, FileNotFoundError, UsageError) as error:  # files or messages of others
        detail = f"the process said that it was done, but left no trial: {raised(error)}"
    return Finished(replace(row, status="failed", status_detail=detail), None, scratch / "log")


def _finished(
    trial: PlannedTrial, row: TrialRow, data: Data | None, told: list[Message], ended: Ended, scratch: Path
) -> Finished:
    """Return what a process that did its work left."""
    done = told[-1]
    measurements = done.get("measurements", [])
    wrong = [each for each in done["seconds"].values() if not 0.0 <= each < math.inf]
    wrong += [each["value"] for each in measurements if not math.isfinite(each["value"])]
    if wrong:
        raise ValueError(f"a time or a measurement is {wrong[0]}")
    if not is_records(done["thread_pools"]):
        raise ValueError("its thread pools must be a list of records")
    row = replace(
        row,
        process_seconds=ended.ready_seconds,
        teardown_seconds=ended.total_seconds - ended.ready_seconds,
        threads=done["threads"],
        **{f"{name}_seconds": seconds for name, seconds in done["seconds"].items()},
    )
    left = Finished(row, None, scratch / "log", thread_pools=done["thread_pools"])
    if data is None:
        measurements = [found | {"unit": QUANTITIES[found["quantity"]].unit} for found in measurements]
        return replace(left, row=replace(row, status="ok"), measurements=measurements)
    hold_to_the_clock(trial, told)
    row = replace(row, **_disturbance(told))
    start = time.perf_counter()
    judged = judge(trial.scenario, data, scratch, threads=trial.threads, train_seconds=done["seconds"]["train"])
    row = replace(row, evaluate_seconds=time.perf_counter() - start)
    row, curve = finish(trial, row, data, judged, done)
    if fault := out_of_range(asdict(row)):
        raise ValueError(fault)
    return replace(left, row=row, curve=curve, weights=judged.weights, frames=judged.frames)


def hold_to_the_clock(trial: PlannedTrial, told: list[Message]) -> None:
    """Hold a training process to the time that passed outside of it, and to the processors that it was given.

    Raises:
        NotAsPlannedError: if its clock or its use of the processors is not what it should be.
    """
    if [message["event"] for message in told] != ["warm", "trained", "done"]:
        sent = ", ".join(message["event"] for message in told)
        raise NotAsPlannedError(f"the process sent other messages than a trial's: {sent:.200}")
    warm, trained, done = told
    passed = trained["received"] - warm["received"]
    own = sum(done["seconds"][lap] for lap in ("load", "train", "snapshot"))
    if own < 0.8 * passed - _MESSAGE_SECONDS:
        raise NotAsPlannedError(
            f"the process counted {own:.3g} s until the end of training, when {passed:.3g} s had passed: its clock was "
            f"changed"
        )
    used = trained["cpu_seconds"] - warm["cpu_seconds"]
    if used > 1.05 * trial.threads * passed + _READING_SECONDS:
        raise NotAsPlannedError(
            f"training used {used:.3g} s of processor time in {passed:.3g} s, which is more than "
            f"--threads {trial.threads} allows"
        )


def _disturbance(told: list[Message]) -> dict[str, Any]:
    """Return what went on beside the training: the columns of a trial's row that say how undisturbed it was."""
    warm, trained, _ = told
    passed = trained["received"] - warm["received"]
    machine, own, steal, switches = (
        max(0, trained[name] - warm[name]) for name in ("machine_seconds", "cpu_seconds", "steal_seconds", "switches")
    )
    others = float(max(0, machine - own))
    return {
        "steal_seconds": float(steal),
        "others_seconds": others,
        "switches": int(switches),
        "disturbed": is_disturbed(passed, os.cpu_count() or 1, steal, others),
    }


def _training(trial: PlannedTrial, data: Data) -> tuple[str, dict[str, Any]]:
    """Return the work and the job of a training process; its data come once it is warm."""
    names = ("epochs", "epochs_per_snapshot", "task", "target_accuracy", "hold_updates", "shuffle")
    job = {name: getattr(trial.scenario, name) for name in names}
    stopping = trial.scenario.stopping
    job["stopping"] = None if stopping is None else asdict(stopping)
    return "bench.trials.life", job | {"train_rows": len(data.x_train)}


def _give(trial: PlannedTrial, data: Data, scratch: Path) -> None:
    """Write the training rows and the initial weights for a process that has warmed up; it never has the test rows."""
    arrays = {"x_train": data.x_train, "y_train": data.y_train}
    if data.x_validation is not None and data.y_validation is not None:
        arrays |= {"x_validation": data.x_validation, "y_validation": data.y_validation}
    weights = {f"weight_{index}": each for index, each in enumerate(first_weights(trial.scenario, trial.seed))}
    np.savez(scratch / "half.npz", allow_pickle=False, **arrays, **weights)
    (scratch / "half.npz").rename(scratch / "job.npz")  # whole as soon as it is there


def _measuring(trial: PlannedTrial) -> tuple[str, dict[str, Any]]:
    """Return the work and the job of a measuring process."""
    assert trial.probe is not None  # noqa: S101 - only a trial that measures has no data
    cases = [asdict(case) for case in trial.probe.cases]
    job = {"distributions": trial.contender.distributions, "probe": trial.probe.name, "cases": cases}
    return "bench.trials.probe", job


def _bad_end(ended: Ended) -> tuple[str, str] | None:
    """Return the status of a process that did not do its work, and the reason; None if it did."""
    last = ended.last or {"event": "nothing"}
    failure = ended.failure()
    if ended.killed is not None:
        return ended.killed[0], f"the process {failure}"
    if last["event"] in ("failed", "skipped", "out_of_memory"):
        return last["event"], last["detail"]
    return None if failure is None else ("failed", f"the process {failure}")


def not_run(trial: PlannedTrial, data: Data | None, status: str, detail: str) -> Finished:
    """Return the row of a trial that was not run, because its contender cannot be imported."""
    return Finished(replace(describe(trial, data), status=status, status_detail=detail), None)


def describe(trial: PlannedTrial, data: Data | None) -> TrialRow:
    """Return what is known of a trial before it runs; one that measures has no data and no hashes."""
    scenario = trial.scenario
    row = TrialRow(
        suite=trial.suite,
        scenario=scenario.name,
        pair=trial.pair,
        contender=trial.contender.name,
        seed=trial.seed,
        repetition=trial.repetition,
        place=trial.place,
        padding_bytes=trial.padding_bytes,
        parameters=scenario.network.parameters,
        host=host_label(),
    )
    if data is None:
        return row
    order_hash = _order_hash(len(data.x_train), scenario.epochs, trial.seed, scenario.shuffle)
    return replace(
        row,
        train_rows=len(data.x_train),
        test_rows=len(data.x_test),
        data_hash=data.data_hash,
        split_hash=data.split_hash,
        weights_hash=hash_arrays(first_weights(scenario, trial.seed)),
        order_hash=order_hash if trial.contender.is_twin else None,
    )


def finish(
    trial: PlannedTrial, row: TrialRow, data: Data, judged: Judged, done: Message
) -> tuple[TrialRow, dict[str, list[Any]]]:
    """Return the whole row and curve of a trial that trained to its end, finite or diverged."""
    scenario = trial.scenario
    updates_per_epoch = scenario.updates_per_epoch(row.train_rows or 0)
    updates = [epoch * updates_per_epoch for epoch in judged.curve["epoch"]]
    curve = {"epoch": judged.curve["epoch"], "updates": updates, **judged.curve}
    diverged = judged.diverged_at_epoch
    scored = SCORES[scenario.task]
    crossing = first_crossing(curve[scored.train], scenario.target_accuracy)
    measured = ("predict_one_seconds", "predict_batch_seconds", "peak_rss_bytes")
    row = replace(
        row,
        status="ok" if diverged is None else "diverged",
        status_detail=None if diverged is None else f"weights or loss were not finite after epoch {diverged}",
        updates=curve["updates"][-1],
        epochs=curve["epoch"][-1],
        reached_target=crossing is not None,
        **{name: done[name] for name in measured},
        **{name: curve[name][-1] for name in ("train_loss", scored.train, "test_loss", scored.test)},
    )
    if data.target_scale is not None and row.test_loss is not None:
        row = replace(row, test_rmse=math.sqrt(row.test_loss) * data.target_scale)
    if crossing is not None:
        row = replace(
            row,
            epochs_to_target=curve["epoch"][crossing],
            updates_to_target=curve["updates"][crossing],
            seconds_to_target=curve["train_seconds"][crossing],
        )
    return row, curve


@lru_cache(maxsize=64)
def _order_hash(rows: int, epochs: int, seed: int, shuffle: bool) -> str:
    return hash_arrays(Orders(rows, epochs, seed, shuffle=shuffle))
