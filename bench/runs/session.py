"""Runs and resumes; the `Run` that a person gets back."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.contenders.registry import ContenderInfo
from bench.core.errors import Interrupted, NotTwinsError, UsageError
from bench.core.spec import FloatArray, IntArray, Scenario
from bench.datasets import Data
from bench.datasets import load as load_data
from bench.experiments.findings_registry import Finding, Table, Tables, find
from bench.experiments.scenarios import SCENARIOS
from bench.proof.cases import cases_of
from bench.proof.prove import Verdict, prove
from bench.report.animations import animate_all
from bench.report.content import content_of
from bench.report.explorer import explorer
from bench.report.gallery import draw_all, find_picture
from bench.report.markdown import render as render_markdown
from bench.report.page import render as render_page
from bench.report.page import render_summary
from bench.report.reference_points import reference_table
from bench.runs.first_gradients import first_gradients
from bench.runs.plan import DEFAULT_TIMEOUT_SECONDS, Settings, command_of, make_settings, plan_trials
from bench.statistics.summary import summarize
from bench.store import machine
from bench.store.folder import RunFolder, saying, write_bytes, write_json, write_text
from bench.store.tables import CURVES, GRADIENTS, MEASUREMENTS, TRIALS, describe_columns, frame
from bench.trials.launch import launch, launch_probe, not_run
from bench.trials.schedule import PlannedTrial

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# The report for a browser; what a command about a run prints last.
PAGE = "report.html"

DEFAULT_OUT = "results"


class Observer:
    """Watches a run, and does nothing: whoever wants to see one overrides what it wants to hear of."""

    def begin(self, trials: Sequence[PlannedTrial], done: int, folder: Path) -> None:
        """Hear what is planned, and how many of it are finished already."""

    def proving(self, done: int, total: int) -> None:
        """Hear how far the proof is."""

    def proven(self, verdicts: Sequence[Verdict]) -> None:
        """Hear what the proof found."""

    def trial_started(self, trial: PlannedTrial) -> None:
        """Hear that a trial starts."""

    def epoch(self, done: int, total: int) -> None:
        """Hear how far the running trial is."""

    def trial_finished(self, trial: PlannedTrial, row: dict[str, Any]) -> None:
        """Hear how a trial went."""

    def drawing(self, done: int, total: int) -> None:
        """Hear how many of the report's pictures are drawn."""

    def animating(self, done: int, total: int) -> None:
        """Hear how many frames of an animation are drawn."""

    def not_animated(self, suite: str, reason: str) -> None:
        """Hear why a suite has no animation."""


