"""The baseline: the committed run. `bench check` compares with it, and figures in README and docs come from it."""

import io
import math
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.contenders.registry import is_guest
from bench.core.errors import UsageError, unknown
from bench.core.spec import AA
from bench.core.words import amount
from bench.drawing.convergence import thinned
from bench.experiments import EXPERIMENTS, duel
from bench.report.reported import load
from bench.report.write import write_report
from bench.runs.observer import Observer
from bench.runs.record import Run
from bench.statistics.summary import records
from bench.store.files import read_bytes, saying, write_bytes, write_text
from bench.store.folder import RunFolder, pack_trials
from bench.store.tables import TRIALS, frame
from bench.verdicts.calibration import calibration_figures
from bench.verdicts.compare import machines_differ

if TYPE_CHECKING:
    import pandas as pd

# Curves keep as many epochs as the fair duel has, so that those are whole; ten thousand would be megabytes in git. Of
# experiments with many trials no curve is drawn: the first epoch, the last and a few between them are enough.
MOST_EPOCHS = 201
MOST_EPOCHS_OF_EXPERIMENTS = 11

# What is committed: the sources and what README, docs and readers look at. Everything else is derived when needed.
_DERIVED = (
    "trials.parquet",
    "curves.parquet",
    "gradients.parquet",
    "measurements.parquet",
    "columns.md",
    "summary.csv",
)

# What everything else is derived from.
_SOURCES = ("run.json", "proof.json")

# Kept beside the runs: see `bench.verdicts.calibration`.
CALIBRATION = "calibration.json"

# The trials of the fair duel of several runs, one after another.
_RUNS = "runs.parquet"

_MARKED = re.compile(r"<!--=(?P<name>[\w.]+)-->.*?<!--/-->", re.DOTALL)


def renew(
    run: Run, root: Path, texts: Sequence[Path], observer: Observer | None = None, others: Sequence[Run] = ()
) -> Run:
    """Make a run the baseline: pack its trials, with long curves thinned, derive the report, fill the texts.

    With it are kept the trials of the fair duel of the ``others``, from which the gate knows how runs differ.

    The experiments that run by default are the baseline itself, in ``root``; any other is kept in a folder of its name
    below. Everything is checked before the first change, so that all of it is renewed or nothing.

    Raises:
        UsageError: if a run is incomplete, was quick, has a trial that is not ok, holds a user's own contender or
            scenario, or several experiments, lacks a figure that a text asks for, if the others are of another machine,
            or if a file cannot be read or written.
    """
    folder = folder_of(run, root)
    is_usual = folder == root
    for each in (run, *others):
        _check(each, is_usual=is_usual)
    duels = [_duel_of(each) for each in (run, *others)] if is_usual else []
    for each in others if is_usual else ():
        if other := machines_differ(run, each):
            raise UsageError(f"the runs of a baseline must be of one machine, {each.path} is of another: {other}")
    lacking = [name for name in ("proof.json", "weights") if not (run.path / name).exists()]
    if is_usual and lacking:
        raise UsageError(f"a baseline must hold its proof and its last weights, {run.path} has no {lacking[0]}")
    import pandas as pd

    filled = _filled(kept_figures(root, renewed=run), texts)
    partial = folder.with_name(f".{folder.name}.partial")
    with saying(f"the baseline's folder {folder} must be writable and have room"):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name in _SOURCES:
            if (run.path / name).exists():
                shutil.copyfile(run.path / name, partial / name)
        most = MOST_EPOCHS if is_usual else MOST_EPOCHS_OF_EXPERIMENTS
        trials = RunFolder.open(run.path).trials()
        pack_trials(partial, {key: trial | {"curve": _thin(trial["curve"], most)} for key, trial in trials.items()})
        for name in ("weights", "bands") if is_usual else ():
            if (run.path / name).exists():
                shutil.copytree(run.path / name, partial / name)
        if is_usual:
            write_bytes(partial / _RUNS, pd.concat(duels).to_parquet(index=False))
        write_report(load(partial), observer)
        for name in _DERIVED:
            (partial / name).unlink(missing_ok=True)
        for experiment in _experiments(folder):
            shutil.copytree(experiment, partial / experiment.name)
        if (folder / CALIBRATION).exists():
            shutil.copyfile(folder / CALIBRATION, partial / CALIBRATION)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    _write(filled)
    return load(folder)


