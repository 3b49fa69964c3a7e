"""What an experiment is: a folder with a plan, a finding and pictures.

The folder's ``__init__.py`` exports one `Experiment`, named ``EXPERIMENT``, from ``plan.py``. ``finding.py`` has a
function ``find(tables) -> Finding``, and ``figures.py`` a function ``pictures(results, finding) -> Pictures``. Both are
imported when they are used, so that listing the experiments imports nothing heavy.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from bench.core.spec import AA, Entry, FloatArray, NetworkSpec, Scenario
from bench.core.words import Spread, Table, amount

if TYPE_CHECKING:
    import pandas as pd

    from bench.datasets import Data
    from bench.drawing.picture import Picture

Pictures = Mapping[str, "Callable[[], Picture]"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Number:
    """A figure that a finding computed.

    Attributes:
        value: infinity for what was never reached.
        unit: as `bench.core.words.amount` knows them.
        low, high: the ends of its interval; None without one.
        count: how many values, pairs or processes it was computed from; None where that has no meaning.
    """

    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    count: int | None = None

    @classmethod
    def of(cls, interval: Spread, unit: str = "times") -> "Number":
        """Return an interval as a number in this unit."""
        return cls(interval.center, unit, interval.low, interval.high, interval.count)


@dataclass(frozen=True, eq=False)
class Tables:
    """What a finding is computed from: the tables of one experiment of a run.

    Attributes:
        trials: one row a trial.
        curves: one row a trial and snapshot.
        gradients: one row a scenario, seed and layer, before the first update; empty unless `Experiment.starts` asks.
        measurements: one row a quantity and case that a measuring process found; None where none was made.
        copies: one row a trial that a contender ran against itself in the same blocks; None where none was planned.
    """

    trials: "pd.DataFrame"
    curves: "pd.DataFrame"
    gradients: "pd.DataFrame"
    measurements: "pd.DataFrame | None" = None
    copies: "pd.DataFrame | None" = None

    def of(self, suite: str) -> "Tables":
        """Return the trials, curves and measurements of one experiment, and all gradients."""
        measured, own = self.measurements, self.trials[self.trials["suite"] == suite]
        copied = (self.trials["suite"] == AA) & self.trials["scenario"].isin(own["scenario"])
        return Tables(
            own,
            self.curves[self.curves["suite"] == suite],
            self.gradients,
            None if measured is None else measured[measured["suite"] == suite],
            self.trials[copied] if copied.any() else None,
        )

    def measured(self) -> "pd.DataFrame":
        """Return the measurements.

        Raises:
            ValueError: if there is no such table.
        """
        if self.measurements is None:
            raise ValueError("an experiment that measures needs a table of measurements, got none")
        return self.measurements


@dataclass(frozen=True)
class Finding(Generic[Result]):
    """What an experiment found: typed numbers, and the words made from them.

    Attributes:
        sentence: the answer, with its number.
        result: what was computed, for `figures.py` to draw; a picture computes no statistic again.
        numbers: by name; README and ``findings.json`` quote them as ``<experiment>.<name>``.
        labels: chosen names that texts quote too, such as the best optimizer.
        tables: the figures behind the sentence, in words.
        notes: what else a reader should know.
        may, may_not: what may be concluded from it, and what may not, as sentences.
        suite: the experiment's name; `Experiment.find` sets it.
    """

    sentence: str
    result: Result
    numbers: Mapping[str, Number] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    may_not: tuple[str, ...] = ()
    suite: str = ""

    def words(self) -> dict[str, str]:
        """Return every number and label in words, by name; an interval's ends as ``<name>.low`` and ``<name>.high``."""
        found = dict(self.labels)
        for name, number in self.numbers.items():
            ends = {name: number.value, f"{name}.low": number.low, f"{name}.high": number.high}
            found |= {each: amount(value, number.unit) for each, value in ends.items() if value is not None}
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain values; an infinite or undefined number becomes null."""

        def finite(value: Any) -> Any:
            return None if isinstance(value, float) and not math.isfinite(value) else value

        numbers = {
            name: {attribute: finite(value) for attribute, value in asdict(number).items()}
            for name, number in self.numbers.items()
        }
        words = {"sentence": self.sentence, "labels": dict(self.labels), "notes": list(self.notes)}
        return {"suite": self.suite, **words, "numbers": numbers}


class Results(Protocol):
    """What a run holds of one experiment, as ``figures.py`` is given it."""

    @property
    def suite(self) -> str:
        """The experiment's name."""

    @property
    def tables(self) -> Tables:
        """The experiment's own rows of the run's tables."""

    @property
    def scenarios(self) -> Mapping[str, Scenario]:
        """Every scenario of the run, by name."""

    @property
    def pairs(self) -> list[str]:
        """The comparisons, planned or made."""

    @property
    def seed(self) -> int:
        """The first seed, whose last weights are kept."""

    @property
    def target(self) -> float:
        """The training score that the scenarios ask for."""

    def missing(self, *pairs: str, curves: bool = False) -> str:
        """Return in a sentence which planned trials of some comparisons a picture lacks; of all unless they are named.

        With ``curves`` also which curves break off. Empty if nothing is missing.
        """

    def data(self) -> "Data":
        """Return the data set; of the first seed where every seed draws its own."""

    def weights(self, scenario: str, contender: str) -> "list[FloatArray] | None":
        """Return a contender's last weights at the first seed, in Keras's order; None if none are kept."""

    def beside(self, suite: str) -> "tuple[Results, Finding[Any]] | None":
        """Return what the same run holds and found of another experiment; None if it is not part of the run."""