class Run:
    """A run that was made: its tables and what they say. Everything is derived from the folder's trials.

    Attributes:
        path: its folder.
        run_id: the name that its folder was made with.
        settings: what was asked for.
        suites, scenarios: by name, the user's own among them.
        status: ``running``, ``complete``, ``interrupted`` or ``refused``.
        command: the command line that asks for the same.
        environment: the machine and the versions.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self.path = folder.path
        self.run_id = folder.run_id
        try:
            self.settings = Settings(**folder.run["settings"])
        except TypeError as error:
            raise UsageError(f"{folder.path / 'run.json'} has settings that this version does not know") from error
        try:
            self.suites = self.settings.known_suites()
        except (TypeError, KeyError) as error:
            raise UsageError(f"{folder.path / 'run.json'} has a scenario that this version does not know") from error
        self.scenarios = SCENARIOS | self.settings.own_scenarios()
        strange = [suite for suite in self.settings.suites if suite not in self.suites]
        if strange:
            raise UsageError(f"{folder.path} holds the suite {strange[0]!r}, which this version does not know")
        self.status: str = folder.run["status"]
        self.command: str = folder.run["command"]
        self.environment: dict[str, Any] = folder.run["environment"]

    def __repr__(self) -> str:
        """Return the folder and the status."""
        return f"<bench.Run {self.path}, {self.status}, {len(self._finished)} trials>"

    @cached_property
    def _finished(self) -> dict[str, dict[str, Any]]:
        """The finished trials of the run's plan, in the plan's order."""
        found = self._folder.trials()
        planned: list[str] = self._folder.run.get("trials", [])
        return {key: found[key] for key in planned if key in found}

    @cached_property
    def trials(self) -> "pd.DataFrame":
        """One row a trial; the columns are described in ``columns.md``."""
        rows = ({"run_id": self._folder.run_id, **trial["row"]} for trial in self._finished.values())
        try:
            table = frame(TRIALS, rows)
        except (TypeError, ValueError) as error:
            raise UsageError(f"{self.path / 'trials'} holds a row that this version did not write: {error}") from error
        # earlier versions called a trial ok whose test loss had overflowed; a measuring process has none, and no epochs
        overflowed = (table["status"] == "ok") & table["epochs"].notna() & table["test_accuracy"].isna()
        table.loc[overflowed, ["status", "status_detail"]] = ["diverged", "the test loss was not finite"]
        return table

    @cached_property
    def curves(self) -> "pd.DataFrame":
        """One row a trial and epoch; epoch 0 is the start."""
        rows: list[dict[str, Any]] = []
        for trial in self._finished.values():
            if trial["curve"] is None:
                continue
            names = [column.name for column in CURVES]
            shared = {name: trial["row"][name] for name in names if name in trial["row"] and name not in trial["curve"]}
            shared["run_id"] = self._folder.run_id
            columns = trial["curve"]
            rows += [shared | dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        return frame(CURVES, rows)

    @cached_property
    def gradients(self) -> "pd.DataFrame":
        """One row a scenario, seed and layer: gradients before the first update, where a suite asks for them."""
        rows: list[dict[str, Any]] = []
        for suite in self.settings.suites:
            scenarios = [self.scenarios[name] for name in self.suites[suite].starts]
            rows += first_gradients(scenarios, self.settings.seeds[suite], self.data(suite)) if scenarios else []
        return frame(GRADIENTS, ({"run_id": self.run_id, **row} for row in rows))

    @cached_property
    def measurements(self) -> "pd.DataFrame":
        """One row a quantity and case that a measuring process found; ``columns.md`` says what each is."""
        shared = ("suite", "scenario", "contender", "seed", "repetition", "threads")
        rows = [
            {"run_id": self.run_id, **{name: trial["row"].get(name) for name in shared}, **found}
            for trial in self._finished.values()
            for found in trial.get("measurements") or []
        ]
        return frame(MEASUREMENTS, rows)

    @property
    def tables(self) -> Tables:
        """Its tables together, from which findings are drawn."""
        return Tables(self.trials, self.curves, self.gradients, self.measurements)

    def summary(self) -> "pd.DataFrame":
        """Return one row for each contender on each scenario: centres, spreads, and the trials behind them."""
        return summarize(self.trials)

    @cached_property
    def thread_pools(self) -> dict[str, list[str]]:
        """The libraries with threads that each contender had loaded, with version and kernels."""
        found: dict[str, list[str]] = {}
        for trial in self._finished.values():
            for pool in trial.get("thread_pools") or []:
                words = " ".join(
                    str(pool[name]) for name in ("internal_api", "version", "architecture") if pool.get(name)
                )
                known = found.setdefault(trial["row"]["contender"], [])
                if words not in known:
                    known.append(words)
        return found

    @property
    def missing(self) -> int:
        """How many planned trials have no row yet."""
        return len(self._folder.run.get("trials", [])) - len(self._finished)

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """What the proof of equality said, before the clock."""
        path = self.path / "proof.json"
        if not path.exists():
            return []
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))["verdicts"]
            return [Verdict(**{**verdict, "drift": tuple(verdict["drift"])}) for verdict in kept]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is not a proof that this version wrote: {error}") from error

    @cached_property
    def findings(self) -> list[Finding]:
        """What each suite found: one sentence, and its tables."""
        return [find(suite, self.tables) for suite in self.settings.suites]

    def data(self, suite: str) -> Data:
        """Return the data of a suite, of its first seed where each seed draws its own."""
        scenario = self.suites[suite].entries[0].scenario
        return load_data(scenario.dataset, self.settings.seeds[suite][0] if self.settings.resample_data else None)

    def _compared(self) -> dict[str, Table]:
        """Return what others reach on the data of each duel."""
        found = {}
        for suite in self.settings.suites:
            if self.suites[suite].is_duel:
                seed = self.settings.seeds[suite][0]
                dataset = self.suites[suite].entries[0].scenario.dataset
                found[suite] = reference_table(dataset, seed if self.settings.resample_data else None, seed)
        return found

    def weights(self, suite: str, scenario: str, contender: str) -> "list[FloatArray] | None":
        """Return the last weights of a contender at the suite's first seed, in Keras's order; None if none are kept.

        Raises:
            UsageError: if the file is not one of this scenario's weights.
        """
        kept = self._folder.arrays("weights", _arrays_name(suite, scenario, contender))
        if kept is None or scenario not in self.scenarios:
            return None
        weights = [kept[f"weight_{index}"] for index in range(len(kept)) if f"weight_{index}" in kept]
        expected = self.scenarios[scenario].network.weight_shapes
        if tuple(array.shape for array in weights) != expected:
            raise UsageError(f"the kept weights of {contender} in {self.path} must have the shapes {expected}")
        return weights

    def frames(self, suite: str, scenario: str, contender: str) -> "tuple[IntArray, FloatArray] | None":
        """Return epochs, (frames,), and the weights at their ends, (frames, parameters); None if none are kept."""
        kept = self._folder.arrays("frames", _arrays_name(suite, scenario, contender))
        if kept is None or scenario not in self.scenarios:
            return None
        parameters = self.scenarios[scenario].network.parameters
        if {"epochs", "weights"} - set(kept) or kept["weights"].shape != (len(kept["epochs"]), parameters):
            raise UsageError(f"the kept frames of {contender} in {self.path} must hold epochs and {parameters} weights")
        return kept["epochs"], kept["weights"]

    def plot(self, name: str) -> "Figure":
        """Return a picture of the report as a matplotlib figure.

        Args:
            name: of the picture (``"convergence-twins"``), or of its kind (``"convergence"``, ``"wall-time"``,
                ``"accuracy"``, ``"boundaries"``, ``"duel"``, ``"data"``): then of the fair duel, if the run holds it.

        Raises:
            UsageError: if there is none of that name; the nearest is given.
        """
        return find_picture(self, name).figure

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the sentences and the table by contender."""
        return render_summary(content_of(self))

    def derive(self, *, animate: bool = False, observer: Observer | None = None) -> Path:
        """Write everything that is derived from the trials again, and return the page's path.

        ``animate`` adds the decision boundaries as they form, for runs whose frames were kept.
        """
        watching = observer or Observer()
        with saying(f"the run's folder {self.path} must be writable and have room for its tables and pictures"):
            tables = {
                "trials": self.trials,
                "curves": self.curves,
                "gradients": self.gradients,
                "measurements": self.measurements,
            }
            for name, table in tables.items():
                if name in ("trials", "curves") or len(table):
                    write_bytes(self.path / f"{name}.parquet", table.to_parquet(index=False))
            write_text(self.path / "summary.csv", self.summary().to_csv(index=False))
            write_text(self.path / "columns.md", describe_columns())
            content = content_of(self, draw_all(self, self.path / "plots", watching.drawing), self._compared())
            write_text(self.path / "report.md", render_markdown(content))
            duels = [suite for suite in self.settings.suites if self.suites[suite].is_duel]
            explorers = [made for suite in duels if (made := explorer(suite, self.curves))]
            animations = animate_all(self, self.path / "plots", watching.animating) if animate else {}
            for suite, animation in animations.items():
                if animation.gif is None:
                    watching.not_animated(suite, animation.words)
            write_text(self.path / PAGE, render_page(content, explorers, animations))
        return self.path / PAGE


