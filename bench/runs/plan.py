"""The trials that follow from what a user asked for."""

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from bench.contenders import registry
from bench.contenders.registry import ContenderInfo
from bench.core.errors import UsageError, unknown
from bench.core.spec import Entry
from bench.experiments.base import Experiment
from bench.runs.settings import Settings
from bench.trials.schedule import PlannedTrial, plan


def plan_trials(settings: Settings) -> list[PlannedTrial]:
    """Return the trials that the settings ask for, in the order in which they are to run."""
    chosen = [registry.find(name) for name in settings.contenders]
    names = [info.name for info in chosen]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"each contender must have a different name, got {', '.join(twice)} more than once")
    known = {info.name: info for info in (*registry.CONTENDERS.values(), *chosen)}

    def find(name: str) -> ContenderInfo:
        if name not in known:
            raise unknown("contender", name, known)
        return known[name]

    trials: list[PlannedTrial] = []
    experiments = settings.experiments()
    for name, experiment in experiments.items():
        entries = _entries(experiment, chosen, settings.quick)
        trials += plan(
            name,
            entries,
            settings.seeds[name],
            find,
            threads=settings.threads,
            resample_data=settings.resample_data,
            keep_environment=settings.keep_environment,
            copied=entries[0] if experiment.races_a_copy and len(entries) > 1 else None,
            order_seed=settings.order_seed,
        )
    absent = [name for name in names if name not in {trial.contender.name for trial in trials}]
    if absent:
        own = dict.fromkeys(name for experiment in experiments.values() for name in experiment.contenders)
        raise UsageError(
            f"{', '.join(absent)} takes no part in {', '.join(settings.suites)}; its contenders are {', '.join(own)}"
        )
    return trials


def expected(settings: Settings) -> dict[tuple[str, str], dict[str, int]]:
    """Return how many trials of each contender were planned, by experiment and pair; reads no file of the user's."""
    names = {name for name in settings.contenders if not registry.is_guest(name)}
    # in tables, a file has its stem as its name
    guests = [
        name if name in registry.CONTENDERS else Path(name).stem
        for name in settings.contenders
        if registry.is_guest(name)
    ]
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for name, experiment in settings.experiments().items():
        seeds = len(settings.seeds[name])
        for entry in _chosen(experiment, names, settings.quick):
            pair = counts.setdefault((name, entry.pair), {})
            pair[entry.contender] = 1 if entry.first_seed_only else seeds
        if experiment.accepts_guests:
            counts.setdefault((name, experiment.entries[0].pair), {}).update(dict.fromkeys(guests, seeds))
    return counts


def _entries(experiment: Experiment, chosen: Sequence[ContenderInfo], quick: bool) -> list[Entry]:
    """Return an experiment's entries: contenders that the user chose restrict it, guests and files join it."""
    entries = _chosen(experiment, {info.name for info in chosen if not info.is_guest}, quick)
    if experiment.accepts_guests:
        shared = experiment.entries[0]
        entries += [replace(shared, contender=info.name) for info in chosen if info.is_guest]
    return [shortened(entry, experiment.quick_divisor) for entry in entries] if quick else entries


def _chosen(experiment: Experiment, names: Collection[str], quick: bool) -> list[Entry]:
    """Return the entries of these contenders, or the usual ones, whose number of threads this machine has."""
    possible = [entry for entry in experiment.entries if (entry.threads or 1) <= (os.cpu_count() or 1)]
    chosen = [entry for entry in possible if not names or entry.contender in names]
    if not quick:
        return chosen
    usual = {entry.contender for entry in chosen if not entry.not_in_quick}
    # one that is named takes part although a quick run usually leaves it out
    return [entry for entry in chosen if not entry.not_in_quick or (names and entry.contender not in usual)]


def shortened(entry: Entry, divisor: int) -> Entry:
    """Return an entry for a quick run: fewer cases to measure, or a fraction of the epochs to train."""
    if entry.probe is not None:
        return replace(entry, probe=replace(entry.probe, cases=entry.probe.quick_cases))
    return replace(entry, scenario=replace(entry.scenario, epochs=max(1, entry.scenario.epochs // divisor)))
