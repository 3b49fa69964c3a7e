"""Runs one planned trial or probe in a fresh process, and returns its row, its curve and its files."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.core.errors import UsageError
from bench.core.randomness import Orders, hash_arrays, initial_weights
from bench.core.spec import Probe
from bench.datasets import Data
from bench.process.spawn import Ended, Message, run_worker
from bench.statistics.target import first_crossing
from bench.store.folder import saying
from bench.store.machine import host_label
from bench.store.tables import QUANTITIES
from bench.trials.schedule import PlannedTrial


@dataclass(frozen=True)
class Finished:
    """The results of a trial or probe.

    Attributes:
        row: its row of ``trials``, without the run's id.
        curve: its columns of ``curves``; None if it did not finish.
        log: the output of its process.
        weights: the last weights, an ``.npz``; None if it did not finish.
        frames: the weights at evenly spaced epochs, an ``.npz``; None if it did not finish.
        thread_pools: the libraries with thread pools that its process loaded, with their versions and kernels.
        measurements: a probe's rows of ``measurements``, without the columns that name the trial.
    """

    row: dict[str, Any]
    curve: dict[str, list[Any]] | None
    log: Path | None = None
    weights: Path | None = None
    frames: Path | None = None
    thread_pools: list[dict[str, Any]] | None = None
    measurements: list[dict[str, Any]] | None = None


def launch(
    trial: PlannedTrial,
    data: Data,
    scratch: Path,
    *,
    timeout_seconds: float,
    keep_environment: bool = False,
    on_epoch: Callable[[int, int], None] = lambda _done, _all: None,
) -> Finished:
    """Run a trial and return its row, whatever its status.

    Raises:
        UsageError: if the disk is full, which must end the run instead of failing the trial.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    weights = initial_weights(trial.scenario, trial.seed)
    row = describe(trial, data)
    with saying("a trial needs room on the disk for its data and its snapshots"):
        scratch.mkdir(parents=True)
        np.savez(
            scratch / "job.npz",
            allow_pickle=False,
            x_train=data.x_train,
            y_train=data.y_train,
            x_test=data.x_test,
            y_test=data.y_test,
            **{f"weight_{index}": array for index, array in enumerate(weights)},
        )
        ended = run_worker(
            "bench.trials.life",
            {
                "contender": trial.contender.reference(),
                "network": asdict(trial.scenario.network),
                "epochs": trial.scenario.epochs,
                "epochs_per_snapshot": trial.scenario.epochs_per_snapshot,
                "target_accuracy": trial.scenario.target_accuracy,
                "hold_updates": trial.scenario.hold_updates,
                "shuffle": trial.scenario.shuffle,
                "seed": trial.seed,
            },
            scratch,
            threads=trial.threads,
            bind_processors=True,
            timeout_seconds=timeout_seconds,
            environment=dict(trial.contender.environment),
            keep_environment=keep_environment,
            on_message=lambda message: _report(message, on_epoch),
        )
    log = scratch / "log"
    if (failed := _failure(ended, timeout_seconds)) is not None:
        return Finished(row | failed, None, log)
    last, measured = ended.last or {}, _process_seconds(ended)
    curve = json.loads((scratch / "curve.json").read_text(encoding="utf-8"))
    row, curve = finish(trial, row | measured, curve, last, rows=len(data.x_train))
    return Finished(row, curve, log, scratch / "weights.npz", scratch / "frames.npz", last["thread_pools"])