def load(path: str | os.PathLike[str]) -> Run:
    """Return the run in a folder, finished or not.

    Raises:
        UsageError: if it is no such folder, or one of another schema.
    """
    return Run(RunFolder.open(Path(path)))


def latest(out: Path) -> Path:
    """Return the folder of the run that was begun last below ``out``.

    Raises:
        UsageError: if there is none.
    """
    # the names begin with the time
    found = sorted(path.parent for path in out.glob("*/run.json") if path.parent.name[:1].isdigit())
    if not found:
        raise UsageError(f"{out} holds no run yet; bench run makes one")
    return found[-1]


def run(
    *suites: str,
    seeds: int | Sequence[int] | None = None,
    contenders: Iterable[str] = (),
    threads: int = 1,
    out: str | os.PathLike[str] = DEFAULT_OUT,
    quick: bool = False,
    rigorous: bool = False,
    resample_data: bool = False,
    keep_environment: bool = False,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    data: tuple[str | os.PathLike[str], str] | None = None,
    animate: bool = False,
    observer: Observer | None = None,
) -> Run:
    """Prove the contenders equal, train them, and return the run.

    Args:
        suites: which, or files with scenarios of your own (``./mine.toml``); the usual ones if none is named.
        seeds: how many, or which; each suite has its own number unless told.
        contenders: names restrict a suite to these; files (``./mine.py``) join it.
        threads: how many each trial may use.
        out: the folder that the run's folder is made in.
        quick: few seeds and a fraction of the epochs, to see everything work.
        rigorous: many seeds.
        resample_data: draw new data and a new split for each seed as well.
        keep_environment: keep variables such as ``OPENBLAS_CORETYPE`` that pin one library's kernels.
        timeout_seconds: after which a trial is killed and recorded as timed out.
        data: a table of your own (CSV, Parquet, ``.npz``) and its target's column: a fair duel on it.
        animate: add the decision boundaries as they form to the report.
        observer: told of every step.

    Raises:
        UsageError: for unknown names or bad values.
        NotTwinsError: if a contender does not compute what the reference does; nothing is timed then.
        Interrupted: by Ctrl-C; what was finished is kept.
    """
    settings = make_settings(
        suites,
        seeds=seeds,
        contenders=contenders,
        threads=threads,
        quick=quick,
        rigorous=rigorous,
        resample_data=resample_data,
        keep_environment=keep_environment,
        timeout_seconds=timeout_seconds,
        data=None if data is None else (Path(data[0]), data[1]),
    )
    return start(settings, Path(out), observer or Observer(), animate=animate)