def _check(run: Run, *, is_usual: bool) -> None:
    """Raise a UsageError if a run cannot be a baseline."""
    if run.status != "complete" or run.missing or run.settings.quick:
        raise UsageError(f"a baseline must be a complete run of full length, {run.path} is not")
    if any(map(is_guest, run.trials["contender"])):
        raise UsageError(f"a baseline must hold the suites' own contenders only, {run.path} has others")
    # in a sweep of learning rates divergence is a result
    good = ["ok"] if is_usual else ["ok", "diverged"]
    bad = int((~run.trials["status"].isin(good)).sum())
    if bad:
        raise UsageError(f"a baseline must hold trials that are ok, {bad} of {run.path} are not")


def _duel_of(run: Run) -> "pd.DataFrame":
    """Return the trials of the fair duel, and of the copy that was raced in it."""
    scenarios = run.trials.loc[run.trials["suite"] == duel.EXPERIMENT.name, "scenario"]
    return run.trials[run.trials["scenario"].isin(scenarios)]


def duels_of(baseline: Run) -> "list[pd.DataFrame]":
    """Return the trials of the fair duel of each run that a baseline holds; of a usual run, of that one.

    Raises:
        UsageError: if they are not those that `renew` wrote.
    """
    import pandas as pd

    path = baseline.path / _RUNS
    if not path.exists():
        return [_duel_of(baseline)]
    try:
        kept = pd.read_parquet(io.BytesIO(read_bytes(path)))
        trials = frame(TRIALS, records(kept.astype(object).where(kept.notna(), None)))
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} must hold the trials of runs that this version wrote: {error}") from error
    return [own for _, own in trials.groupby("run_id", sort=False)]


def folder_of(run: Run, root: Path) -> Path:
    """Return where a run is kept as a baseline: in ``root``, or below it for an experiment not run by default.

    Raises:
        UsageError: if it holds the user's own scenarios or experiments, or such an experiment and something else.
    """
    suites = run.settings.suites
    if run.settings.scenarios or run.settings.folders:
        raise UsageError(f"a baseline must hold the harness's own experiments only, {run.path} has others")
    if all(run.experiments[suite].by_default for suite in suites):
        return root
    if len(suites) > 1:
        raise UsageError(
            f"a baseline must be of the usual suites or of one other, {run.path} is of {', '.join(suites)}"
        )
    return root / suites[0]


def _experiments(root: Path) -> list[Path]:
    return sorted(
        root / name
        for name, each in EXPERIMENTS.items()
        if not each.by_default and (root / name / "run.json").is_file()
    )


def _thin(curve: dict[str, list[Any]] | None, most: int) -> dict[str, list[Any]] | None:
    """Return a curve with its start, its end, and epochs between them as a logarithmic axis wants them."""
    if curve is None:
        return None
    kept = [0, *(place + 1 for place in thinned(curve["epoch"][1:], most - 1))]
    return {name: [values[index] for index in kept] for name, values in curve.items()}


def kept_figures(root: Path, renewed: Run | None = None) -> dict[str, str]:
    """Return every figure that a text may quote: of the baseline, and of the experiments that are kept with it.

    ``renewed`` is a run that is to take the place of one of them. See `figures`.
    """
    folders = [folder for folder in (root, *_experiments(root)) if (folder / "run.json").is_file()]
    kept: dict[Path, Run] = {folder: load(folder) for folder in folders}
    if renewed is not None:
        kept[folder_of(renewed, root)] = renewed
    found: dict[str, str] = {}
    for folder, run in kept.items():
        found |= figures(run) | (_of_the_baseline(run) if folder == root else {})
    return found | calibration_figures(root / CALIBRATION)


