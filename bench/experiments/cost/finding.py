"""What a framework costs beyond training: the card."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.experiments.finding import Finding, Table, Tables, failures, listed, seconds_words
from bench.statistics.interval import Interval, paired_ratio

if TYPE_CHECKING:
    import pandas as pd

SUITE = "cost"

DAVID = "numpy"


def bytes_words(value: float) -> str:
    """Return a size in the unit that suits it, with three digits."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.0f} B"


def count_words(value: float) -> str:
    """Return a number with three digits, thousands apart."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


@dataclass(frozen=True)
class Line:
    """A line of the card.

    Attributes:
        title: what a reader calls it.
        quantity: a quantity of ``measurements``, or a column of ``trials``.
        words: how to write a value.
        batch: rows of the prediction, where the quantity has such a thing.
    """

    title: str
    quantity: str
    words: Callable[[float], str]
    batch: int | None = None


LINES = (
    Line("installed, with all it requires", "installed_bytes", bytes_words),
    Line("packages installed", "installed_distributions", count_words),
    Line("import", "import_seconds", seconds_words),
    Line("cold start to the first prediction", "cold_start_seconds", seconds_words),
    Line("memory after import", "rss_after_import_bytes", bytes_words),
    Line("peak memory, predicting", "peak_rss_bytes", bytes_words),
    Line("latency of one row, median", "predict_p50_seconds", seconds_words, 1),
    Line("latency of one row, 99th percentile", "predict_p99_seconds", seconds_words, 1),
    *(
        Line(f"rows a second, {size:,} at a time", "rows_per_second", count_words, size)
        for size in (1, 32, 1024, 65_536)
    ),
    Line("saved network", "saved_bytes", bytes_words),
    Line("energy of a start (J)", "start_joules", count_words),
    Line("energy of a million rows, 1,024 at a time (J)", "joules_per_million_rows", count_words, 1024),
)


def values(line: Line, trials: "pd.DataFrame", measurements: "pd.DataFrame") -> dict[str, dict[int, float]]:
    """Return what was measured of a line of the card, by contender and seed."""
    found: dict[str, dict[int, float]] = {}
    if line.quantity in trials.columns and line.quantity != "peak_rss_bytes":
        rows = trials[trials["status"] == "ok"].assign(value=lambda table: table[line.quantity])
    else:
        rows = measurements[measurements["quantity"] == line.quantity]
        if line.batch is not None:
            rows = rows[rows["batch"] == line.batch]
    for contender, seed, value in zip(rows["contender"], rows["seed"], rows["value"], strict=True):
        found.setdefault(contender, {})[int(seed)] = float(value)
    return found


def find(tables: Tables) -> Finding:
    """Return the finding of the suite ``cost``.

    Raises:
        ValueError: if there is no table of measurements.
    """
    trials, measurements = tables.trials, tables.measured()
    card = {line: found for line in LINES if (found := values(line, trials, measurements))}
    contenders = list(dict.fromkeys(trials[trials["status"] == "ok"]["contender"]))
    shown = (_card(card, contenders), _ratios(card, contenders)) if card else ()
    notes = [*_energy_note(card), *_scope_notes(card), *failures(trials)]
    tables_shown = tuple(table for table in shown if table.rows)
    return Finding(SUITE, _sentence(card, contenders), tables_shown, tuple(notes), _figures(card))


def _figures(card: dict[Line, dict[str, dict[int, float]]]) -> dict[str, str]:
    """Return the medians, as ``<quantity>.<contender>``, or ``<quantity>.<rows>.<contender>`` of predictions."""
    return {
        f"{line.quantity}{'' if line.batch is None else f'.{line.batch}'}.{contender}": line.words(_median(each))
        for line, found in card.items()
        for contender, each in found.items()
    }


def _sentence(card: dict[Line, dict[str, dict[int, float]]], contenders: list[str]) -> str:
    by_quantity = {(line.quantity, line.batch): (line, found) for line, found in card.items()}
    others = [name for name in contenders if name != DAVID]
    if DAVID not in contenders or not others:
        measured = f"only {listed(contenders)} was measured" if contenders else "no contender was measured"
        return f"There is nothing to compare: {measured} to the end."
    other = others[0]
    line, found = by_quantity["cold_start_seconds", None]
    ratio = _paired(found, other)
    if ratio is None:
        return f"There is nothing to compare: {other} and {DAVID} share no seed."
    further = []
    for quantity, words in (("installed_bytes", "the disk"), ("rss_after_import_bytes", "the memory after import")):
        if (each := by_quantity.get((quantity, None))) and (times := _paired(each[1], other)) is not None:
            further.append(f"{times.center:.3g} times {words}")
    beyond = f", and takes {listed(further)}" if further else ""
    return (
        f"From its start to its first prediction {other} needs {_interval(ratio)} as long as {DAVID} "
        f"({line.words(_median(found[other]))} against {line.words(_median(found[DAVID]))}){beyond}."
    )


def _interval(ratio: Interval) -> str:
    if ratio.low is None or ratio.high is None:
        return f"{ratio.center:.3g} times (one pair: no interval)"
    return f"{ratio.center:.3g} times (95 % interval {ratio.low:.3g} to {ratio.high:.3g}, {ratio.count} pairs)"


def _paired(found: dict[str, dict[int, float]], contender: str) -> Interval | None:
    """Return a contender's values over David's, paired by seed."""
    seeds = sorted(found.get(contender, {}).keys() & found.get(DAVID, {}).keys())
    if not seeds:
        return None
    return paired_ratio([found[contender][seed] for seed in seeds], [found[DAVID][seed] for seed in seeds])


def _median(found: dict[int, float]) -> float:
    from statistics import median

    return median(found.values())


def _card(card: dict[Line, dict[str, dict[int, float]]], contenders: list[str]) -> Table:
    def cell(line: Line, found: dict[int, float]) -> str:
        if not found:
            return "–"
        center, low, high = (line.words(value) for value in (_median(found), min(found.values()), max(found.values())))
        return center if low == high else f"{center} ({low} to {high})"

    counts = max((len(found) for by_name in card.values() for found in by_name.values()), default=0)
    return Table(
        f"The card: median (least to greatest) of {counts} fresh process{'es' if counts > 1 else ''} a contender",
        ("cost", *contenders),
        tuple(
            (line.title, *(cell(line, found.get(contender, {})) for contender in contenders))
            for line, found in card.items()
        ),
    )


def _ratios(card: dict[Line, dict[str, dict[int, float]]], contenders: list[str]) -> Table:
    others = [name for name in contenders if name != DAVID]

    def cell(ratio: Interval | None) -> str:
        if ratio is None:
            return "–"
        if ratio.low is None or ratio.high is None or ratio.low == ratio.high:
            return f"{ratio.center:.3g}"
        return f"{ratio.center:.3g} ({ratio.low:.3g} to {ratio.high:.3g})"

    rows = [(line.title, *(cell(_paired(found, name)) for name in others)) for line, found in card.items()]
    return Table(
        f"How many times David's ({DAVID}), paired by seed: geometric mean and 95 % t interval",
        ("cost", *others),
        tuple(row for row in rows if set(row[1:]) != {"–"}),
    )


def _energy_note(card: dict[Line, dict[str, dict[int, float]]]) -> list[str]:
    if not card or any(line.quantity.startswith(("start_joules", "joules")) for line in card):
        return []
    return ["Energy is unreported: this machine has no counter of it that a process may read."]


def _scope_notes(card: dict[Line, dict[str, dict[int, float]]]) -> list[str]:
    if not card:
        return []
    return [
        "Installed are the packages that are imported and all that they require, without .pyc files; the few kilobytes "
        "of this repository's own code are not counted, and a package that both need is counted on both sides.",
        "Latency and throughput are each contender's own way to predict: numpy_nn's and Keras's predict, and "
        "predict_on_batch for keras_tuned. No server, no network, no queue is in them.",
    ]
