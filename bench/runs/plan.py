"""What a user asks for, checked, and the trials that follow from it."""

import math
import os
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.contenders import registry
from bench.contenders.registry import ContenderInfo
from bench.core import randomness
from bench.core.errors import UsageError, unknown
from bench.core.spec import Scenario
from bench.experiments.scenarios import of_ones_own
from bench.experiments.suites import SUITES, Entry, Suite, own_suite
from bench.store.folder import safe_name
from bench.trials.schedule import PlannedTrial, plan

DEFAULT_TIMEOUT_SECONDS = 900.0


@dataclass(frozen=True)
class Settings:
    """What the user asked for, as plain values; ``run.json`` keeps it, and a resumed run plans from it.

    Attributes:
        seeds: for each suite, the seeds in their order.
        contenders: names or files that the user chose; empty for each suite's own.
        threads: how many each trial may use.
        resample_data: whether each seed draws its own data and split.
        quick: whether scenarios are shortened.
        rigorous: whether many seeds were asked for.
        keep_environment: whether variables that pin a library's kernels stay.
        timeout_seconds: after which a trial is killed.
        scenarios: the user's own, as plain values by name; each is a suite of that name.
        scenario_files: the files that they were read from.
        data: a table of the user's own and its target, of which one scenario was made.
    """

    seeds: dict[str, list[int]]
    contenders: list[str]
    threads: int = 1
    resample_data: bool = False
    quick: bool = False
    rigorous: bool = False
    keep_environment: bool = False
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)
    scenario_files: list[str] = field(default_factory=list)
    data: list[str] | None = None

    @property
    def suites(self) -> list[str]:
        """The suites, in their order."""
        return list(self.seeds)

    def own_scenarios(self) -> dict[str, Scenario]:
        """Return the user's own scenarios, by name."""
        return {name: Scenario.from_json(given) for name, given in self.scenarios.items()}

    def known_suites(self) -> dict[str, Suite]:
        """Return the harness's suites and those of the user's own scenarios, by name."""
        return SUITES | {name: own_suite(scenario) for name, scenario in self.own_scenarios().items()}


def make_settings(
    suites: Sequence[str],
    *,
    seeds: int | Sequence[int] | None = None,
    contenders: Iterable[str] = (),
    threads: int = 1,
    quick: bool = False,
    rigorous: bool = False,
    resample_data: bool = False,
    keep_environment: bool = False,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    data: tuple[Path, str] | None = None,
) -> Settings:
    """Check what a user asked for, and return it; a UsageError says what was expected and what came."""
    files = [name for name in suites if name.endswith(".toml")]
    own = _own_scenarios(files)
    if data is not None:
        scenario = _of_table(*data)
        if scenario.name in own or scenario.name in SUITES:
            raise UsageError(f"a data file must have a name of its own, got {data[0]}; rename it")
        own[scenario.name] = scenario
    named = [name for name in suites if name not in files]
    for name in named:
        if name not in SUITES:
            raise unknown("suite", name, SUITES)
    known = SUITES | {name: own_suite(scenario) for name, scenario in own.items()}
    if quick and rigorous:
        raise UsageError("a run is either quick or rigorous, not both")
    if isinstance(seeds, int) and seeds < 1:
        raise UsageError(f"the number of seeds must be at least 1, got {seeds}")
    if seeds is not None and not isinstance(seeds, int):
        repeated = sorted({seed for seed in seeds if list(seeds).count(seed) > 1})
        wrong = [seed for seed in seeds if not 0 <= seed < 2**32]
        if not seeds or repeated or wrong:
            raise UsageError(f"seeds must be different whole numbers from 0 to 2**32 - 1, got {list(seeds)}")
    processors = os.cpu_count() or 1
    if not 1 <= threads <= processors:
        raise UsageError(f"threads must be between 1 and the {processors} processors of this machine, got {threads}")
    if not 0 < timeout_seconds < math.inf:
        raise UsageError(f"the timeout must be a positive number of seconds, got {timeout_seconds:g}")

    def seeds_of(suite: Suite) -> list[int]:
        if seeds is not None and not isinstance(seeds, int):
            return list(seeds)
        usual = suite.quick_seeds if quick else suite.rigorous_seeds if rigorous else suite.seeds
        return list(randomness.seeds(usual if seeds is None else seeds))

    usual = [suite.name for suite in SUITES.values() if suite.by_default]
    return Settings(
        seeds={name: seeds_of(known[name]) for name in dict.fromkeys([*named, *own] or usual)},
        contenders=list(dict.fromkeys(contenders)),
        threads=threads,
        resample_data=resample_data,
        quick=quick,
        rigorous=rigorous,
        keep_environment=keep_environment,
        timeout_seconds=timeout_seconds,
        scenarios={name: asdict(scenario) for name, scenario in own.items()},
        scenario_files=files,
        data=None if data is None else [str(data[0]), data[1]],
    )


def _of_table(path: Path, target: str) -> Scenario:
    """Return the fair duel on a user's own table, which is read and checked."""
    from bench.datasets import find, of_table

    dataset = find(of_table(path, target))
    return of_ones_own(safe_name(path.stem), of_table(path, target), dataset.features, dataset.classes)


