"""What a user asks of a run. Every option is a field here: `bench.run`, the command line and ``run.json`` read them."""

import math
import os
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from bench.core.errors import UsageError, unknown
from bench.core.spec import CLASSIFICATION, MODEL_SUFFIX, TASKS, Scenario
from bench.experiments import EXPERIMENTS, SCENARIOS, duel, model
from bench.experiments.base import Experiment
from bench.experiments.folder import open_folder
from bench.store.files import safe_name

_MOST_SEEDS = 10_000

CONTENDERS_HELP = "Only this contender, or, for a guest or a file such as ./mine.py, this one too. Repeatable."


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the user asked for, as plain values; ``run.json`` keeps it, and a resumed run plans from it.

    An option is annotated with its flag on the command line and its line in ``--help``.

    Attributes:
        seeds: for each experiment, the seeds in their order.
        scenarios: the user's own, as plain values by name; each is an experiment of that name. A model that is measured
            and not trained is no experiment of its own.
        scenario_files: the files that they were read from, scenarios and models.
        folders: the user's own experiments: their folders, by name.
        data: a table of the user's own and its target, for the scenarios and the model, or for the fair duel's network.
        notes: what a reader must know of a scenario, such as what was left out of a model.
        order_seed: draws the order of each block and the padding of each trial; every run has another.
    """

    seeds: dict[str, list[int]]
    contenders: Annotated[list[str], "--contender", CONTENDERS_HELP] = field(default_factory=list)
    threads: Annotated[int, "--threads", "Threads that each trial may use: enforced, and read back."] = 1
    quick: Annotated[bool, "--quick", "Few seeds, a fraction of the epochs: to see everything work."] = False
    rigorous: Annotated[bool, "--rigorous", "Many seeds, for narrow intervals."] = False
    time_anyway: Annotated[
        bool,
        "--time-anyway",
        "Time contenders that fail the proof all the same, marked (not equal) wherever they appear.",
    ] = False
    resample_data: Annotated[bool, "--resample-data", "Draw new data and a new split for each seed."] = False
    keep_environment: Annotated[
        bool, "--keep-environment", "Keep variables that pin one library's kernels, such as OPENBLAS_CORETYPE."
    ] = False
    timeout_seconds: Annotated[
        float, "--timeout", "Seconds after which a trial is killed and recorded as timed_out."
    ] = 900.0
    memory_limit: Annotated[
        float | None, "--memory-limit", "Gigabytes of memory that a process may have; 80 % of the machine's otherwise."
    ] = None
    task: Annotated[
        str | None, "--task", "What --target is: classification or regression; otherwise its values tell."
    ] = None
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)
    scenario_files: list[str] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)
    data: list[str] | None = None
    notes: list[str] = field(default_factory=list)
    order_seed: int = 0

    @property
    def suites(self) -> list[str]:
        """The experiments' names, in their order."""
        return list(self.seeds)

    @property
    def code(self) -> list[str]:
        """The files and folders with code of the user's own: contenders and experiments."""
        return [*(name for name in self.contenders if name.endswith(".py") or "/" in name), *self.folders.values()]

    @property
    def memory_limit_bytes(self) -> int | None:
        """The memory limit in bytes."""
        return None if self.memory_limit is None else int(self.memory_limit * 1e9)

    def own_scenarios(self) -> dict[str, Scenario]:
        """Return the user's own scenarios, by name."""
        return {name: Scenario.from_json(given) for name, given in self.scenarios.items()}

    def experiments(self) -> dict[str, Experiment]:
        """Return the experiments of the run, by name.

        Raises:
            UsageError: if one is not known, or its folder is no longer there or defines another experiment now.
        """
        own = self.own_scenarios()
        known = EXPERIMENTS | {name: _experiment_on(scenario) for name, scenario in own.items()}
        models = [scenario.network for scenario in own.values() if scenario.is_of_model]
        found = {}
        for name in self.suites:
            if name in self.folders:
                found[name] = open_folder(Path(self.folders[name]), SCENARIOS)
                if found[name].name != name:
                    raise UsageError(
                        f"the experiment folder {self.folders[name]} must define the experiment {name!r} of this run, "
                        f"got {found[name].name!r}"
                    )
            else:
                if name not in known:
                    raise unknown("suite", name, known)
                measured = models and known[name].measures_network
                found[name] = known[name].on_network(models[0]) if measured else known[name]
        return found


