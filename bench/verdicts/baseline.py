"""The baseline: the run that is committed. `bench check` is held against it; the README's figures come from it."""

import json
import math
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.contenders.registry import is_guest
from bench.core.errors import UsageError, unknown
from bench.drawing.convergence import thinned
from bench.experiments.finding import seconds_words
from bench.experiments.suites import SUITES
from bench.runs.session import Observer, Run, load
from bench.statistics.interval import paired_ratio
from bench.statistics.pairs import in_given_order, largest_curve_gap, matched
from bench.statistics.summary import records
from bench.store.folder import saying, write_json, write_text
from bench.store.tables import TRIALS

if TYPE_CHECKING:
    import pandas as pd

# Curves keep as many epochs as the fair duel has, so that those are whole; ten thousand would be megabytes in git. Of
# an experiment's many trials no curve is drawn: its first epoch, its last and a few between them are enough.
MOST_EPOCHS = 201
MOST_EPOCHS_OF_EXPERIMENTS = 11

# What everything else is derived from.
_SOURCES = ("run.json", "proof.json")

_MARKED = re.compile(r"<!--=(?P<name>[\w.]+)-->.*?<!--/-->", re.DOTALL)


def renew(run: Run, root: Path, texts: Sequence[Path], observer: Observer | None = None) -> Run:
    """Make a run the baseline: copy what it is derived from, with long curves thinned, derive the rest, fill the texts.

    The duels are the baseline itself, in ``root``; an experiment is kept in a folder of its name below. All of it
    together or nothing: whatever could be wrong with the run or the texts is found before the first change.

    Raises:
        UsageError: if the run is not whole, was quick, has a trial that is not ok, holds a user's own contender or
            scenario, or several experiments, lacks a figure that a text asks for, or if a file cannot be read or
            written.
    """
    folder = folder_of(run, root)
    if run.status != "complete" or run.missing or run.settings.quick:
        raise UsageError(f"a baseline must be a complete run of full length, {run.path} is not")
    if any(map(is_guest, run.trials["contender"])):
        raise UsageError(f"a baseline must hold the suites' own contenders alone, {run.path} has others")
    is_duel = folder == root
    # at a learning rate of 1, divergence is what an experiment was to find out
    good = ["ok"] if is_duel else ["ok", "diverged"]
    bad = int((~run.trials["status"].isin(good)).sum())
    if bad:
        raise UsageError(f"a baseline must hold trials that are ok, {bad} of {run.path} are not")
    lacking = [name for name in ("proof.json", "weights") if not (run.path / name).exists()]
    if is_duel and lacking:
        raise UsageError(f"a baseline must hold its proof and its last weights, {run.path} has no {lacking[0]}")
    filled = _filled(kept_figures(root, renewed=run), texts)
    partial = folder.with_name(f".{folder.name}.partial")
    with saying(f"the baseline's folder {folder} must be writable and have room"):
        shutil.rmtree(partial, ignore_errors=True)
        (partial / "trials").mkdir(parents=True)
        for name in _SOURCES:
            if (run.path / name).exists():
                shutil.copyfile(run.path / name, partial / name)
        most = MOST_EPOCHS if is_duel else MOST_EPOCHS_OF_EXPERIMENTS
        for path in sorted((run.path / "trials").glob("*.json")):
            trial = json.loads(path.read_text(encoding="utf-8"))
            write_json(partial / "trials" / path.name, trial | {"curve": _thin(trial["curve"], most)})
        if is_duel:
            shutil.copytree(run.path / "weights", partial / "weights")
        load(partial).derive(observer=observer)
        for experiment in _experiments(folder):
            shutil.copytree(experiment, partial / experiment.name)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    _write(filled)
    return load(folder)


def folder_of(run: Run, root: Path) -> Path:
    """Return where a run is kept as a baseline: in ``root``, or below it if it is an experiment's.

    Raises:
        UsageError: if it holds the user's own scenarios, or an experiment and something else.
    """
    suites = run.settings.suites
    if run.settings.scenarios:
        raise UsageError(f"a baseline must hold the harness's own scenarios alone, {run.path} has others")
    if all(run.suites[suite].by_default for suite in suites):
        return root
    if len(suites) > 1:
        raise UsageError(f"a baseline must be of the duels or of one experiment, {run.path} is of {', '.join(suites)}")
    return root / suites[0]


def _experiments(root: Path) -> list[Path]:
    return sorted(
        root / name for name, suite in SUITES.items() if (root / name / "run.json").is_file() and not suite.by_default
    )