def figures(run: Run) -> dict[str, str]:
    """Return the figures of a run, in words, by name.

    ``<experiment>.sentence``, ``.seeds``, ``.trials``, ``.minutes``, and every number of its finding as
    ``<experiment>.<number>``.
    """
    found: dict[str, str] = {}
    for finding in run.findings:
        own = run.part(finding.suite).tables.trials
        minutes = float(own["process_seconds"].sum() + own["teardown_seconds"].sum()) / 60
        shared = {"sentence": finding.sentence, "seeds": str(len(run.settings.seeds[finding.suite]))}
        shared |= {"trials": str(len(own)), "minutes": f"{minutes:.0f}"}
        found |= {f"{finding.suite}.{name}": words for name, words in (shared | finding.words()).items()}
    return found


def _of_the_baseline(run: Run) -> dict[str, str]:
    """Return figures of the machine, and ``<scenario>.<contender>.<column>`` of the trials.

    A column's figure is the median over seeds, or the mean of a share.
    """
    found = {
        "run.seeds": str(max(map(len, run.settings.seeds.values()))),
        "run.threads": str(run.settings.threads),
        "run.trials": str(len(run.trials)),
        "run.processor": str(run.environment.get("processor")),
        "run.processors": str(run.environment.get("processors")),
        "run.python": str(run.environment.get("python")),
        "proof.largest": f"{max((verdict.largest or 0.0 for verdict in run.verdicts), default=math.nan):.0e}",
        **{f"version.{name}": str(number) for name, number in run.environment.get("versions", {}).items()},
    }
    ok = run.trials[(run.trials["status"] == "ok") & (run.trials["suite"] != AA)]
    for (scenario, contender), own in ok.groupby(["scenario", "contender"], sort=False):
        found |= {f"{scenario}.{contender}.{name}": words for name, words in _columns(own).items()}
    return found


def _columns(trials: "pd.DataFrame") -> dict[str, str]:
    words = {"trials": str(len(trials)), "reached": str(int(trials["reached_target"].sum()))}
    for column in TRIALS:
        if column.unit == "share":
            words[column.name] = amount(float(trials[column.name].mean()), column.unit)
        elif column.unit in ("s", "bytes", "count"):
            values = trials[column.name].astype("float64")
            # a target that was never reached counts as infinity
            median = float((values.fillna(math.inf) if column.name.endswith("_to_target") else values).median())
            words[column.name] = amount(median, column.unit)
    updates = trials["train_seconds"] / trials["updates"].astype("float64")
    words["update_seconds"] = amount(float(updates.median()), "s")
    return words


def fill(text: str, values: dict[str, str]) -> str:
    """Return a text whose figures, each between ``<!--=name-->`` and ``<!--/-->``, are those of ``values``.

    Raises:
        UsageError: if a name is unknown; the nearest is given.
    """

    def figure(marked: re.Match[str]) -> str:
        name = marked["name"]
        if name not in values:
            raise unknown("figure", name, values)
        return f"<!--={name}-->{values[name]}<!--/-->"

    return _MARKED.sub(figure, text)


def write_figures(root: Path, texts: Sequence[Path]) -> None:
    """Write the baseline's figures into texts.

    Raises:
        UsageError: if a text cannot be read or written, or asks for an unknown figure; none is changed then.
    """
    _write(_filled(kept_figures(root), texts))


def _filled(values: dict[str, str], texts: Sequence[Path]) -> dict[Path, str]:
    filled = {}
    for path in texts:
        with saying(f"the text {path} must be there to take the baseline's figures"):
            filled[path] = fill(path.read_text(encoding="utf-8"), values)
    return filled


def _write(texts: dict[Path, str]) -> None:
    for path, text in texts.items():
        with saying(f"the text {path} must be writable"):
            write_text(path, text)
