"""Does a model need its framework? Training and serving on both sides, each as a ratio to NumPy."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.core.score import score_of
from bench.core.words import Table, bytes_words, interval_words, seconds_words, three_digits, times_words
from bench.experiments.base import Finding, Number, Tables
from bench.experiments.comparing import Comparison
from bench.experiments.duel.finding import find as find_duel
from bench.statistics.interval import Interval, paired_ratio
from bench.statistics.pairs import in_given_order, matched

if TYPE_CHECKING:
    import pandas as pd

DAVID = "numpy"

Ratios = Mapping[str, Mapping[str, Interval]]

# What is compared: the words, the columns whose sum is taken, and how a value is written.
_LINES = {
    "training": (("train_seconds",), seconds_words),
    "answering one row": (("predict_one_seconds",), seconds_words),
    "answering 1,024 rows": (("predict_batch_seconds",), seconds_words),
    "start until it can train": (
        ("startup_seconds", "import_seconds", "build_seconds", "first_update_seconds"),
        seconds_words,
    ),
    "peak memory": (("peak_rss_bytes",), bytes_words),
}


def find(tables: Tables) -> Finding[Comparison]:
    """Return what the fair duel finds, and first whether the model needs its framework."""
    found = find_duel(tables)
    twins = in_given_order(tables.trials)
    ratios = _ratios(twins)
    if not ratios["training"]:
        return found
    goliath = min(ratios["training"], key=lambda name: ratios["training"][name].center)  # Keras at its best here
    numbers = {
        f"{line.replace(' ', '_')}.{name}": Number.of(ratio)
        for line, by_name in ratios.items()
        for name, ratio in by_name.items()
    }
    score = score_of(tables.trials)
    start = tables.curves[tables.curves["epoch"] == 0][score.test].mean()
    before = (
        f"With the weights in its file, before any training here, it has a test {score.words} of {start:.3f}; if it "
        "was trained on rows of this table, it has seen test rows, and this says nothing of new ones."
    )
    return replace(
        found,
        sentence=f"{_answer(twins, ratios, goliath)} {found.sentence}",
        notes=(*([before] if start == start else []), *found.notes),
        numbers={**found.numbers, **numbers},
        tables=(_table(twins, ratios), *found.tables),
    )


def _ratios(twins: "pd.DataFrame") -> dict[str, dict[str, Interval]]:
    """Return every contender's figure over NumPy's, paired by seed, by line and contender."""
    others = [name for name in dict.fromkeys(twins["contender"]) if name != DAVID]
    pairs = {name: found for name in others if len(found := matched(twins, name, DAVID))}

    def total(found: "pd.DataFrame", columns: tuple[str, ...], side: str) -> list[float]:
        return list(found[[f"{column}_{side}" for column in columns]].sum(axis=1))

    return {
        line: {
            name: paired_ratio(total(found, columns, "first"), total(found, columns, "second"))
            for name, found in pairs.items()
        }
        for line, (columns, _) in _LINES.items()
    }


def _answer(twins: "pd.DataFrame", ratios: Ratios, goliath: str) -> str:
    """Return whether the framework is needed, and what it costs or buys."""
    training, one = ratios["training"][goliath], ratios["answering one row"][goliath]

    def cost(line: str) -> tuple[str, str]:
        theirs, ours = (_typical(twins, name, line) for name in (goliath, DAVID))
        return f"{three_digits(ratios[line][goliath].center)} times", f"({theirs} against {ours})"

    parts = {line: cost(line) for line in ("answering one row", "start until it can train", "peak memory")}
    (row, of_row), (start, of_start), (memory, of_memory) = parts.values()
    costs = (
        f"in {goliath} it takes {row} as long to answer a row {of_row}, {start} as long to start {of_start}, and "
        f"{memory} the memory {of_memory}"
    )
    trains = f"{goliath} trains it {times_words(training)} as long as {DAVID}"
    if training.low is None or training.high is None or one.low is None:
        return f"One seed cannot tell whether this model needs its framework. {trains}; {costs}."
    if training.low > 1.0:
        return f"This model does not need its framework: {trains}; {costs}."
    if training.high < 1.0:
        return f"This model trains faster in its framework: {trains}; {costs}."
    if one.low > 1.0:
        return (
            f"To be served this model does not need its framework: {costs}. Which trains faster stays open: {trains}."
        )
    return f"Whether this model trains faster in its framework stays open: {trains}; {costs}."


def _typical(twins: "pd.DataFrame", name: str, line: str) -> str:
    """Return the geometric mean of a contender's figure, in words: the ratio of two is that of their pairs."""
    columns, write = _LINES[line]
    ok = twins[(twins["status"] == "ok") & (twins["contender"] == name)]
    return write(math.exp(np.log(ok[list(columns)].sum(axis=1)).mean()))


def _table(twins: "pd.DataFrame", ratios: Ratios) -> Table:
    others = list(ratios["training"])
    rows = [
        (
            line,
            _typical(twins, DAVID, line),
            *(f"{_typical(twins, name, line)}: {interval_words(ratios[line][name], of='pairs')}" for name in others),
        )
        for line in _LINES
    ]
    title = "Training and serving: geometric means, and each over NumPy's, paired by seed, with its 95 % t interval"
    return Table(title, ("", DAVID, *others), tuple(rows))