@dataclass(frozen=True)
class Experiment:
    """A question, and the plan by which it is answered.

    Attributes:
        name: what the command line and the tables call it.
        title: what it asks, in a line.
        package: the Python package of its folder: ``__package__`` in its ``plan.py``.
        entries: which contender trains or measures what; their order in each block is drawn by lot.
        seeds, quick_seeds, rigorous_seeds: how many, unless the user says otherwise.
        accepts_guests: whether guests and a user's own contenders can join; then all contenders share one scenario.
        by_default: whether it runs where no experiment is named.
        quick_divisor: a quick run trains for this many times fewer epochs.
        races_a_copy: whether the first of several contenders runs once more in each block, which shows how much the
            clock differs where nothing does.
        compares_contenders: whether contenders are compared with each other; then the report shows a table by
            contender, curves to explore and reference points, and their last weights are kept.
        starts: scenarios whose gradients before the first update are computed.
        measures_network: whether it measures one network, in whose place a model of the user's own can be measured.
        covers: what it measures that most experiments do not, such as ``large networks``.
    """

    name: str
    title: str
    package: str
    entries: tuple[Entry, ...]
    seeds: int = 6
    quick_seeds: int = 1
    rigorous_seeds: int = 12
    accepts_guests: bool = False
    by_default: bool = False
    quick_divisor: int = 5
    races_a_copy: bool = False
    compares_contenders: bool = False
    starts: tuple[Scenario, ...] = ()
    measures_network: bool = False
    covers: tuple[str, ...] = ()

    @property
    def contenders(self) -> tuple[str, ...]:
        """The names of its contenders, each once."""
        return tuple(dict.fromkeys(entry.contender for entry in self.entries))

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """Its scenarios, by name."""
        return {entry.scenario.name: entry.scenario for entry in self.entries}

    def on_network(self, network: NetworkSpec) -> "Experiment":
        """Return the experiment with its network replaced."""
        entries = (replace(entry, scenario=replace(entry.scenario, network=network)) for entry in self.entries)
        return replace(self, entries=tuple(entries))

    def find(self, tables: Tables) -> Finding[Any]:
        """Return what the experiment found in its tables.

        Raises:
            TypeError: if ``find`` returns another type than `Finding`.
        """
        found: Finding[Any] = import_module(f"{self.package}.finding").find(tables)
        if not isinstance(found, Finding):
            raise TypeError(f"find must return a Finding, got {type(found).__name__}")
        return replace(found, suite=self.name)

    def pictures(self, results: Results, finding: Finding[Any]) -> Pictures:
        """Return how to draw each of its pictures, by the picture's name, in the report's order."""
        return self._drawn("pictures", results, finding)

    def headlines(self, results: Results, finding: Finding[Any]) -> Pictures:
        """Return the pictures that stand at the top of the report, for all experiments of the run together."""
        return self._drawn("headlines", results, finding)

    def _drawn(self, function: str, results: Results, finding: Finding[Any]) -> Pictures:
        name = f"{self.package}.figures"
        if find_spec(name) is None:
            return {}
        draw: Callable[[Results, Finding[Any]], Pictures] | None = getattr(import_module(name), function, None)
        return {} if draw is None else draw(results, finding)


def updates_words(trial: Mapping[str, Any]) -> str:
    """Return after how many updates a trial reached its target: ``never`` if it did not."""
    return f"{trial['updates_to_target']:,}" if trial["reached_target"] else "never"


def failures(trials: "pd.DataFrame", by: tuple[str, ...] = ("contender",)) -> list[str]:
    """Return a sentence for each contender and status other than ``ok``: how many, and the first one's reason."""
    planned = trials.groupby(list(by), sort=False).size().to_dict()
    bad = trials[trials["status"] != "ok"]
    found = []
    for keys, group in bad.groupby([*by, "status"], sort=False):
        *names, status = keys
        total = planned[tuple(names) if len(names) > 1 else names[0]]
        of = f"{len(group)} of {total} trials {status}"
        found.append(f"{' on '.join(map(str, names))}: {of}: {group['status_detail'].iloc[0]}")
    return found
