"""Where Keras becomes faster than NumPy: one update by width, depth and batch, and a whole job with its start."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from bench.core.words import (
    Table,
    break_even_words,
    counted,
    interval_words,
    listed,
    ratio_words,
    seconds_words,
    three_digits,
)
from bench.experiments.base import Finding, Number, Tables, failures
from bench.experiments.crossover.update_map import DAVID, JOB_UPDATES, Cell, Crossing, cells, crossings
from bench.statistics.interval import Interval

BEST = "keras_tuned"
_NAMES = {BEST: "Goliath with XLA", "keras": "Keras as most have it"}


def find(tables: Tables) -> Finding[list[Cell]]:
    """Return where Keras overtakes NumPy, and at how many places of the map each is faster.

    Raises:
        ValueError: if there is no table of measurements.
    """
    trials, measurements = tables.trials, tables.measured()
    found = cells(trials, measurements)
    lines = crossings(trials, measurements)
    shown = (_steady_table(found, lines), _job_table(found), _light_table(found)) if found else ()
    notes = [*_how_notes(found), *_keras_note(found), *failures(trials)]
    return Finding(
        sentence=_sentence(found, lines),
        result=found,
        numbers=_numbers(found),
        labels=_labels(found),
        tables=shown,
        notes=tuple(notes),
    )


def _numbers(found: Sequence[Cell]) -> dict[str, Number]:
    """Return, by number of threads, in how many cases each side is faster, and both ends of the reported line.

    Of Keras with XLA; ``plain`` is Keras with its defaults.
    """
    best = [cell for cell in found if cell.contender == BEST]
    numbers = {"processes": Number(max((cell.steady.count for cell in best), default=0), "count")}
    for threads in dict.fromkeys(cell.threads for cell in best):
        own = [cell for cell in best if cell.threads == threads]
        faster = {"david": DAVID, "goliath": BEST, "open": None}
        counts = {name: sum(cell.faster == who for cell in own) for name, who in faster.items()}
        line = _on_reported_line(own)
        counts |= {"cases": len(own), "narrow.width": line[0].width, "wide.width": line[-1].width}
        plain = [cell for cell in found if (cell.contender, cell.threads) == ("keras", threads)]
        counts |= {"plain.cases": len(plain), "plain.goliath": sum(cell.faster == "keras" for cell in plain)}
        numbers |= {f"{threads}.{name}": Number(count, "count") for name, count in counts.items()}
        numbers |= _ends(f"{threads}", line) | _ends(f"{threads}.plain", _on_reported_line(plain))
    soonest = min((cell.break_even_updates for cell in best), default=math.inf)
    return numbers | {"soonest": Number(soonest, "updates")}


def _labels(found: Sequence[Cell]) -> dict[str, str]:
    """Return, by number of threads, in how many cases Keras is faster, and in which.

    Of Keras with XLA; ``plain`` is Keras with its defaults.
    """
    labels = {}
    for name, rival in (("", BEST), ("plain.", "keras")):
        for threads in dict.fromkeys(cell.threads for cell in found if cell.contender == rival):
            own = [cell for cell in found if (cell.contender, cell.threads) == (rival, threads)]
            faster = [cell for cell in own if cell.faster == rival]
            labels[f"{threads}.{name}faster"] = f"{len(faster)} of {len(own)}"
            labels[f"{threads}.{name}faster.where"] = _places(faster)
    return labels


def _places(cells: Sequence[Cell]) -> str:
    """Return where on the map these cells lie; ``nowhere`` if there are none."""
    words = [f"{cell.width:,} units, {_layers(cell.depth)}, batches of {cell.batch}" for cell in cells]
    return "; ".join(words) or "nowhere"


def _ends(name: str, line: Sequence[Cell]) -> dict[str, Number]:
    """Return the ratios of the narrowest and the widest case of a line."""
    ends = {"narrow": line[0], "wide": line[-1]} if line else {}
    return {f"{name}.{end}": Number.of(cell.steady, "near one") for end, cell in ends.items()}


def _sentence(found: Sequence[Cell], lines: Sequence[Crossing]) -> str:
    rival = BEST if any(cell.contender == BEST for cell in found) else next((cell.contender for cell in found), None)
    own = [cell for cell in found if cell.contender == rival]
    if rival is None:
        return "There is nothing to compare: no update of two contenders was timed at the same place."
    told_lines = _on_reported_line([each for each in lines if each.contender == rival])
    name = _NAMES.get(rival, rival)
    counts = (
        f"of {len(own)} cases on the map David's update is faster in {sum(cell.faster == DAVID for cell in own)}, "
        f"Goliath's in {sum(cell.faster == rival for cell in own)}, and "
        f"{sum(cell.faster is None for cell in own)} stay open"
    )
    if not told_lines:
        return f"No process measured a whole line of the map; {counts}."
    (line,), at = told_lines, _on_reported_line(own)
    where = f"{_layers(line.depth)}, batches of {line.batch}, {counted(line.threads, 'thread')}"
    least, most = at[0], at[-1]
    if line.width is not None:
        told = f"{name} overtakes David at a width of {_interval(line.width, whole_number)} ({where})"
    elif line.beyond == line.count:
        told = (
            f"{name} overtakes David nowhere up to a width of {most.width:,}, where its update takes "
            f"{_interval(most.steady, ratio_words)} times as long ({where})"
        )
    elif line.below == line.count:
        told = (
            f"{name} is ahead of David from a width of {least.width:,} on, where its update takes "
            f"{_interval(least.steady, ratio_words)} times as long ({where})"
        )
    else:
        told = (
            f"{name} is ahead of David somewhere on the line in {line.count - line.beyond} of {line.count} processes "
            f"only, and at its end, a width of {most.width:,}, its update takes "
            f"{_interval(most.steady, ratio_words)} times as long ({where})"
        )
    return f"{told}; {counts}."


OnMap = TypeVar("OnMap", Cell, Crossing)


def _on_reported_line(given: Sequence[OnMap]) -> list[OnMap]:
    """Return what lies on the line that the sentence reports, which was chosen before any figure was seen.

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
    table = _by_width(
        "One update in steady state: seconds over David's, paired by process: geometric mean and 95 % t interval",
        found,
        lambda cell: interval_words(cell.steady),
    )
    crossing = {_line(line): _where(line) for line in lines}
    rows = tuple((*row, crossing.get(row[:4], "–")) for row in table.rows)
    return Table(table.title, (*table.columns, "reaches 1 at width"), rows)