def start(settings: Settings, out: Path, observer: Observer, *, animate: bool = False) -> Run:
    """Make the run that the settings ask for, in a new folder below ``out``."""
    trials = plan_trials(settings)
    folder = RunFolder.create(
        out,
        "-".join(settings.suites),
        {
            "command": command_of(settings),
            "settings": asdict(settings),
            "environment": machine.environment(),
            "trials": [trial.key for trial in trials],
        },
    )
    return _carry_out(folder, settings, trials, observer, animate)


def resume(path: str | os.PathLike[str], *, observer: Observer | None = None, animate: bool = False) -> Run:
    """Do what is missing of a run that was interrupted, and return it.

    A trial made by other code, other versions or on another machine counts as missing, since its key differs.
    """
    folder = RunFolder.open(Path(path))
    settings = Run(folder).settings
    trials = plan_trials(settings)
    folder.run |= {"trials": [trial.key for trial in trials], "environment": machine.environment()}
    with saying(f"the run's folder {folder.path} must be writable"):
        folder.clear_scratch()
        folder.set_status("running")
    return _carry_out(folder, settings, trials, observer or Observer(), animate)


def _carry_out(
    folder: RunFolder, settings: Settings, trials: Sequence[PlannedTrial], observer: Observer, animate: bool
) -> Run:
    """Prove, run what is missing, derive; whatever happens, what was finished is kept."""
    todo = [trial for trial in trials if not folder.has_trial(trial.key)]
    again = f"finished trials are kept, and the rest can be done by: bench run --resume {folder.path}"
    observer.begin(trials, len(trials) - len(todo), folder.path)
    try:
        with saying(f"the run's folder {folder.path} must be writable and have room"):
            if todo or not (folder.path / "proof.json").exists():
                unavailable = _prove(folder, trials, settings, observer)
            for trial in todo:
                _run_one(folder, trial, settings, unavailable, observer)
    except KeyboardInterrupt:
        _stop(folder, "interrupted", observer)
        raise Interrupted(f"interrupted; {again}") from None
    except NotTwinsError as error:
        error.run = folder.path
        _stop(folder, "refused", observer)
        raise
    except UsageError as error:
        folder.clear_scratch()  # makes room, if it was room that was wanting
        with contextlib.suppress(UsageError):
            _stop(folder, "interrupted", observer)
        raise UsageError(f"{error}; {again}") from error
    return _stop(folder, "complete", observer, animate=animate)


