"""The ratio of training times at each batch size, paired by seed, with its interval."""

from bench.core.words import Table, interval_words, listed
from bench.experiments.base import Finding, Number, Tables, failures
from bench.statistics.interval import Interval, paired_ratio
from bench.statistics.pairs import matched

from .plan import BATCHES

Ratios = dict[int, Interval]


def find(tables: Tables) -> Finding[Ratios]:
    """Return Keras's training seconds over NumPy's, by rows an update."""
    ratios: Ratios = {}
    for name, rows in BATCHES.items():
        pairs = matched(tables.trials[tables.trials["scenario"] == name], "keras", "numpy")
        if len(pairs):
            ratios[rows] = paired_ratio(list(pairs["train_seconds_first"]), list(pairs["train_seconds_second"]))
    return Finding(
        sentence=_sentence(ratios),
        result=ratios,
        numbers={f"ratio.{rows}": Number.of(ratio) for rows, ratio in ratios.items()},
        tables=(_table(ratios),) if ratios else (),
        notes=tuple(failures(tables.trials, by=("contender", "scenario"))),
        may=("How the batch size changes the ratio for this network, on this machine.",) if len(ratios) > 1 else (),
    )


def _sentence(ratios: Ratios) -> str:
    if not ratios:
        return "There is nothing to compare: at no batch size did NumPy and Keras both train to the end at one seed."
    found = [
        f"{interval_words(ratio, of='pairs', prefix='95 % interval ')} in batches of {rows}"
        for rows, ratio in ratios.items()
    ]
    return f"Keras's training time over NumPy's is {listed(found)}."


def _table(ratios: Ratios) -> Table:
    title = "Training seconds, Keras / NumPy, paired by seed: geometric mean and 95 % t interval"
    rows = [(str(rows), interval_words(ratio, of="pairs")) for rows, ratio in ratios.items()]
    return Table(title, ("rows an update", "Keras / NumPy"), tuple(rows))
