"""The trials of a run, their order, and the key of each."""

import hashlib
import json
import os
import platform
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.contenders.registry import ContenderInfo, code_hash
from bench.core.spec import AA, Entry, Probe, Scenario
from bench.datasets import find as find_data
from bench.datasets import table_of
from bench.process.spawn import KERNEL_VARIABLES, MOST_PADDING_BYTES
from bench.store.files import safe_name
from bench.store.folder import SCHEMA
from bench.store.machine import host_label, versions
from bench.trials.start import model_of

# Evaluating a training row once, for estimates of time.
_ROUGH_EVALUATION_SECONDS = 0.8e-6

# Training that ends at its target takes about a quarter of its epochs.
_ROUGH_SHARE_TO_TARGET = 0.25

# Measuring a point of the map, building and compiling it (a share of the start), and the points a footprint counts as.
_ROUGH_CASE_SECONDS = 0.3
_ROUGH_BUILD_SHARE = 0.08
_ROUGH_FOOTPRINT_CASES = 10

# The sources of the harness that can change a trial's result.
_HARNESS = (
    "contenders/model_file.py",
    "core/spec.py",
    "core/randomness.py",
    "core/evaluate.py",
    "core/score.py",
    "datasets",
    "process",
    "statistics/noise.py",
    "statistics/stopping.py",
    "statistics/target.py",
    "trials",
)


@dataclass(frozen=True)
class PlannedTrial:
    """One planned trial.

    Attributes:
        key: the name of its file: readable, and ending in a digest of everything that could change its result.
        threads: how many it may use.
        probe: what it measures instead of training; None if it trains.
        train_rows: how many rows it trains on; 0 if it measures.
        place: its place in the block of its seed, from 1, drawn by lot.
        padding_bytes: how much its environment and its memory are shifted, drawn by lot.
    """

    suite: str
    scenario: Scenario
    contender: ContenderInfo
    pair: str
    seed: int
    repetition: int
    key: str
    threads: int = 1
    probe: Probe | None = None
    train_rows: int = 0
    place: int = 1
    padding_bytes: int = 0

    @property
    def rough_seconds(self) -> float:
        """A rough estimate of its time, from the times of such trials on one machine."""
        if self.probe is not None:
            point = _ROUGH_CASE_SECONDS + _ROUGH_BUILD_SHARE * self.contender.rough_start_seconds
            return self.contender.rough_start_seconds + (len(self.probe.cases) or _ROUGH_FOOTPRINT_CASES) * point
        scenario, info = self.scenario, self.contender
        further_rows = max(0, (scenario.network.batch_size or self.train_rows) - 32)
        epoch = scenario.updates_per_epoch(self.train_rows) * (
            info.rough_update_seconds + info.rough_row_seconds * further_rows
        )
        epoch += _ROUGH_EVALUATION_SECONDS * self.train_rows / scenario.epochs_per_snapshot
        share = 1.0 if scenario.hold_updates is None else _ROUGH_SHARE_TO_TARGET
        return info.rough_start_seconds + share * scenario.epochs * epoch


def plan(
    suite: str,
    entries: Sequence[Entry],
    seeds: Sequence[int],
    find: Callable[[str], ContenderInfo],
    *,
    threads: int,
    resample_data: bool,
    keep_environment: bool,
    copied: Entry | None = None,
    order_seed: int = 0,
) -> list[PlannedTrial]:
    """Return the trials of a suite, block by block: all contenders of one seed, in an order that is drawn by lot.

    Blocks come in twos, an order and its reverse: each is as likely as any other, and in both together every contender
    is as early as late. So a paired test by random signs holds by design, and a machine that slows down slows all
    contenders alike. ``copied`` is run a second time in each block, in the suite ``aa``.
    """
    lots = random.Random(f"{order_seed} {suite}")  # noqa: S311 - no secret
    trained = dict.fromkeys(entry.scenario.dataset for entry in entries if entry.probe is None)
    rows = {name: find_data(name).train_rows for name in trained}
    turns = [(suite, 0, entry) for entry in entries] + ([] if copied is None else [(AA, 1, copied)])
    planned = []
    for number, seed in enumerate(seeds):
        turns = turns[::-1] if number % 2 else lots.sample(turns, len(turns))
        block = [turn for turn in turns if number == 0 or not turn[2].first_seed_only]
        for place, (own_suite, repetition, entry) in enumerate(block, start=1):
            info = find(entry.contender)
            bound = entry.threads or threads
            digest = _digest(entry, info, seed, bound, resample_data, keep_environment)
            key = f"{own_suite}-{entry.scenario.name}-{safe_name(info.name)}-seed{seed}-{digest}"
            train_rows = 0 if entry.probe is not None else entry.scenario.rows_trained(rows[entry.scenario.dataset])
            planned.append(
                PlannedTrial(
                    suite=own_suite,
                    scenario=entry.scenario,
                    contender=info,
                    pair=entry.pair,
                    seed=seed,
                    repetition=repetition,
                    key=key,
                    threads=bound,
                    probe=entry.probe,
                    train_rows=train_rows,
                    place=place,
                    padding_bytes=lots.randrange(MOST_PADDING_BYTES),
                )
            )
    return planned


def _digest(
    entry: Entry, info: ContenderInfo, seed: int, threads: int, resample_data: bool, keep_environment: bool
) -> str:
    """Return twelve digits that change whenever the trial's result could."""
    table, model = table_of(entry.scenario.dataset), model_of(entry.scenario)
    read = [path for path in (None if table is None else table[0], model) if path is not None]
    what: dict[str, Any] = {
        "schema": SCHEMA,
        "scenario": asdict(entry.scenario),
        "files": [hashlib.sha256(path.read_bytes()).hexdigest() for path in read],
        "pair": entry.pair,
        "probe": None if entry.probe is None else asdict(entry.probe),
        "contender": info.name,
        "code": code_hash(info),
        "harness": source_hash(Path(__file__).parents[1], _HARNESS),
        "environment": info.environment,
        "versions": versions((*info.distributions, "scikit-learn", "threadpoolctl")),
        "python": platform.python_version(),
        "host": host_label(),
        "seed": seed,
        "threads": threads,
        "resample_data": resample_data,
        "variables": {name: os.environ.get(name) for name in KERNEL_VARIABLES} if keep_environment else {},
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:12]


def source_hash(root: Path, names: Sequence[str]) -> str:
    """Return the sha256 of source files, and of all Python files in folders, by their paths below ``root``.

    Raises:
        FileNotFoundError: if a path has no Python source; otherwise a moved file would silently leave the hash.
    """
    digest = hashlib.sha256()
    for name in names:
        path = root / name
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        if not files or not all(file.is_file() for file in files):
            raise FileNotFoundError(f"expected Python source at {name} below {root.name} for a trial's key, found none")
        for file in files:
            digest.update(file.read_bytes())
    return digest.hexdigest()