def _job_table(found: Sequence[Cell]) -> Table:
    return _by_width(
        f"A fresh process that makes {JOB_UPDATES:,} updates, start and compilation counted: seconds over David's; and "
        f"after how many updates the start is paid for, by the medians",
        found,
        lambda cell: f"{interval_words(cell.whole)}; {break_even_words(cell.break_even_updates)}",
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


def _by_width(title: str, found: Sequence[Cell], words: Callable[[Cell], str]) -> Table:
    """Return a table with a row for each contender, number of threads, depth and batch, and a column for each width."""
    widths = sorted({cell.width for cell in found})
    rows: dict[tuple[str, ...], dict[int, str]] = {}
    for cell in found:
        rows.setdefault(_line(cell), {})[cell.width] = words(cell)
    return Table(
        title,
        ("contender", "threads", "hidden layers", "batch", *(f"width {width:,}" for width in widths)),
        tuple((*line, *(at.get(width, "–") for width in widths)) for line, at in rows.items()),
    )


def _line(of: Cell | Crossing) -> tuple[str, ...]:
    """Return what the first columns of a row name: contender, threads, hidden layers and batch."""
    return of.contender, str(of.threads), str(of.depth), str(of.batch)


def _where(line: Crossing) -> str:
    if line.width is not None:
        return interval_words(line.width, write=whole_number)
    parts = [
        (line.below, "below the map"),
        (line.count - line.below - line.beyond, "on it"),
        (line.beyond, "beyond it"),
    ]
    if max(count for count, _ in parts) == line.count:
        return next(words for count, words in parts if count)
    return f"{listed([f'{words} in {count}' for count, words in parts if count])} of {line.count} processes"


def whole_number(value: float) -> str:
    """Return a number without decimals."""
    return f"{value:.0f}"


def _interval(interval: Interval, write: Callable[[float], str] = three_digits) -> str:
    return interval_words(interval, write=write, prefix="95 % interval ", of="processes")


def _layers(depth: int) -> str:
    return counted(depth, "hidden layer")


def _how_notes(found: Sequence[Cell]) -> list[str]:
    if not found:
        return []
    notes = [
        "One process measures all places of a contender and a number of threads, one network after another: a fresh "
        "one for each place would cost its start every time and tell little more. What a process pays once is told "
        "apart from what each network pays, and a job's time includes both.",
        "Every interval stands for itself, at 95 %: of a hundred, five are expected to miss. Who is faster where is "
        "counted by a t test that is corrected for all of a contender's places (Holm), at a level of 5 % together.",
    ]
    best = [cell for cell in found if cell.contender == BEST and not math.isinf(cell.break_even_updates)]
    if best:
        soonest = min(best, key=lambda cell: cell.break_even_updates)
        never = sum(cell.contender == BEST for cell in found) - len(best)
        notes.append(
            f"At the earliest, {BEST} has made up for its slow start after "
            f"{break_even_words(soonest.break_even_updates)} updates (width {soonest.width:,}, "
            f"{_layers(soonest.depth)}, batches of {soonest.batch}, {counted(soonest.threads, 'thread')}); in {never} "
            f"of {never + len(best)} cases it never does, by the medians."
        )
    elif any(cell.contender == BEST for cell in found):
        notes.append(f"{BEST} never makes up for its slow start anywhere on the map, by the medians.")
    return notes


def _keras_note(found: Sequence[Cell]) -> list[str]:
    own = [cell for cell in found if cell.contender == "keras"]
    if not own:
        return []
    centers = [cell.steady.center for cell in own]
    where = [f"{_places([cell])}, {counted(cell.threads, 'thread')}" for cell in own if cell.faster == "keras"]
    return [
        f"Keras as most have it, without XLA and a step an execution, takes {min(centers):.3g} to "
        f"{max(centers):.3g} times David's update; it was measured at {_layers(own[0].depth)} alone. Its update is "
        f"faster than David's in {len(where)} of {len(own)} cases{': ' if where else ''}{'; '.join(where)}."
    ]