def settings_of(run: dict[str, Any]) -> Settings:
    """Return the settings that ``run.json`` holds; nothing of the user's own is imported or read.

    Raises:
        UsageError: if they are not settings that this version knows.
    """
    from pydantic import TypeAdapter

    try:
        return TypeAdapter(Settings).validate_python(asdict(Settings(**run["settings"])))
    except (TypeError, ValueError) as error:
        raise UsageError(f"the run {run['run_id']!r:.80} has settings that this version does not know") from error


class Option(NamedTuple):
    """A field of `Settings` that a user sets, with its flag on the command line and its line in ``--help``."""

    name: str
    default: Any
    type: Any
    flag: str
    help: str


def options() -> list[Option]:
    """Return the fields that a user sets, as the command line offers them."""
    defaults = Settings(seeds={})
    hints = get_type_hints(Settings, include_extras=True)
    return [
        Option(name, getattr(defaults, name), *get_args(hint))
        for name, hint in hints.items()
        if get_origin(hint) is Annotated
    ]


def make_settings(
    suites: Sequence[str],
    *,
    seeds: int | Sequence[int] | None = None,
    data: tuple[Path, str] | None = None,
    **chosen: Any,
) -> Settings:
    """Check what a user asked for, and return it.

    Args:
        suites: names of experiments, folders of the user's own, or scenario files; the usual ones if none is named.
        seeds: how many, or which; each experiment has its own number unless told.
        data: a table of the user's own and its target's column, for the scenario files; without one, for the fair
            duel's network.
        chosen: options of `Settings` by name.

    Raises:
        UsageError: says what was expected and what came.
    """
    names = {option.name for option in options()}
    for name in chosen:
        if name not in names:
            raise unknown("option", name, {"seeds", "data", *names})
    if "contenders" in chosen:
        chosen["contenders"] = list(dict.fromkeys(chosen["contenders"]))
    settings = Settings(seeds={}, **chosen)
    _check(settings, seeds, data)
    own = _Own.read(suites, data, settings.task)
    asked = list(
        dict.fromkeys([*own.named, *(name for name in own.scenarios if name in own.experiments), *own.folders])
    )
    known = EXPERIMENTS | own.experiments
    usual = [name for name, experiment in EXPERIMENTS.items() if experiment.by_default]
    return Settings(
        seeds={name: _seeds_of(known[name], seeds, settings) for name in asked or usual},
        scenarios={name: asdict(scenario) for name, scenario in own.scenarios.items()},
        scenario_files=own.files,
        folders=own.folders,
        data=None if data is None else [str(data[0]), data[1]],
        notes=own.notes,
        order_seed=secrets.randbelow(2**32),
        **chosen,
    )


def _experiment_on(scenario: Scenario) -> Experiment:
    """Return the experiment on a scenario of the user's own."""
    return model.of_model(scenario) if scenario.is_of_model else duel.of_scenario(scenario)


def _measuring() -> str:
    """Return the name of an experiment that measures a model without rows."""
    return next(name for name, experiment in EXPERIMENTS.items() if experiment.measures_network)


