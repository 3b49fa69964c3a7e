"""The fair duel: the same network, start and order of rows, to find what the implementation alone changes."""

from itertools import combinations
from typing import TYPE_CHECKING

from bench.experiments.finding import Finding, Table, Tables, failures, interval_words, listed, seconds_words
from bench.statistics.interval import Interval, paired_difference, paired_ratio
from bench.statistics.pairs import in_given_order, largest_curve_gap, matched
from bench.statistics.summary import records

if TYPE_CHECKING:
    import pandas as pd

# Float32 twins part by rounding; this far apart their curves are still the same curve.
SAME_CURVE = 1e-3


def find(tables: Tables) -> Finding:
    """Return the finding of the suite ``twins``."""
    trials, curves = tables.trials, tables.curves
    twins = in_given_order(trials)
    curves = curves[curves["contender"].isin(twins["contender"])]
    ok = dict.fromkeys(twins[twins["status"] == "ok"]["contender"])
    present = sorted(ok, key=lambda name: name != "numpy")  # numpy first, the others as they come
    ratios = {
        (first, second): paired_ratio(list(pairs["train_seconds_first"]), list(pairs["train_seconds_second"]))
        for first, second in combinations(present, 2)
        if len(pairs := matched(twins, first, second))
    }
    notes = [*_curve_note(curves), *_plain_note(trials), *failures(trials)]
    shown = tuple(table for table in (_ratio_table(ratios), _accuracy_table(twins, present)) if table.rows)
    return Finding("twins", _sentence(twins, curves, ratios), shown, tuple(notes))


def _sentence(twins: "pd.DataFrame", curves: "pd.DataFrame", ratios: dict[tuple[str, str], Interval]) -> str:
    base = next(iter(ratios))[0] if ratios else None  # numpy, wherever it takes part
    slower = {second: _inverse(ratio) for (first, second), ratio in ratios.items() if first == base}
    ok = twins[twins["status"] == "ok"]
    if base is None:
        trained = f"only {listed(list(dict.fromkeys(ok['contender'])))}" if len(ok) else "no contender"
        return f"There is nothing to compare: {trained} trained to the end."
    compared = ok[ok["contender"].isin([base, *slower])]
    gap = largest_curve_gap(curves[curves["contender"].isin([base, *slower])])
    same = "along the same curve" if gap is not None and gap < SAME_CURVE else "but NOT along the same curve"
    longer = [f"{name} takes {_times(ratio)}" for name, ratio in slower.items()]
    threads = int(compared["threads"].max())
    accuracies = [
        f"{name} {mean:.3f}" for name, mean in compared.groupby("contender", sort=False)["test_accuracy"].mean().items()
    ]
    return (
        f"From the same start, {same}, {listed(longer)} as long to train as {base}, "
        f"at {threads} thread{'s' if threads > 1 else ''}; mean test accuracy: {listed(accuracies)}."
    )


def _times(ratio: Interval) -> str:
    if ratio.low is None or ratio.high is None:
        return f"{ratio.center:.3g} times (one pair: no interval)"
    undecided = ", which leaves open who is faster" if ratio.low <= 1.0 <= ratio.high else ""
    return (
        f"{ratio.center:.3g} times (95 % interval {ratio.low:.3g} to {ratio.high:.3g}, {ratio.count} pairs{undecided})"
    )


def _ratio_table(ratios: dict[tuple[str, str], Interval]) -> Table:
    rows = [
        (first, second, interval_words(ratio), interval_words(_inverse(ratio)))
        for (first, second), ratio in ratios.items()
    ]
    title = "Training seconds, paired by seed: geometric mean of the ratio and its 95 % t interval"
    return Table(title, ("first", "second", "first / second", "second / first"), tuple(rows))


def _inverse(ratio: Interval) -> Interval:
    if ratio.low is None or ratio.high is None:
        return Interval(1.0 / ratio.center, None, None, ratio.count)
    return Interval(1.0 / ratio.center, 1.0 / ratio.high, 1.0 / ratio.low, ratio.count)


def _accuracy_table(twins: "pd.DataFrame", present: list[str]) -> Table:
    rows = []
    for first, second in combinations(present, 2):
        pairs = matched(twins, first, second)
        if len(pairs):
            gap = paired_difference(list(pairs["test_accuracy_first"]), list(pairs["test_accuracy_second"]))
            rows.append((first, second, interval_words(gap)))
    return Table(
        "Test accuracy, paired by seed: mean difference and its 95 % t interval",
        ("first", "second", "first - second"),
        tuple(rows),
    )


def _curve_note(curves: "pd.DataFrame") -> list[str]:
    gap = largest_curve_gap(curves)
    if gap is None:
        return []
    verdict = "less than" if gap < SAME_CURVE else "NOT less than"
    return [
        f"Training-loss curves from the same seed differ by at most {gap:.1e}, over all epochs, seeds and contenders: "
        f"{verdict} {SAME_CURVE:g}."
    ]


def _plain_note(trials: "pd.DataFrame") -> list[str]:
    plain = trials[trials["order_hash"].isna() & (trials["status"] == "ok")]
    return [
        f"As most people write it, fit(x, y, shuffle=True), {row['contender']} took "
        f"{seconds_words(row['train_seconds'])} ({seconds_words(row['train_seconds'] / row['updates'])} an update) at "
        f"seed {row['seed']}, in an order of rows of its own: timed once, not paired."
        for row in records(plain)
    ]
