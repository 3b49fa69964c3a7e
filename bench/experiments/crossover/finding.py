"""When Goliath wins: one update's time by width, depth and batch, and a whole job's with its start counted."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from bench.experiments.crossover.update_map import DAVID, JOB_UPDATES, Cell, Crossing, cells, crossings
from bench.experiments.finding import Finding, Table, Tables, failures, interval_figures, listed, seconds_words
from bench.statistics.interval import Interval

SUITE = "crossover"

BEST = "keras_tuned"
_NAMES = {BEST: "Goliath with XLA", "keras": "Keras as most have it"}


def find(tables: Tables) -> Finding:
    """Return the finding of the suite ``crossover``.

    Raises:
        ValueError: if there is no table of measurements.
    """
    trials, measurements = tables.trials, tables.measured()
    found = cells(trials, measurements)
    lines = crossings(trials, measurements)
    shown = (_steady_table(found, lines), _job_table(found), _light_table(found)) if found else ()
    notes = [*_how_notes(found), *_keras_note(found), *failures(trials)]
    return Finding(SUITE, _sentence(found, lines), shown, tuple(notes), _figures(found))


def _figures(found: Sequence[Cell]) -> dict[str, str]:
    """Return, by number of threads, in how many cases who is faster, and both ends of the line that is told.

    Of Goliath with XLA; ``plain`` is Keras as most have it.
    """
    best = [cell for cell in found if cell.contender == BEST]
    figures = {"processes": str(max((cell.steady.count for cell in best), default=0))}
    for threads in dict.fromkeys(cell.threads for cell in best):
        own = [cell for cell in best if cell.threads == threads]
        faster = {"david": DAVID, "goliath": BEST, "open": None}
        counts = {name: sum(cell.faster == who for cell in own) for name, who in faster.items()}
        figures |= {f"{threads}.{name}": str(count) for name, count in {"cases": len(own), **counts}.items()}
        line = _told(own)
        figures |= {f"{threads}.narrow.width": f"{line[0].width:,}", f"{threads}.wide.width": f"{line[-1].width:,}"}
        figures |= _ends(f"{threads}", line)
        plain = [cell for cell in found if _is_plain(cell, threads)]
        figures |= _ends(f"{threads}.plain", _told(plain))
        figures[f"{threads}.plain.cases"] = str(len(plain))
        figures[f"{threads}.plain.goliath"] = str(sum(cell.faster == "keras" for cell in plain))
    soonest = min((cell.break_even_updates for cell in best), default=math.inf)
    return figures | {"soonest": break_even_words(soonest)}


def _is_plain(cell: Cell, threads: int) -> bool:
    return (cell.contender, cell.threads) == ("keras", threads)


def _ends(name: str, line: Sequence[Cell]) -> dict[str, str]:
    """Return the figures of the narrowest and the widest case of a line."""
    if not line:
        return {}
    return interval_figures(f"{name}.narrow", line[0].steady) | interval_figures(f"{name}.wide", line[-1].steady)


def _sentence(found: Sequence[Cell], lines: Sequence[Crossing]) -> str:
    rival = BEST if any(cell.contender == BEST for cell in found) else next((cell.contender for cell in found), None)
    own = [cell for cell in found if cell.contender == rival]
    if rival is None:
        return "There is nothing to compare: no update of two contenders was timed at the same place."
    told_lines = _told([each for each in lines if each.contender == rival])
    name = _NAMES.get(rival, rival)
    counts = (
        f"of {len(own)} cases on the map David's update is faster in {sum(cell.faster == DAVID for cell in own)}, "
        f"Goliath's in {sum(cell.faster == rival for cell in own)}, and "
        f"{sum(cell.faster is None for cell in own)} stay open"
    )
    if not told_lines:
        return f"No process measured a whole line of the map; {counts}."
    (line,), at = told_lines, _told(own)
    where = f"{_layers(line.depth)}, batches of {line.batch}, {_threads(line.threads)}"
    least, most = at[0], at[-1]
    if line.width is not None:
        told = f"{name} overtakes David at a width of {_interval(line.width, '.0f')} ({where})"
    elif line.beyond == line.count:
        told = (
            f"{name} overtakes David nowhere up to a width of {most.width:,}, where its update takes "
            f"{_interval(most.steady)} times as long ({where})"
        )
    elif line.below == line.count:
        told = (
            f"{name} is ahead of David from a width of {least.width:,} on, where its update takes "
            f"{_interval(least.steady)} times as long ({where})"
        )
    else:
        told = (
            f"{name} is ahead of David somewhere on the line in {line.count - line.beyond} of {line.count} processes "
            f"only, and at its end, a width of {most.width:,}, its update takes {_interval(most.steady)} times as long "
            f"({where})"
        )
    return f"{told}; {counts}."


OnMap = TypeVar("OnMap", Cell, Crossing)


def _told(given: Sequence[OnMap]) -> list[OnMap]:
    """Return what lies on the line of which the sentence tells, which was chosen before any figure was seen.

    The least threads, the greatest depth, and the middle of the batches.
    """
    if not given:
        return []
    threads = min(each.threads for each in given)
    depth = max(each.depth for each in given if each.threads == threads)
    plane = [each for each in given if (each.threads, each.depth) == (threads, depth)]
    batches = sorted({each.batch for each in plane})
    return [each for each in plane if each.batch == batches[len(batches) // 2]]


def _steady_table(found: Sequence[Cell], lines: Sequence[Crossing]) -> Table:
    crossing = {(line.contender, line.threads, line.depth, line.batch): _where(line) for line in lines}
    return _by_width(
        "One update in steady state: seconds over David's, paired by process: geometric mean and 95 % t interval",
        found,
        lambda cell: _short(cell.steady),
        ("reaches 1 at width", lambda row: crossing.get(row, "–")),
    )


def _job_table(found: Sequence[Cell]) -> Table:
    return _by_width(
        f"A fresh process that makes {JOB_UPDATES:,} updates, start and compilation counted: seconds over David's; and "
        f"after how many updates the start is paid for, by the medians",
        found,
        lambda cell: f"{_short(cell.whole)}; {break_even_words(cell.break_even_updates)}",
    )


def _light_table(found: Sequence[Cell]) -> Table:
    def shares(cell: Cell) -> str:
        if cell.products_seconds is None:
            return "–"
        light = cell.products_seconds
        return (
            f"{seconds_words(light)}: {cell.david_seconds / light:.3g} and {cell.update_seconds / light:.3g} times that"
        )

    return _by_width(
        "The speed of light, an update's matrix products alone in NumPy, and how many times that David's and the "
        "contender's update take (medians)",
        found,
        shares,
    )


def _by_width(
    title: str,
    found: Sequence[Cell],
    words: Callable[[Cell], str],
    further: tuple[str, Callable[[tuple[str, int, int, int]], str]] | None = None,
) -> Table:
    """Return a table with a row for each contender, number of threads, depth and batch, and a column for each width."""
    widths = sorted({cell.width for cell in found})
    rows: dict[tuple[str, int, int, int], dict[int, str]] = {}
    for cell in found:
        rows.setdefault((cell.contender, cell.threads, cell.depth, cell.batch), {})[cell.width] = words(cell)
    return Table(
        title,
        ("contender", "threads", "hidden layers", "batch", *(f"width {width:,}" for width in widths))
        + (() if further is None else (further[0],)),
        tuple(
            (row[0], *map(str, row[1:]), *(at.get(width, "–") for width in widths))
            + (() if further is None else (further[1](row),))
            for row, at in rows.items()
        ),
    )


def _where(line: Crossing) -> str:
    if line.width is not None:
        return _short(line.width, ".0f")
    parts = [
        (line.below, "below the map"),
        (line.count - line.below - line.beyond, "on it"),
        (line.beyond, "beyond it"),
    ]
    if max(count for count, _ in parts) == line.count:
        return next(words for count, words in parts if count)
    return f"{listed([f'{words} in {count}' for count, words in parts if count])} of {line.count} processes"


def break_even_words(updates: float) -> str:
    """Return after how many updates a start is paid for: ``never``, ``at once``, or a number of two digits."""
    if math.isinf(updates):
        return "never"
    if updates < 1.0:
        return "at once"
    for scale, unit in ((1e9, " billion"), (1e6, " million")):
        if updates >= scale:
            return f"{updates / scale:.2g}{unit}"
    digits = max(0, math.floor(math.log10(updates)) - 1)
    return f"{round(updates, -digits):,.0f}"


def _short(interval: Interval, form: str = ".3g") -> str:
    if interval.low is None or interval.high is None:
        return f"{interval.center:{form}}"
    return f"{interval.center:{form}} ({interval.low:{form}} to {interval.high:{form}})"


def _interval(interval: Interval, form: str = ".3g") -> str:
    if interval.low is None or interval.high is None:
        return f"{interval.center:{form}} (one process: no interval)"
    return (
        f"{interval.center:{form}} (95 % interval {interval.low:{form}} to {interval.high:{form}}, "
        f"{interval.count} processes)"
    )


def _layers(depth: int) -> str:
    return f"{depth} hidden layer{'s' if depth > 1 else ''}"


def _threads(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def _how_notes(found: Sequence[Cell]) -> list[str]:
    if not found:
        return []
    notes = [
        "One process measures all places of a contender and a number of threads, one network after another: a fresh "
        "one for each place would cost its start every time and tell little more. What a process pays once is told "
        "apart from what each network pays, and both stand in a job's time.",
        "Every interval stands for itself, at 95 %: of a hundred, five are expected to miss. Who is faster where is "
        "counted by a t test that is corrected for all of a contender's places (Holm), at a level of 5 % together.",
    ]
    best = [cell for cell in found if cell.contender == BEST and not math.isinf(cell.break_even_updates)]
    if best:
        soonest = min(best, key=lambda cell: cell.break_even_updates)
        never = sum(cell.contender == BEST for cell in found) - len(best)
        notes.append(
            f"Soonest, {BEST} has paid for its start after {break_even_words(soonest.break_even_updates)} updates "
            f"(width {soonest.width:,}, {_layers(soonest.depth)}, batches of {soonest.batch}, "
            f"{_threads(soonest.threads)}); in {never} of {never + len(best)} cases it never does, by the medians."
        )
    elif any(cell.contender == BEST for cell in found):
        notes.append(f"Nowhere on the map has {BEST} paid for its start after any number of updates, by the medians.")
    return notes


def _keras_note(found: Sequence[Cell]) -> list[str]:
    own = [cell for cell in found if cell.contender == "keras"]
    if not own:
        return []
    centers = [cell.steady.center for cell in own]
    return [
        f"Keras as most have it, without XLA and a step an execution, takes {min(centers):.3g} to "
        f"{max(centers):.3g} times David's update; it was measured at {_layers(own[0].depth)} alone."
    ]
