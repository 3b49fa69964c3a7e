"""What a finding is, and the words that findings share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.statistics.interval import Interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Tables:
    """What a finding is drawn from: the tables of a run, or of one of its suites.

    Attributes:
        trials: one row a trial.
        curves: one row a trial and snapshot.
        gradients: one row a scenario, seed and layer, before the first update; empty where no suite asks for it.
        measurements: one row a quantity and case that a measuring process found; None where none was made.
    """

    trials: "pd.DataFrame"
    curves: "pd.DataFrame"
    gradients: "pd.DataFrame"
    measurements: "pd.DataFrame | None" = None

    def of(self, suite: str) -> "Tables":
        """Return the trials, curves and measurements of one suite, beside what no suite owns."""
        measured = self.measurements
        return Tables(
            self.trials[self.trials["suite"] == suite],
            self.curves[self.curves["suite"] == suite],
            self.gradients,
            None if measured is None else measured[measured["suite"] == suite],
        )

    def measured(self) -> "pd.DataFrame":
        """Return the measurements.

        Raises:
            ValueError: if there is no such table.
        """
        if self.measurements is None:
            raise ValueError("a suite that measures needs a table of measurements, got none")
        return self.measurements


@dataclass(frozen=True)
class Table:
    """A small table of words: its title, its columns, its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Finding:
    """One sentence with a number, the tables behind it, and what else a reader should know.

    Attributes:
        figures: in words, by name, for texts that quote them in sentences of their own.
    """

    suite: str
    sentence: str
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)


def interval_words(interval: Interval) -> str:
    """Return an interval as ``12.3 (11.9 to 12.8, 6 pairs)``, or say that there is none."""
    center = f"{interval.center:.3g}"
    if interval.low is None or interval.high is None:
        return f"{center} (one pair: no interval)"
    return f"{center} ({interval.low:.3g} to {interval.high:.3g}, {interval.count} pairs)"


def interval_figures(name: str, interval: Interval | None) -> dict[str, str]:
    """Return the figures ``name``, ``name.low`` and ``name.high`` of an interval, as far as there are any."""
    ends = {} if interval is None else {"": interval.center, ".low": interval.low, ".high": interval.high}
    return {f"{name}{end}": ratio_words(value) for end, value in ends.items() if value is not None}


def ratio_words(value: float) -> str:
    """Return a ratio with three digits, and with three decimals near 1, where the side on which it lies counts."""
    return f"{value:.3f}" if 0.9 < value < 1.1 else f"{value:.3g}"


def seconds_words(seconds: float) -> str:
    """Return a time with three digits, in the unit that suits it."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds:.1e} s"


def listed(words: Sequence[str]) -> str:
    """Return words as ``a``, ``a and b``, or ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def failures(trials: "pd.DataFrame") -> list[str]:
    """Return a sentence for each contender and status other than ``ok``: how many, and the first one's reason."""
    planned = dict(trials["contender"].value_counts())
    bad = trials[trials["status"] != "ok"]
    return [
        f"{name}: {len(group)} of {planned[name]} trials {status}: {group['status_detail'].iloc[0]}"
        for (name, status), group in bad.groupby(["contender", "status"], sort=False)
    ]