@dataclass(frozen=True)
class _Own:
    """What a user named: experiments of the harness, and scenarios, folders and a table of the user's own.

    ``experiments`` holds the user's own by name: those in folders, and the duel on each scenario.
    """

    named: list[str]
    files: list[str]
    scenarios: dict[str, Scenario]
    folders: dict[str, str]
    experiments: dict[str, Experiment]
    notes: list[str]

    @classmethod
    def read(cls, suites: Sequence[str], data: tuple[Path, str] | None, task: str | None) -> "_Own":
        from bench.datasets import find, of_table  # NumPy, which `--help` should not wait for

        found = cls([], [], {}, {}, {}, [])
        table = None if data is None else of_table(*data, task)
        measures = any(given in EXPERIMENTS and EXPERIMENTS[given].measures_network for given in suites)
        for given in suites:
            if given.endswith((".h5", ".hdf5")):
                raise UsageError(
                    f"a model of your own must be a {MODEL_SUFFIX} file, got {given}; load it with keras or numpy_nn, "
                    f"and save it as {Path(given).with_suffix(MODEL_SUFFIX)}"
                )
            if given.endswith(MODEL_SUFFIX):
                found.files.append(given)
                found._add_model(given, table, measures)
            elif given.endswith(".toml"):
                from bench.runs.scenario_file import read_scenario

                found.files.append(given)
                found._add(read_scenario(Path(given), table), given)
            elif table is not None and not (given in EXPERIMENTS and EXPERIMENTS[given].measures_network):
                raise UsageError(
                    f"--data gives rows to scenario files, or to the fair duel's network if no suite is named; {given} "
                    f"has its own data, so leave it out"
                )
            elif given in EXPERIMENTS:
                found.named.append(given)
            elif "/" in given or os.sep in given or Path(given).is_dir():
                found._add_folder(given)
            else:
                raise unknown("suite", given, EXPERIMENTS)
        if table is not None and suites and not found.scenarios:
            raise UsageError(
                f"--data gives rows to what is trained, and {', '.join(suites)} trains nothing; leave it out"
            )
        if data is not None and table is not None and not suites:
            name, read = safe_name(data[0].stem), find(table)
            found._add(duel.on_table(name, table, read.features, read.outputs, read.task), str(data[0]))
        return found

    def _add_model(self, given: str, table: str | None, measures: bool) -> None:
        """Add a model, to be trained on the table if there is one, and to be measured."""
        from bench.contenders.model_file import read_model
        from bench.datasets import find
        from bench.runs.scenario_file import check_scenario

        path = Path(given)
        name, read = safe_name(path.stem), read_model(path, model.BATCH_SIZE, to_train=table is not None)
        if any(scenario.is_of_model for scenario in self.scenarios.values()):
            raise UsageError(f"a run takes one model, got {given} beside another; run each by itself")
        if table is None and not measures:
            raise UsageError(
                f"a model needs rows to train on: add --data FILE --target COLUMN, or measure it alone by: bench run "
                f"{_measuring()} {given}"
            )
        self.notes.extend(f"{given}: {note}." for note in read.notes)
        if table is None:
            self.scenarios[name] = model.on_table(name, read.network, given, "noise", CLASSIFICATION)
            return
        rows = find(table)
        order = ", ".join(rows.names)
        self.notes.append(f"{given}: its inputs are the table's columns in this order, all standardized: {order}.")
        scenario = model.on_table(name, read.network, given, table, rows.task)
        check_scenario(replace(scenario, initializer="glorot_uniform"))
        self._add(scenario, given)

    def _add_folder(self, given: str) -> None:
        from bench.runs.scenario_file import check_scenario

        known = dict(SCENARIOS)
        for other in self.experiments.values():
            known |= other.scenarios
        experiment = open_folder(Path(given), known)
        self._check_new(experiment.name, given)
        trained = {entry.scenario.name: entry.scenario for entry in experiment.entries if entry.probe is None}
        for name, scenario in trained.items():
            if name not in known:
                check_scenario(scenario)
        self.folders[experiment.name], self.experiments[experiment.name] = given, experiment

    def _add(self, scenario: Scenario, source: str) -> None:
        from bench.datasets import find

        self._check_new(scenario.name, source)
        dataset, batch = find(scenario.dataset), scenario.network.batch_size
        self.notes.extend(dataset.notes)
        rows = scenario.rows_trained(dataset.train_rows)
        if batch is not None and batch > rows:
            self.notes.append(
                f"{source}: batch_size is {batch:,}, more than the {rows:,} training rows, so an epoch is one update."
            )
        self.scenarios[scenario.name], self.experiments[scenario.name] = scenario, _experiment_on(scenario)

    def _check_new(self, name: str, source: str) -> None:
        if name in EXPERIMENTS:
            raise UsageError(f"the experiment in {source} must not have the name of a built-in one, got {name!r}")
        if name in self.experiments:
            raise UsageError(f"each experiment must have a different name, got {name!r} again in {source}; rename it")