def _thin(curve: dict[str, list[Any]] | None, most: int) -> dict[str, list[Any]] | None:
    """Return a curve with its start, its end, and epochs between them as a logarithmic axis wants them."""
    if curve is None:
        return None
    kept = [0, *(place + 1 for place in thinned(curve["epoch"][1:], most - 1))]
    return {name: [values[index] for index in kept] for name, values in curve.items()}


def kept_figures(root: Path, renewed: Run | None = None) -> dict[str, str]:
    """Return every figure that a text may quote: of the baseline, and of the experiments that are kept with it.

    ``renewed`` is a run that is to take the place of one of them. See `figures` and `experiment_figures`.
    """
    kept = {folder: load(folder) for folder in (root, *_experiments(root)) if (folder / "run.json").is_file()}
    if renewed is not None:
        kept[folder_of(renewed, root)] = renewed
    found: dict[str, str] = {}
    for folder, run in kept.items():
        found |= figures(run) if folder == root else experiment_figures(run)
    return found


def experiment_figures(run: Run) -> dict[str, str]:
    """Return the figures of an experiment, by name: ``<suite>.sentence``, ``<suite>.seeds``, and its finding's own."""
    found: dict[str, str] = {}
    for finding in run.findings:
        minutes = float(run.trials["process_seconds"].sum() + run.trials["teardown_seconds"].sum()) / 60
        own = {"sentence": finding.sentence, "seeds": str(len(run.settings.seeds[finding.suite]))}
        own |= {"trials": str(len(run.trials)), "minutes": f"{minutes:.0f}", **finding.figures}
        found |= {f"{finding.suite}.{name}": words for name, words in own.items()}
    return found


def figures(run: Run) -> dict[str, str]:
    """Return every figure of a run of the duels that a text may quote, by name.

    ``<scenario>.<contender>.<column>`` is a column of the trials: the median over seeds, or the mean of a share;
    ``ratio.<first>.<second>`` the paired ratio of training seconds in the fair duel, ``.low`` and ``.high`` its 95 %
    t interval.
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
    ok = run.trials[run.trials["status"] == "ok"]
    for scenario, contender in dict.fromkeys(zip(ok["scenario"], ok["contender"], strict=True)):
        own = ok[(ok["scenario"] == scenario) & (ok["contender"] == contender)]
        found |= {f"{scenario}.{contender}.{name}": words for name, words in _columns(own).items()}
    fair = in_given_order(run.trials[run.trials["suite"] == "twins"])
    found |= _ratios(fair)
    gap = largest_curve_gap(
        run.curves[(run.curves["suite"] == "twins") & run.curves["contender"].isin(fair["contender"])]
    )
    if gap is not None:
        found["twins.curve_gap"] = f"{gap:.1e}"
    return found


def _columns(trials: "pd.DataFrame") -> dict[str, str]:
    words = {"trials": str(len(trials)), "reached": str(int(trials["reached_target"].sum()))}
    for column in TRIALS:
        if column.unit == "share":
            words[column.name] = f"{100 * trials[column.name].mean():.1f} %"
        elif column.unit in ("s", "bytes", "count"):
            values = trials[column.name].astype("float64")
            # what never came counts as infinity
            median = float((values.fillna(math.inf) if column.name.endswith("_to_target") else values).median())
            words[column.name] = _amount(median, column.unit)
    updates = trials["train_seconds"] / trials["updates"].astype("float64")
    words["update_seconds"] = seconds_words(float(updates.median()))
    return words


def _amount(value: float, unit: str) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "never"
    if unit == "s":
        return seconds_words(value)
    return f"{value / 1e6:,.0f} MB" if unit == "bytes" else f"{value:,.0f}"


def _ratios(trials: "pd.DataFrame") -> dict[str, str]:
    found = {}
    contenders = list(dict.fromkeys(row["contender"] for row in records(trials)))
    for first in contenders:
        for second in contenders:
            pairs = matched(trials, first, second) if first != second else trials[:0]
            if pairs.empty:
                continue
            ratio = paired_ratio(list(pairs["train_seconds_first"]), list(pairs["train_seconds_second"]))
            found[f"ratio.{first}.{second}"] = f"{ratio.center:.3g}"
            if ratio.low is not None and ratio.high is not None:
                found |= {
                    f"ratio.{first}.{second}.low": f"{ratio.low:.3g}",
                    f"ratio.{first}.{second}.high": f"{ratio.high:.3g}",
                }
    return found


def fill(text: str, values: dict[str, str]) -> str:
    """Return a text whose figures, each between ``<!--=name-->`` and ``<!--/-->``, are those of ``values``.

    Raises:
        UsageError: if there is no figure of a name.
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
        UsageError: if a text cannot be read or written, or asks for a figure that there is not; none is changed then.
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