def _stop(folder: RunFolder, status: str, observer: Observer, *, animate: bool = False) -> Run:
    """Leave the folder in order, and return the run that is in it."""
    with saying(f"the run's folder {folder.path} must be writable and have room"):
        folder.clear_scratch()
        folder.set_status(status)
    stopped = Run(folder)
    stopped.derive(animate=animate, observer=observer)
    return stopped


def _prove(
    folder: RunFolder, trials: Sequence[PlannedTrial], settings: Settings, observer: Observer
) -> dict[str, Verdict]:
    """Prove every contender in its scenarios, and return those that cannot be had here, with the reason.

    Raises:
        NotTwinsError: if one computes something else than the reference, or nothing.
    """
    scenarios: dict[ContenderInfo, dict[str, Scenario]] = {}
    for trial in trials:
        if trial.contender.is_twin:
            scenarios.setdefault(trial.contender, {})[trial.scenario.name] = trial.scenario
    if not scenarios:
        return {}
    verdicts = prove(
        [(info, cases_of(named.values())) for info, named in scenarios.items()],
        folder.scratch,
        timeout_seconds=settings.timeout_seconds,
        keep_environment=settings.keep_environment,
        on_progress=observer.proving,
    )
    observer.proven(verdicts)
    write_json(folder.path / "proof.json", {"verdicts": [_finite(asdict(verdict)) for verdict in verdicts]})
    for verdict in verdicts:
        if verdict.status == "differs":
            raise NotTwinsError(
                f"{verdict.contender} is no twin in {verdict.case}: the first quantity that differs is "
                f"{verdict.first}, by {verdict.first_difference:.1e} of its largest value"
                f"{f' ({verdict.diagnosis})' if verdict.diagnosis else ''}; nothing is compared"
            )
        if verdict.status in ("broken", "not offered"):
            raise NotTwinsError(f"{verdict.contender} could not be proven in {verdict.case}: {verdict.detail}")
    return {verdict.contender: verdict for verdict in verdicts if verdict.status in ("skipped", "unimportable")}


def _finite(verdict: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict for JSON, which has no infinity: a difference that is no number becomes 1e308."""
    most = 1e308

    def bounded(value: Any) -> Any:
        return min(value, most) if isinstance(value, float) else value

    return {name: bounded(value) for name, value in verdict.items()} | {
        "drift": [bounded(value) for value in verdict["drift"]]
    }


def _run_one(
    folder: RunFolder,
    trial: PlannedTrial,
    settings: Settings,
    unavailable: dict[str, Verdict],
    observer: Observer,
) -> None:
    observer.trial_started(trial)
    verdict = unavailable.get(trial.contender.name)
    if verdict is not None:
        status = "skipped" if verdict.status == "skipped" else "failed"
        finished = not_run(trial, None if trial.probe is not None else _data(trial, settings), status, verdict.detail)
    elif trial.probe is not None:
        finished = launch_probe(
            trial,
            trial.probe,
            folder.scratch / "trial",
            timeout_seconds=settings.timeout_seconds,
            keep_environment=settings.keep_environment,
            on_case=observer.epoch,
        )
    else:
        finished = launch(
            trial,
            _data(trial, settings),
            folder.scratch / "trial",
            timeout_seconds=settings.timeout_seconds,
            keep_environment=settings.keep_environment,
            on_epoch=observer.epoch,
        )
    if settings.known_suites()[trial.suite].is_duel and trial.seed == settings.seeds[trial.suite][0]:
        for kind, kept_weights in (("weights", finished.weights), ("frames", finished.frames)):
            if kept_weights is not None:
                folder.keep_arrays(
                    kind, _arrays_name(trial.suite, trial.scenario.name, trial.contender.name), kept_weights
                )
    log = finished.log if finished.row["status"] not in ("ok", "diverged") else None
    kept = {"row": finished.row, "curve": finished.curve, "thread_pools": finished.thread_pools}
    if finished.measurements is not None:
        kept["measurements"] = finished.measurements
    folder.write_trial(trial.key, kept, log)
    shutil.rmtree(folder.path / "scratch" / "trial", ignore_errors=True)
    observer.trial_finished(trial, finished.row)


def _arrays_name(suite: str, scenario: str, contender: str) -> str:
    return f"{suite}-{scenario}-{contender}"


def _data(trial: PlannedTrial, settings: Settings) -> Data:
    return load_data(trial.scenario.dataset, trial.seed if settings.resample_data else None)
