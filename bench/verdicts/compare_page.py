"""The page of `bench compare`: a forest plot and a table for each run that was compared."""

from collections.abc import Sequence
from pathlib import Path

from bench.drawing.forest import Line, draw
from bench.report.page import render_plain
from bench.runs.record import Run
from bench.store.files import saying, write_text
from bench.verdicts.compare import Compared, table


def write_page(
    path: Path, before: Run, found: Sequence[tuple[Run, Sequence[Compared]]], words: Sequence[str], margin: float
) -> None:
    """Write the comparison of a run with others as one file that needs no network.

    Raises:
        UsageError: if the file cannot be written.
    """
    pictures = [
        draw(f"forest-{number}", f"{after.run_id} against {before.run_id}", _lines(own), margin)
        for number, (after, own) in enumerate(found)
    ]
    tables = [table(own, before, after) for after, own in found]
    page = render_plain(f"What changed since run {before.run_id}", words, pictures, tables)
    with saying(f"the page {path} must be a file that can be written"):
        write_text(path, page)


def _lines(found: Sequence[Compared]) -> list[Line]:
    return [
        Line(
            f"{each.scenario}, {each.contender}: {each.quantity}", change.center, change.low, change.high, each.verdict
        )
        for each in found
        if (change := each.change) is not None and change.low is not None and change.high is not None and each.is_factor
    ]
