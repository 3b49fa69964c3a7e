"""Makes a run: plans it, proves its contenders, runs its trials, and resumes what was interrupted."""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.contenders.registry import ContenderInfo
from bench.core.errors import Interrupted, NotTwinsError, UsageError
from bench.core.spec import AA, Scenario
from bench.core.words import NOT_EQUAL
from bench.datasets import load as load_data
from bench.doctor.examine import look
from bench.doctor.judge import judge
from bench.proof.cases import cases_of
from bench.proof.prove import Verdict, prove, tracebacks, unproven
from bench.runs.bands import keep_bands
from bench.runs.observer import Observer
from bench.runs.plan import plan_trials
from bench.runs.record import Run, arrays_name
from bench.runs.settings import Settings, command_of, settings_of
from bench.store import canary
from bench.store.files import printed, saying
from bench.store.folder import RunFolder
from bench.trials.launch import launch, not_run
from bench.trials.schedule import PlannedTrial

Report = Callable[[Run], object]


def start(settings: Settings, out: Path, observer: Observer, report: Report = lambda _run: None) -> Run:
    """Make the run that the settings ask for, in a new folder below ``out``.

    ``report`` is called with the run when it stops, whatever its status, to write what is derived from it.

    Raises:
        NotTwinsError: if a contender fails the proof; nothing is timed then.
        Interrupted: by Ctrl-C; what was finished is kept.
        UsageError: if the folder cannot be written or the disk is full; what was finished is kept.
    """
    trials = plan_trials(settings)
    described = {
        "command": command_of(settings),
        "settings": asdict(settings),
        "environment": {},
        "trials": [trial.key for trial in trials],
    }
    with RunFolder.create(out, "-".join(settings.suites), described).locked() as folder:
        return _carry_out(folder, settings, trials, observer, report)


def resume(
    path: str | os.PathLike[str], observer: Observer, report: Report = lambda _run: None, *, trust: bool = False
) -> Run:
    """Run what is missing of a run that was interrupted, and return it; see `start`.

    A trial made by other code, other versions or on another machine counts as missing, since its key differs.

    Raises:
        UsageError: if the folder names code of the user's own, which is run only with ``trust``; if another process
            runs it; and as in `start`.
    """
    with RunFolder.open(Path(path)).locked() as folder:
        settings = settings_of(folder.run)
        if settings.code and not trust:
            raise UsageError(
                f"{folder.path} would run the code in {', '.join(settings.code)}: read it, then add --trust"
            )
        Run(folder)  # names what else is wrong with the folder, before anything is run
        trials = plan_trials(settings)
        folder.run["trials"] = [trial.key for trial in trials]
        with saying(f"the run's folder {folder.path} must be writable"):
            folder.clear_scratch()
            folder.set_status("running")
        return _carry_out(folder, settings, trials, observer, report)


def _carry_out(
    folder: RunFolder, settings: Settings, trials: Sequence[PlannedTrial], observer: Observer, report: Report
) -> Run:
    """Prove, run what is missing, report; whatever happens, what was finished is kept."""
    kept = folder.trials()
    todo = [trial for trial in trials if trial.key not in kept]
    trust = " --trust" if settings.code else ""
    again = f"finished trials are kept, and the rest can be done by: bench run --resume {folder.path}{trust}"
    observer.begin(trials, len(trials) - len(todo), folder.path)
    try:
        with saying(f"the run's folder {folder.path} must be writable and have room"):
            if todo or not folder.run["environment"]:
                _look_at_the_machine(folder, observer)
            if todo or not (folder.path / "proof.json").exists():
                unavailable = _prove(folder, trials, settings, observer)
            experiments = settings.experiments()
            for trial in todo:
                keep_weights = trial.suite != AA and experiments[trial.suite].compares_contenders
                _run_one(folder, trial, settings, unavailable, observer, keep_weights=keep_weights)
            if todo:
                folder.run["environment"]["canary_after"] = canary.seconds()
            keep_bands(folder, trials, settings, observer, made={trial.key for trial in todo})
    except KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt, Interrupted):  # a second one, while the report is written
            _stop(folder, "interrupted", report)
        raise Interrupted(f"interrupted; {again}") from None
    except NotTwinsError as error:
        error.run = folder.path
        _stop(folder, "refused", report)
        raise
    except UsageError as error:
        folder.clear_scratch()  # frees room, if the disk is full
        with contextlib.suppress(UsageError):
            _stop(folder, "interrupted", report)
        raise UsageError(f"{error}; {again}") from error
    return _stop(folder, "complete", report)


