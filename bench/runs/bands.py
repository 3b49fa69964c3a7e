"""The bands of rounding of a run: made after its trials, so that they disturb no clock, and read with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from bench.core.errors import UsageError
from bench.core.spec import AnyArray
from bench.datasets import load as load_data
from bench.proof.rounding import epochs_raced, race
from bench.runs.observer import Observer
from bench.runs.settings import Settings
from bench.statistics.band import Band
from bench.statistics.pairs import SHARED
from bench.store.folder import RunFolder
from bench.trials.launch import describe
from bench.trials.schedule import PlannedTrial
from bench.trials.start import first_weights, rows_of

# A band belongs to the trials with the same values of these columns.
KEY = ("suite", "scenario", "seed", *SHARED)

_KIND = "bands"

Bands = dict[tuple[Any, ...], Band]


def keep_bands(
    folder: RunFolder, trials: Sequence[PlannedTrial], settings: Settings, observer: Observer, made: Collection[str]
) -> None:
    """Race the reference against itself where contenders are compared, at every seed, and keep its curves.

    What is kept already stays, unless one of its trials, by their keys, is among those that were ``made`` now. Of a
    network that is too large to be raced none is kept.
    """
    compared = {name for name, experiment in settings.experiments().items() if experiment.compares_contenders}
    groups: dict[str, list[PlannedTrial]] = {}
    for trial in trials:
        if trial.suite in compared and trial.contender.is_twin and trial.probe is None:
            groups.setdefault(_name(trial.suite, trial.scenario.name), []).append(trial)
    todo = {
        name: {trial.seed: trial for trial in group}
        for name, group in groups.items()
        if len({trial.contender for trial in group}) > 1
        and (folder.arrays(_KIND, name) is None or any(trial.key in made for trial in group))
    }
    total, done = sum(map(len, todo.values())), 0
    for name, seeds in todo.items():
        arrays: dict[str, AnyArray] = {}
        for seed, trial in seeds.items():
            data = load_data(trial.scenario.dataset, seed if settings.resample_data else None)
            data = rows_of(trial.scenario, data)
            done += 1
            if not epochs_raced(trial.scenario, len(data.x_train)):
                continue
            with threadpool_limits(trial.threads):
                epochs, losses = race(trial.scenario, data, first_weights(trial.scenario, seed), seed)
            row = describe(trial, data)
            arrays |= {
                f"epochs_{seed}": epochs,
                f"losses_{seed}": losses,
                f"hashes_{seed}": np.array([getattr(row, column) for column in SHARED]),
                "last_bit": np.array(np.finfo(trial.scenario.network.dtype).eps),
            }
            observer.racing(done, total)
        if arrays:
            folder.keep_arrays(_KIND, name, arrays)


def read_bands(folder: RunFolder, rows: Iterable[Mapping[str, Any]]) -> Bands:
    """Return the bands that are kept for the trials of these rows, by `KEY`.

    Raises:
        UsageError: if a file is not the one that `keep_bands` wrote.
    """
    found: Bands = {}
    for suite, scenario in dict.fromkeys((row["suite"], row["scenario"]) for row in rows):
        arrays = folder.arrays(_KIND, _name(suite, scenario)) or {}
        try:
            for seed in (int(name.removeprefix("losses_")) for name in arrays if name.startswith("losses_")):
                hashes = map(str, arrays[f"hashes_{seed}"])
                epochs, losses = arrays[f"epochs_{seed}"], arrays[f"losses_{seed}"]
                if losses.ndim != 2 or losses.shape[0] < 2 or epochs.shape != losses.shape[1:]:
                    raise ValueError(f"losses of shape {losses.shape} for epochs of shape {epochs.shape}")
                band = Band(epochs.astype(np.int64), losses.astype(np.float64), float(arrays["last_bit"]))
                found[suite, scenario, seed, *hashes] = band
        except (KeyError, ValueError, TypeError) as error:
            raise UsageError(
                f"the bands of {scenario} in {folder.path} are not those that this version wrote: {error}"
            ) from error
    return found


def _name(suite: str, scenario: str) -> str:
    return f"{suite}-{scenario}"
