"""What a framework costs beyond training: a table with a line for each cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from bench.core.words import Table, amount, counted, interval_words, listed, times_words
from bench.experiments.base import Finding, Number, Tables, failures
from bench.statistics.interval import Interval, paired_ratio

if TYPE_CHECKING:
    import pandas as pd

DAVID = "numpy"


@dataclass(frozen=True)
class Line:
    """A line of the card.

    Attributes:
        title: what a reader calls it.
        quantity: a quantity of ``measurements``, or a column of ``trials``.
        unit: of the quantity.
        batch: rows of a prediction; None for a quantity without one.
    """

    title: str
    quantity: str
    unit: str
    batch: int | None = None

    def words(self, value: float) -> str:
        """Return a value of this line in words."""
        return amount(value, self.unit)


@dataclass(frozen=True)
class Cost:
    """A line of the card with what was measured of it.

    Attributes:
        line: which.
        values: by contender and seed.
        medians: by contender, over the seeds.
    """

    line: Line
    values: Mapping[str, Mapping[int, float]]
    medians: Mapping[str, float]


LINES = (
    Line("installed, with all it requires", "installed_bytes", "bytes"),
    Line("packages installed", "installed_distributions", "count"),
    Line("import", "import_seconds", "s"),
    Line("cold start to the first prediction", "cold_start_seconds", "s"),
    Line("memory after import", "rss_after_import_bytes", "bytes"),
    Line("peak memory, predicting", "peak_rss_bytes", "bytes"),
    Line("latency of one row, median", "predict_p50_seconds", "s", 1),
    Line("latency of one row, 99th percentile", "predict_p99_seconds", "s", 1),
    *(Line(f"rows a second, {size:,} at a time", "rows_per_second", "count", size) for size in (1, 32, 1024, 65_536)),
    Line("saved network", "saved_bytes", "bytes"),
    Line("energy of a start (J)", "start_joules", "count"),
    Line("energy of a million rows, 1,024 at a time (J)", "joules_per_million_rows", "count", 1024),
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


def find(tables: Tables) -> Finding[list[Cost]]:
    """Return what each contender costs, and how many times NumPy's cost that is.

    Raises:
        ValueError: if there is no table of measurements.
    """
    trials, measurements = tables.trials, tables.measured()
    card = [
        Cost(line, found, {contender: median(own.values()) for contender, own in found.items()})
        for line in LINES
        if (found := values(line, trials, measurements))
    ]
    contenders = list(dict.fromkeys(trials[trials["status"] == "ok"]["contender"]))
    shown = (_card(card, contenders), _ratios(card, contenders)) if card else ()
    return Finding(
        sentence=_sentence(card, contenders),
        result=card,
        numbers=_numbers(card),
        tables=tuple(table for table in shown if table.rows),
        notes=(*_notes(card), *failures(trials)),
    )


def _numbers(card: Sequence[Cost]) -> dict[str, Number]:
    """Return the medians, as ``<quantity>.<contender>``, or ``<quantity>.<rows>.<contender>`` of predictions."""
    found = {}
    for cost in card:
        name = cost.line.quantity if cost.line.batch is None else f"{cost.line.quantity}.{cost.line.batch}"
        for contender, value in cost.medians.items():
            found[f"{name}.{contender}"] = Number(value, cost.line.unit, count=len(cost.values[contender]))
    return found


def _sentence(card: Sequence[Cost], contenders: list[str]) -> str:
    by_quantity = {(cost.line.quantity, cost.line.batch): cost for cost in card}
    others = [name for name in contenders if name != DAVID]
    if DAVID not in contenders or not others:
        measured = f"only {listed(contenders)} was measured" if contenders else "no contender was measured"
        return f"There is nothing to compare: {measured} to the end."
    other = others[0]
    start = by_quantity["cold_start_seconds", None]
    ratio = _paired(start, other)
    if ratio is None:
        return f"There is nothing to compare: {other} and {DAVID} share no seed."
    further = []
    for quantity, words in (("installed_bytes", "the disk"), ("rss_after_import_bytes", "the memory after import")):
        if (cost := by_quantity.get((quantity, None))) and (times := _paired(cost, other)) is not None:
            further.append(f"{times.center:.3g} times {words}")
    beyond = f", and takes {listed(further)}" if further else ""
    return (
        f"From its start to its first prediction {other} needs {times_words(ratio)} as long as {DAVID} "
        f"({start.line.words(start.medians[other])} against {start.line.words(start.medians[DAVID])}){beyond}."
    )


def _paired(cost: Cost, contender: str) -> Interval | None:
    """Return a contender's values over NumPy's, paired by seed."""
    own, numpys = cost.values.get(contender, {}), cost.values.get(DAVID, {})
    seeds = sorted(own.keys() & numpys.keys())
    return paired_ratio([own[seed] for seed in seeds], [numpys[seed] for seed in seeds]) if seeds else None


def _card(card: Sequence[Cost], contenders: list[str]) -> Table:
    def cell(cost: Cost, contender: str) -> str:
        if contender not in cost.values:
            return "–"
        own = cost.values[contender].values()
        center, low, high = map(cost.line.words, (cost.medians[contender], min(own), max(own)))
        return center if low == high else f"{center} ({low} to {high})"

    count = max((len(own) for cost in card for own in cost.values.values()), default=0)
    return Table(
        f"The card: median (least to greatest) of {counted(count, 'fresh process')} a contender",
        ("cost", *contenders),
        tuple((cost.line.title, *(cell(cost, contender) for contender in contenders)) for cost in card),
    )


def _ratios(card: Sequence[Cost], contenders: list[str]) -> Table:
    others = [name for name in contenders if name != DAVID]

    def cell(ratio: Interval | None) -> str:
        if ratio is None:
            return "–"
        same = ratio.low == ratio.high  # sizes are the same in every process
        return interval_words(replace(ratio, low=None, high=None) if same else ratio)

    rows = [(cost.line.title, *(cell(_paired(cost, name)) for name in others)) for cost in card]
    return Table(
        f"How many times NumPy's cost ({DAVID}), paired by seed: geometric mean and 95 % t interval",
        ("cost", *others),
        tuple(row for row in rows if set(row[1:]) != {"–"}),
    )


def _notes(card: Sequence[Cost]) -> list[str]:
    if not card:
        return []
    energy = "Energy was not measured: this machine has no energy counter that a process may read."
    return [
        *([] if any("joules" in cost.line.quantity for cost in card) else [energy]),
        "Installed are the packages that are imported and all that they require, without .pyc files; the few kilobytes "
        "of this repository's own code are not counted, and a package that both need is counted on both sides.",
        "Latency and throughput are measured with each contender's own predict, and with predict_on_batch for "
        "keras_tuned. They include no server, no network and no queue.",
    ]