def _own_scenarios(files: Iterable[str]) -> dict[str, Scenario]:
    own: dict[str, Scenario] = {}
    for file in files:
        from bench.runs.scenario_file import read_scenario

        scenario = read_scenario(Path(file))
        if scenario.name in own or scenario.name in SUITES:
            raise UsageError(f"each scenario must have a name of its own, got {scenario.name!r} in {file} once more")
        own[scenario.name] = scenario
    return own


def plan_trials(settings: Settings) -> list[PlannedTrial]:
    """Return the trials that the settings ask for, in the order in which they are to run."""
    chosen = [registry.find(name) for name in settings.contenders]
    names = [info.name for info in chosen]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"each contender must have a name of its own, got {', '.join(twice)} more than once")
    known = {info.name: info for info in (*registry.CONTENDERS.values(), *chosen)}
    trials: list[PlannedTrial] = []
    suites = settings.known_suites()
    for name, seeds in settings.seeds.items():
        entries = _entries(suites[name], chosen, settings.quick)
        trials += plan(
            name,
            entries,
            seeds,
            known.__getitem__,
            threads=settings.threads,
            resample_data=settings.resample_data,
            keep_environment=settings.keep_environment,
        )
    absent = [name for name in names if name not in {trial.contender.name for trial in trials}]
    if absent:
        raise UsageError(
            f"{', '.join(absent)} takes no part in {', '.join(settings.suites)}; "
            f"the suite's own are {', '.join(dict.fromkeys(c for s in settings.suites for c in suites[s].contenders))}"
        )
    return trials


def expected(settings: Settings) -> dict[tuple[str, str], dict[str, int]]:
    """Return how many trials each contender was to have, by suite and pair; no file of the user's is looked at."""
    names = {name for name in settings.contenders if not registry.is_guest(name)}
    guests = [_name_of(name) for name in settings.contenders if registry.is_guest(name)]
    counts: dict[tuple[str, str], dict[str, int]] = {}
    suites = settings.known_suites()
    for name, seeds in settings.seeds.items():
        for entry in _possible(suites[name]):
            if entry.contender in names if names else not (settings.quick and entry.not_in_quick):
                pair = counts.setdefault((name, entry.pair), {})
                pair[entry.contender] = 1 if entry.first_seed_only else len(seeds)
        if suites[name].accepts_files:
            counts.setdefault((name, suites[name].entries[0].pair), {}).update(dict.fromkeys(guests, len(seeds)))
    return counts


def _name_of(chosen: str) -> str:
    """Return the name in tables of a contender that was chosen by its name or its file."""
    return chosen if chosen in registry.CONTENDERS else Path(chosen).stem


def _entries(suite: Suite, chosen: Sequence[ContenderInfo], quick: bool) -> list[Entry]:
    """Return a suite's entries: names of its own that the user chose restrict it, guests and files join it."""
    names = {info.name for info in chosen if not info.is_guest}
    entries = [
        entry
        for entry in _possible(suite)
        if (entry.contender in names if names else not (quick and entry.not_in_quick))
    ]
    if suite.accepts_files:
        shared = suite.entries[0]
        entries += [replace(shared, contender=info.name) for info in chosen if info.is_guest]
    return [_shortened(entry, suite.quick_divisor) for entry in entries] if quick else entries


def _possible(suite: Suite) -> list[Entry]:
    """Return the entries whose own number of threads this machine has."""
    return [entry for entry in suite.entries if (entry.threads or 1) <= (os.cpu_count() or 1)]


def _shortened(entry: Entry, divisor: int) -> Entry:
    """Return an entry for a quick run: fewer cases to measure, or so many times fewer epochs to train."""
    if entry.probe is not None:
        return replace(entry, probe=replace(entry.probe, cases=entry.probe.quick_cases))
    return replace(entry, scenario=replace(entry.scenario, epochs=entry.scenario.epochs // divisor))


def command_of(settings: Settings) -> str:
    """Return the command line that asks for the same run."""
    named = [name for name in settings.suites if name not in settings.scenarios]
    words = ["python", "-m", "bench", "run", *named, *settings.scenario_files]
    if len({tuple(seeds) for seeds in settings.seeds.values()}) == 1:
        seeds = next(iter(settings.seeds.values()))
        if seeds == list(randomness.seeds(len(seeds))):
            words += ["--seeds", str(len(seeds))]
        else:
            words += [word for seed in seeds for word in ("--seed", str(seed))]
    if settings.data is not None:
        words += ["--data", settings.data[0], "--target", settings.data[1]]
    for name in settings.contenders:
        words += ["--contender", name]
    if settings.threads != 1:
        words += ["--threads", str(settings.threads)]
    flags = {
        "--resample-data": settings.resample_data,
        "--keep-environment": settings.keep_environment,
        "--quick": settings.quick,
        "--rigorous": settings.rigorous,
    }
    if settings.timeout_seconds != DEFAULT_TIMEOUT_SECONDS:
        words += ["--timeout", f"{settings.timeout_seconds:g}"]
    return shlex.join(words + [flag for flag, given in flags.items() if given])