def _check(settings: Settings, seeds: int | Sequence[int] | None, data: tuple[Path, str] | None) -> None:
    if settings.task is not None:
        if data is None:
            raise UsageError("--task says what the column of --target is; give --data and --target with it")
        if settings.task not in TASKS:
            raise unknown("task", settings.task, TASKS)
    if settings.quick and settings.rigorous:
        raise UsageError("a run is either quick or rigorous, not both")
    if isinstance(seeds, int) and not 1 <= seeds <= _MOST_SEEDS:
        raise UsageError(f"the number of seeds must be at least 1 and at most {_MOST_SEEDS:,}, got {seeds}")
    if seeds is not None and not isinstance(seeds, int):
        wrong = [seed for seed in seeds if not 0 <= seed < 2**32]
        if not seeds or len(set(seeds)) < len(seeds) or wrong:
            raise UsageError(f"seeds must be different whole numbers from 0 to 2**32 - 1, got {list(seeds)}")
    processors = os.cpu_count() or 1
    if not 1 <= settings.threads <= processors:
        raise UsageError(
            f"threads must be between 1 and the {processors} processors of this machine, got {settings.threads}"
        )
    if not 0 < settings.timeout_seconds < math.inf:
        raise UsageError(f"the timeout must be a positive number of seconds, got {settings.timeout_seconds:g}")
    if settings.memory_limit is not None and not 0 < settings.memory_limit < math.inf:
        raise UsageError(f"the memory limit must be a positive number of gigabytes, got {settings.memory_limit:g}")


def _seeds_of(experiment: Experiment, seeds: int | Sequence[int] | None, settings: Settings) -> list[int]:
    if seeds is not None and not isinstance(seeds, int):
        return list(seeds)
    from bench.core import randomness  # imports NumPy, which `--help` should not wait for

    usual = experiment.seeds
    if settings.quick or settings.rigorous:
        usual = experiment.quick_seeds if settings.quick else experiment.rigorous_seeds
    return list(randomness.seeds(usual if seeds is None else seeds))


def command_of(settings: Settings) -> str:
    """Return the command line that asks for the same run."""
    from bench.core import randomness

    named = [settings.folders.get(name, name) for name in settings.suites if name not in settings.scenarios]
    words = ["python", "-m", "bench", "run", *named, *settings.scenario_files]
    if len({tuple(seeds) for seeds in settings.seeds.values()}) == 1:
        seeds = next(iter(settings.seeds.values()))
        if seeds == list(randomness.seeds(len(seeds))):
            words += ["--seeds", str(len(seeds))]
        else:
            words += [word for seed in seeds for word in ("--seed", str(seed))]
    if settings.data is not None:
        words += ["--data", settings.data[0], "--target", settings.data[1]]
    for option in options():
        value = getattr(settings, option.name)
        if value != option.default:
            words += _words_of(option.flag, value)
    return shlex.join(words)


def _words_of(flag: str, value: Any) -> list[str]:
    if value is True:
        return [flag]
    if isinstance(value, list):
        return [word for each in value for word in (flag, str(each))]
    return [flag, value if isinstance(value, str) else f"{value:g}"]
