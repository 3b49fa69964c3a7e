"""`bench compare`: what changed from one run to another."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli import complete
from bench.cli.calibrating import CALIBRATION
from bench.cli.errors import one_sentence
from bench.cli.formats import AnyFormat, print_json
from bench.core.errors import UsageError


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN RUN…", help="The run before, and those to compare with it.", autocompletion=complete.runs
        ),
    ],
    margin: Annotated[
        str, typer.Option(metavar="SHARE", help="The least change that matters, such as 5% or 0.05.")
    ] = "5%",
    calibration: Annotated[
        Path, typer.Option(metavar="FILE", help="A/A runs, which say how much runs differ where nothing does.")
    ] = CALIBRATION,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with a picture, too.")] = None,
    form: AnyFormat = "text",
) -> None:
    """Compare runs: of each contender training, its ratio to NumPy, start, memory, accuracy, updates to the target.

    Each is better, worse, without measurable difference, or it cannot be told. Exits with 0 if nothing is worse, 1 if
    something is, 3 if something cannot be told.

    Example: bench compare results/RUN results/OTHER --margin 10%
    """
    with one_sentence():
        from bench.cli.display import console, show_table
        from bench.core.markdown import escape, markdown_table
        from bench.report.reported import load
        from bench.verdicts import calibration as calibrated
        from bench.verdicts import compare as judge

        if len(runs) < 2:
            raise UsageError(f"bench compare needs two runs or more, got {len(runs)}")
        known = None
        if calibration.exists() or calibration != CALIBRATION:
            known = calibrated.read(calibration)
        share = _share(margin)
        before, *others = map(load, runs)
        found = [(after, judge.compare(before, after, share, known)) for after in others]
        every = [each for _, own in found for each in own]
        errors, summary = judge.error_words(known), judge.summary(every)
        tables = [judge.table(own, before, after) for after, own in found]
        if html is not None:
            from bench.verdicts.compare_page import write_page

            write_page(html, before, found, (summary, errors), share)
        if form == "json":
            made = [
                {"before": before.run_id, "after": after.run_id, "quantities": list(map(judge.record, own))}
                for after, own in found
            ]
            print_json({"outcome": judge.outcome_of(every), "margin": share, "errors": errors, "runs": made})
        elif form == "markdown":
            typer.echo("\n\n".join([f"**{escape(summary)}**", *map(markdown_table, tables), escape(errors)]))
        else:
            out = console()
            for each in tables:
                show_table(out, each)
            out.print(errors)
            out.print(summary, style="bold")
        code = judge.EXIT_CODES.get(judge.outcome_of(every), 0)
    raise typer.Exit(code)


def _share(words: str) -> float:
    """Return a share written as ``5%`` or ``0.05``."""
    try:
        share = float(words.removesuffix("%")) / (100.0 if words.endswith("%") else 1.0)
    except ValueError:
        share = -1.0
    if not 0.0 < share < 1.0:
        raise UsageError(f"--margin must be a share above 0 and below 1, such as 5% or 0.05, got {words!r}")
    return share
