"""Writes everything that is derived from a run: tables, summary, findings, pictures and the report."""

from dataclasses import replace
from pathlib import Path

from bench.report.animations import animate_all
from bench.report.content import content_of
from bench.report.explorer import explorer
from bench.report.markdown import render as render_markdown
from bench.report.page import render as render_page
from bench.report.pictures import draw_all, draw_for_phones
from bench.report.reference_points import reference
from bench.runs.observer import Observer
from bench.runs.record import Run
from bench.store.files import saying, write_bytes, write_json, write_text
from bench.store.tables import describe_columns

# The report for a browser; commands about a run print its path last.
PAGE = "report.html"


def write_report(run: Run, observer: Observer | None = None, *, animate: bool = False) -> Path:
    """Write everything that is derived from the run's trials again, and return the page's path.

    ``animate`` adds the decision boundaries as they form, for runs whose frames were kept.

    Raises:
        UsageError: if the folder cannot be written, or the disk is full.
    """
    watching = observer or Observer()
    with saying(f"the run's folder {run.path} must be writable and have room for its tables and pictures"):
        _write_tables(run)
        findings = [finding.to_json() for finding in run.findings]
        write_json(run.path / "findings.json", {"run_id": run.run_id, "findings": findings}, indent=1)
        plots = run.path / "plots"
        compared = [suite for suite, experiment in run.experiments.items() if experiment.compares_contenders]
        references = {suite: reference(run.part(suite)) for suite in compared}
        drawn = draw_all(run, plots, watching.drawing)
        animations = animate_all(run, compared, plots, watching.animating) if animate else {}
        for suite, animation in animations.items():
            if animation.gif is None:
                watching.not_animated(suite, animation.words)
        content = content_of(run, drawn, references)
        if animate:
            content = replace(content, command=f"{content.command} --animate")
        write_text(run.path / "report.md", render_markdown(content, animations))
        explorers = [made for suite in compared if (made := explorer(suite, run.curves))]
        write_text(run.path / PAGE, render_page(content, explorers, animations, draw_for_phones(run, drawn)))
    return run.path / PAGE


def _write_tables(run: Run) -> None:
    always = {"trials": run.trials, "curves": run.curves}
    where_made = {"gradients": run.gradients, "measurements": run.measurements}
    for name, table in {**always, **{name: table for name, table in where_made.items() if len(table)}}.items():
        write_bytes(run.path / f"{name}.parquet", table.to_parquet(index=False))
    write_text(run.path / "summary.csv", run.summary().to_csv(index=False))
    write_text(run.path / "columns.md", describe_columns())