def launch_probe(
    trial: PlannedTrial,
    probe: Probe,
    scratch: Path,
    *,
    timeout_seconds: float,
    keep_environment: bool = False,
    on_case: Callable[[int, int], None] = lambda _done, _all: None,
) -> Finished:
    """Run a probe and return its row, whatever its status, and its measurements if it finished.

    Raises:
        UsageError: if the disk is full, which must end the run instead of failing the trial.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    row = describe(trial, None)
    with saying("a probe needs room on the disk for the files it saves"):
        scratch.mkdir(parents=True)
        ended = run_worker(
            "bench.trials.probe",
            {
                "contender": trial.contender.reference(),
                "distributions": trial.contender.distributions,
                "network": asdict(trial.scenario.network),
                "probe": probe.name,
                "cases": [asdict(case) for case in probe.cases],
                "seed": trial.seed,
            },
            scratch,
            threads=trial.threads,
            bind_processors=True,
            timeout_seconds=timeout_seconds,
            keep_environment=keep_environment,
            on_message=lambda message: _report(message, on_case),
        )
    log = scratch / "log"
    if (failed := _failure(ended, timeout_seconds)) is not None:
        return Finished(row | failed, None, log)
    done = ended.last or {}
    row |= {
        "status": "ok",
        "threads": done["threads"],
        **_process_seconds(ended),
        **{f"{name}_seconds": seconds for name, seconds in done["seconds"].items()},
    }
    measurements = [found | {"unit": QUANTITIES[found["quantity"]].unit} for found in done["measurements"]]
    return Finished(row, None, log, thread_pools=done["thread_pools"], measurements=measurements)


def _failure(ended: Ended, timeout_seconds: float) -> dict[str, str] | None:
    """Return the status and the reason of a process that did not finish its work; None if it did.

    Raises:
        UsageError: if the disk is full.
    """
    last = ended.last or {"event": "nothing"}
    if last["event"] == "disk_full":
        raise UsageError(f"a trial needs room on the disk for its snapshots: {os.strerror(errno.ENOSPC)}")
    failure = ended.failure(timeout_seconds)
    if ended.timed_out:
        return {"status": "timed_out", "status_detail": str(failure)}
    if last["event"] in ("failed", "skipped"):
        return {"status": last["event"], "status_detail": last["detail"]}
    return None if failure is None else {"status": "failed", "status_detail": f"the process {failure}"}


def _process_seconds(ended: Ended) -> dict[str, float]:
    return {
        "process_seconds": ended.ready_seconds,
        "teardown_seconds": ended.total_seconds - ended.ready_seconds,
    }


def not_run(trial: PlannedTrial, data: Data | None, status: str, detail: str) -> Finished:
    """Return the row of a trial that was not run because its contender cannot run here."""
    return Finished(describe(trial, data) | {"status": status, "status_detail": detail}, None)


def describe(trial: PlannedTrial, data: Data | None) -> dict[str, Any]:
    """Return the columns that are known before a trial runs; without data, those of the data are missing."""
    scenario = trial.scenario
    columns = {
        "suite": trial.suite,
        "scenario": scenario.name,
        "pair": trial.pair,
        "contender": trial.contender.name,
        "seed": trial.seed,
        "repetition": trial.repetition,
        "parameters": scenario.network.parameters,
        "host": host_label(),
    }
    if data is None:
        return columns
    order_hash = _order_hash(len(data.x_train), scenario.epochs, trial.seed, scenario.shuffle)
    return {
        **columns,
        "train_rows": len(data.x_train),
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "weights_hash": hash_arrays(initial_weights(scenario, trial.seed)),
        "order_hash": order_hash if trial.contender.is_twin else None,
    }


def finish(
    trial: PlannedTrial, row: dict[str, Any], curve: dict[str, list[Any]], done: Message, *, rows: int
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return the complete row and curve of a trial that finished, with status ``ok`` or ``diverged``."""
    scenario = trial.scenario
    updates_per_epoch = scenario.updates_per_epoch(rows)
    curve = {
        "epoch": curve["epoch"],
        "updates": [epoch * updates_per_epoch for epoch in curve["epoch"]],
        **curve,
    }
    diverged = done["diverged_at_epoch"]
    crossing = first_crossing(curve["train_accuracy"], scenario.target_accuracy)
    row = {
        **row,
        "status": "ok" if diverged is None else "diverged",
        "status_detail": None if diverged is None else f"weights or loss were not finite after epoch {diverged}",
        "updates": curve["updates"][-1],
        "epochs": curve["epoch"][-1],
        **{f"{name}_seconds": seconds for name, seconds in done["seconds"].items()},
        **{name: done[name] for name in ("predict_one_seconds", "predict_batch_seconds", "peak_rss_bytes", "threads")},
        **{name: curve[name][-1] for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy")},
        "reached_target": crossing is not None,
        "epochs_to_target": None if crossing is None else curve["epoch"][crossing],
        "updates_to_target": None if crossing is None else curve["updates"][crossing],
        "seconds_to_target": None if crossing is None else curve["train_seconds"][crossing],
    }
    return row, curve


def _report(message: Message, on_epoch: Callable[[int, int], None]) -> None:
    if message["event"] == "epoch":
        on_epoch(message["epoch"], message["epochs"])


@lru_cache(maxsize=64)
def _order_hash(rows: int, epochs: int, seed: int, shuffle: bool) -> str:
    return hash_arrays(Orders(rows, epochs, seed, shuffle=shuffle))
