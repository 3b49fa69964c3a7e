"""Runs together with their reports: what `bench.run` and `bench.load` return, and what the command line makes."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.report.content import content_of
from bench.report.page import render_summary
from bench.report.pictures import find_picture
from bench.report.write import write_report
from bench.runs import execute
from bench.runs.observer import Observer
from bench.runs.record import Run
from bench.runs.settings import Settings, make_settings
from bench.store.folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEFAULT_OUT = "results"


class ReportedRun(Run):
    """A run with its report attached: pictures on demand, and what a notebook shows."""

    def plot(self, name: str) -> "Figure":
        """Return a picture of the report as a matplotlib figure.

        Args:
            name: of the picture (``"convergence-twins"``), or of its kind (``"convergence"``, ``"wall-time"``,
                ``"accuracy"``, ``"boundaries"``, ``"duel"``, ``"data"``): then of the fair duel, if the run holds it.

        Raises:
            UsageError: if there is none of that name; the nearest is given.
        """
        return find_picture(self, name).figure

    def report(self, *, animate: bool = False, observer: Observer | None = None) -> Path:
        """Write the tables, pictures and report again, and return the page's path."""
        return write_report(self, observer, animate=animate)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the sentences and the table by contender."""
        return render_summary(content_of(self))


def load(path: str | os.PathLike[str]) -> ReportedRun:
    """Return the run in a folder, finished or not.

    Raises:
        UsageError: if the folder holds no run, or one of another schema.
    """
    return ReportedRun(RunFolder.open(Path(path)))


def run(
    *suites: str,
    seeds: int | Sequence[int] | None = None,
    data: tuple[str | os.PathLike[str], str] | None = None,
    out: str | os.PathLike[str] = DEFAULT_OUT,
    animate: bool = False,
    observer: Observer | None = None,
    **options: Any,
) -> ReportedRun:
    """Prove the contenders equal, train them, write the report, and return the run.

    Args:
        suites: names of experiments, folders of your own (``./my_experiment/``), or files with scenarios of your own
            (``./mine.toml``) or models (``./model.keras``); the usual experiments if none is named.
        seeds: how many, or which; each experiment has its own number unless told.
        data: a table of your own (CSV, Parquet, ``.npz``) and its target's column, for the scenario files and the
            model that are named, or for the fair duel's network if none is.
        out: the folder that the run's folder is made in.
        animate: add the decision boundaries as they form to the report.
        observer: called at every step.
        options: fields of `bench.runs.settings.Settings`: ``contenders``, ``threads``, ``quick``, ``rigorous``,
            ``task``, ``time_anyway``, ``resample_data``, ``keep_environment``, ``timeout_seconds``.

    Raises:
        UsageError: for unknown names or bad values.
        NotTwinsError: if a contender fails the proof, without ``time_anyway``; nothing is timed then.
        Interrupted: by Ctrl-C; what was finished is kept.
    """
    table = None if data is None else (Path(data[0]), data[1])
    settings = make_settings(suites, seeds=seeds, data=table, **options)
    return start(settings, Path(out), observer, animate=animate)


def start(settings: Settings, out: Path, observer: Observer | None = None, *, animate: bool = False) -> ReportedRun:
    """Make the run that the settings ask for in a new folder below ``out``, and its report."""
    watching = observer or Observer()
    made = execute.start(settings, out, watching, lambda stopped: write_report(stopped, watching, animate=animate))
    return load(made.path)


def resume(
    path: str | os.PathLike[str], observer: Observer | None = None, *, animate: bool = False, trust: bool = False
) -> ReportedRun:
    """Run what is missing of an interrupted run, write its report, and return it; see `execute.resume`."""
    watching = observer or Observer()
    made = execute.resume(path, watching, lambda stopped: write_report(stopped, watching, animate=animate), trust=trust)
    return load(made.path)