def _look_at_the_machine(folder: RunFolder, observer: Observer) -> None:
    """Record the machine, and how quiet it is, as it is before the trials."""
    found = look(observer.looking)
    judgement = judge(found)
    observer.looked(judgement)
    before = {"doctor": judgement.record(), "canary_before": canary.seconds()}
    folder.run["environment"] = found.environment | before
    folder.save()


def _stop(folder: RunFolder, status: str, report: Report) -> Run:
    """Leave the folder in order, report, and return the run that is in it."""
    with saying(f"the run's folder {folder.path} must be writable and have room"):
        folder.clear_scratch()
        folder.set_status(status)
    stopped = Run(folder)
    try:
        report(stopped)
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted while the report was written; the run is {status}, and its report can be written by: "
            f"bench report {folder.path}"
        ) from None
    return stopped


def _prove(
    folder: RunFolder, trials: Sequence[PlannedTrial], settings: Settings, observer: Observer
) -> dict[str, Verdict]:
    """Prove every contender in its scenarios, and return those that cannot run here, with the reason.

    Raises:
        NotTwinsError: if one computes nothing, or something else than the reference, unless that is timed anyway.
    """
    scenarios: dict[ContenderInfo, dict[str, Scenario]] = {}
    for trial in trials:
        if trial.contender.is_twin:
            scenarios.setdefault(trial.contender, {})[trial.scenario.name] = trial.scenario
    if not scenarios:
        return {}

    def tell(contender: str, text: str, failed: bool) -> None:
        log = folder.keep_log(f"proof-{contender}", text) if failed else None
        observer.contender_printed(contender, text, failed=failed, log=log)

    verdicts = prove(
        [(info, cases_of(named.values())) for info, named in scenarios.items()],
        folder.scratch,
        timeout_seconds=settings.timeout_seconds,
        memory_limit=settings.memory_limit_bytes,
        keep_environment=settings.keep_environment,
        on_progress=observer.proving,
        on_printed=tell,
    )
    for contender, told in tracebacks(verdicts):
        observer.contender_raised(contender, told)
    observer.proven(verdicts)
    folder.write_proof(_finite([asdict(verdict) for verdict in verdicts]))
    untimed = ("broken", "not offered") if settings.time_anyway else ("broken", "not offered", "differs")
    wrong = [verdict for verdict in verdicts if verdict.status in untimed]
    if wrong:
        different = all(verdict.status == "differs" for verdict in wrong)
        instead = f"; --time-anyway times it all the same, marked{NOT_EQUAL}" if different else ""
        raise NotTwinsError(f"not proven: {unproven(wrong)}; nothing is compared{instead}")
    return {verdict.contender: verdict for verdict in verdicts if verdict.status in ("skipped", "unimportable")}


def _finite(value: Any) -> Any:
    """Return plain values for JSON, which has no infinity: an infinite difference becomes 1e308."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return min(value, 1e308) if isinstance(value, float) else value


def _run_one(
    folder: RunFolder,
    trial: PlannedTrial,
    settings: Settings,
    unavailable: dict[str, Verdict],
    observer: Observer,
    *,
    keep_weights: bool,
) -> None:
    observer.trial_started(trial)
    verdict = unavailable.get(trial.contender.name)
    resample_seed = trial.seed if settings.resample_data else None
    data = None if trial.probe is not None else load_data(trial.scenario.dataset, resample_seed)
    if verdict is not None:
        status = "skipped" if verdict.status == "skipped" else "failed"
        finished = not_run(trial, data, status, verdict.detail)
    else:
        finished = launch(
            trial,
            data,
            folder.scratch / "trial",
            timeout_seconds=settings.timeout_seconds,
            memory_limit=settings.memory_limit_bytes,
            keep_environment=settings.keep_environment,
            on_progress=observer.epoch,
        )
    if keep_weights and trial.seed == settings.seeds[trial.suite][0]:
        name = arrays_name(trial.suite, trial.scenario.name, trial.contender.name)
        for kind, arrays in (("weights", finished.weights), ("frames", finished.frames)):
            if arrays is not None:
                folder.keep_arrays(kind, name, arrays)
    log = finished.log if finished.row.status not in ("ok", "diverged") else None
    kept = {"row": asdict(finished.row), "curve": finished.curve, "thread_pools": finished.thread_pools}
    if finished.measurements is not None:
        kept["measurements"] = finished.measurements
    kept_log = folder.write_trial(trial.key, kept, log)
    if log is not None:
        text = printed(log, finished.traceback)
        observer.contender_printed(trial.contender.name, text, failed=True, log=kept_log)
    if finished.traceback:
        observer.contender_raised(trial.contender.name, finished.traceback)
    observer.trial_finished(trial, finished.row)
