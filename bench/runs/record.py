"""A run as a record: what its folder holds, as tables, findings and weights. Nothing is drawn or written here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import UsageError
from bench.core.raised import raised
from bench.core.spec import AA, AnyArray, FloatArray, IntArray, Scenario
from bench.core.words import NOT_EQUAL
from bench.datasets import Data
from bench.datasets import load as load_data
from bench.experiments import SCENARIOS
from bench.experiments.base import Experiment, Finding, Tables
from bench.experiments.folder import check_finding
from bench.proof.prove import Verdict
from bench.runs.bands import KEY, Bands, read_bands
from bench.runs.first_gradients import first_gradients
from bench.runs.plan import expected
from bench.runs.settings import Settings, settings_of
from bench.statistics.band import Band, Departure, is_chance
from bench.statistics.pairs import SHARED, parted
from bench.statistics.summary import summarize
from bench.store.folder import RunFolder
from bench.store.tables import CURVES, GRADIENTS, MEASUREMENTS, TRIALS, frame

if TYPE_CHECKING:
    import pandas as pd

_USUAL_TARGET = 0.95


class Run:
    """A run that was made. Everything is derived from the folder's trials.

    Attributes:
        path: its folder.
        run_id: the name that its folder was made with.
        settings: what was asked for.
        experiments: its experiments, by name.
        scenarios: every scenario that it may hold, by name, the user's own included.
        status: ``running``, ``complete``, ``interrupted`` or ``refused``.
        command: the command line that asks for the same.
        environment: the machine and the versions.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self.path = folder.path
        self.run_id = folder.run_id
        described = folder.path / "run.json"
        self.settings = settings_of(folder.run)
        try:
            own = self.settings.own_scenarios()
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise UsageError(f"{described} has a scenario that this version does not know") from error
        here = folder.path.resolve()
        if any(Path(path).resolve().is_relative_to(here) for path in self.settings.folders.values()):
            raise UsageError(f"{described} must not name code in the run's own folder, which may come from anyone")
        self.experiments: dict[str, Experiment] = self.settings.experiments()
        self.scenarios: dict[str, Scenario] = SCENARIOS | own
        for experiment in self.experiments.values():
            self.scenarios |= experiment.scenarios
        self.status: str = folder.run["status"]
        self.command: str = folder.run["command"]
        self.environment: dict[str, Any] = folder.run["environment"]

    def __repr__(self) -> str:
        """Return the folder and the status."""
        return f"<bench.Run {self.path}, {self.status}, {len(self._finished)} trials>"

    @cached_property
    def _finished(self) -> dict[str, dict[str, Any]]:
        """The finished trials of the run's plan: by seed, and of each seed in the plan's order, whatever ran first."""
        found = self._folder.trials()
        planned: list[str] = self._folder.run["trials"]
        finished = {key: found[key] for key in planned if key in found}
        names = ("suite", "scenario", "pair", "contender", "seed", "repetition")
        known: dict[tuple[Any, ...], str] = {}
        for key, trial in finished.items():
            same = known.setdefault(tuple(trial["row"].get(name) for name in names), key)
            if same != key:
                raise UsageError(f"{self.path / 'trials'} must hold each trial once, got {same} again as {key}")
        place = _places(self.settings)
        return dict(sorted(finished.items(), key=lambda each: place(each[1]["row"])))

    @cached_property
    def not_equal(self) -> dict[str, str]:
        """The contenders that failed the proof, by the name that marks them in every table."""
        return {f"{each.contender}{NOT_EQUAL}": each.contender for each in self.verdicts if each.status == "differs"}

    def _named(self, contender: Any) -> Any:
        """Return a contender's name in tables."""
        marked = f"{contender}{NOT_EQUAL}"
        return marked if marked in self.not_equal else contender

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        """The row of each finished trial with its contender's name in tables: every table takes the name from here."""
        rows = [trial["row"] for trial in self._finished.values()]
        return [{"run_id": self.run_id, **row, "contender": self._named(row.get("contender"))} for row in rows]

    @cached_property
    def trials(self) -> "pd.DataFrame":
        """One row a trial; the columns are described in ``columns.md``."""
        try:
            table = frame(TRIALS, self._rows)
        except (TypeError, ValueError) as error:
            raise UsageError(f"{self.path / 'trials'} holds a row that this version did not write: {error}") from error
        # earlier versions called a trial ok whose test loss had overflowed; a measuring process has none, and no epochs
        unscored = table["test_accuracy"].isna() & table["test_r2"].isna()
        overflowed = (table["status"] == "ok") & table["epochs"].notna() & unscored
        table.loc[overflowed, ["status", "status_detail"]] = ["diverged", "the test loss was not finite"]
        for index, detail in self._parted(table).items():
            table.loc[index, ["status", "status_detail"]] = ["failed", f"{detail}: not the same training"]
        return table

    @cached_property
    def bands(self) -> Bands:
        """How far rounding alone takes a curve, by `bench.runs.bands.KEY`; empty for runs that kept no bands."""
        return read_bands(self._folder, (trial["row"] for trial in self._finished.values()))

    def _band(self, row: Mapping[str, Any]) -> Band | None:
        return self.bands.get(tuple(row.get(name) for name in KEY))

    def _parted(self, table: "pd.DataFrame") -> dict[int, str]:
        """Return the rows of twins whose curves part further than rounding explains, and how: their times mean nothing.

        Where no band was kept, a curve is compared with those of the other twins. A contender that failed the proof
        goes another way; it neither fails nor counts as a twin of the others.
        """
        trials = list(self._finished.values())
        compared = [name for name, experiment in self.experiments.items() if experiment.compares_contenders]
        twins = table[(table["status"] == "ok") & table["order_hash"].notna() & table["suite"].isin(compared)]
        twins = twins[~twins["contender"].isin(list(self.not_equal))]
        found: dict[int, str] = {}
        excess: dict[int, float] = {}
        for _, group in twins.groupby(["suite", "scenario", "seed", *SHARED]):
            band = self._band(trials[group.index[0]]["row"])
            curves: list[dict[str, list[Any]]] = [trials[index]["curve"] or {} for index in group.index]
            if band is None:
                gaps = parted([curve.get("train_loss", []) for curve in curves])
                details: list[str | None] = [
                    None if gap is None else f"its loss is {gap:.1e} from that of the other twins in half of all epochs"
                    for gap in gaps
                ]
            else:
                left = [band.departure(curve.get("epoch", []), curve.get("train_loss", [])) for curve in curves]
                details = [None if each is None else _departure_words(each) for each in left]
                excess |= {
                    index: band.excess(curve.get("epoch", []), curve.get("train_loss", []))
                    for index, curve in zip(group.index, curves, strict=True)
                }
            found |= {index: detail for index, detail in zip(group.index, details, strict=True) if detail is not None}
        for _, group in twins.groupby(["suite", "scenario", "contender"]):
            own = [index for index in group.index if index in excess]
            if is_chance([excess[index] for index in own]):
                found = {index: detail for index, detail in found.items() if index not in own}
        return found

    @cached_property
    def curves(self) -> "pd.DataFrame":
        """One row a trial and epoch; epoch 0 is the start."""
        rows: list[dict[str, Any]] = []
        names = {column.name for column in CURVES}
        for trial, row in zip(self._finished.values(), self._rows, strict=True):
            columns = trial["curve"]
            if columns is None:
                continue
            shared = {name: row[name] for name in names & set(row)}
            band = self._band(row)
            if band is not None:
                reference, allowed = band.at(columns["epoch"])
                columns = {**columns, "reference_loss": reference, "band": allowed}
            rows += [shared | dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        return frame(CURVES, rows)

    @cached_property
    def gradients(self) -> "pd.DataFrame":
        """One row a scenario, seed and layer: gradients before the first update, where a suite asks for them."""
        rows: list[dict[str, Any]] = []
        for suite in self.settings.suites:
            scenarios = self.experiments[suite].starts
            rows += first_gradients(scenarios, self.settings.seeds[suite], self.part(suite).data()) if scenarios else []
        return frame(GRADIENTS, ({"run_id": self.run_id, **row} for row in rows))

    @cached_property
    def measurements(self) -> "pd.DataFrame":
        """One row a quantity and case that a measuring process found; ``columns.md`` says what each is."""
        shared = ("suite", "scenario", "contender", "seed", "repetition", "threads")
        rows = [
            {"run_id": self.run_id, **{name: row.get(name) for name in shared}, **found}
            for trial, row in zip(self._finished.values(), self._rows, strict=True)
            for found in trial.get("measurements") or []
        ]
        return frame(MEASUREMENTS, rows)

    @property
    def tables(self) -> Tables:
        """Its tables together, from which findings are computed."""
        return Tables(self.trials, self.curves, self.gradients, self.measurements)

    @cached_property
    def findings(self) -> list[Finding[Any]]:
        """What each experiment found, computed once.

        Where the finding of a user's own experiment raises, one that says so takes its place; its result is the error.
        """
        return [self._find(experiment) for experiment in self.experiments.values()]

    def _find(self, experiment: Experiment) -> Finding[Any]:
        tables = self.tables.of(experiment.name)
        if experiment.name not in self.settings.folders:
            return experiment.find(tables)
        try:
            found = experiment.find(tables)
            check_finding(found)
        except Exception as error:
            words = raised(error, Path(self.settings.folders[experiment.name]))
            return Finding(f"The finding could not be computed: {words}.", error, suite=experiment.name)
        return found

    @cached_property
    def planned(self) -> dict[tuple[str, str], dict[str, int]]:
        """How many trials of each contender were planned, by experiment and pair."""
        counts = expected(self.settings)
        return {pair: {self._named(name): count for name, count in own.items()} for pair, own in counts.items()}

    def part(self, suite: str) -> "Part":
        """Return what the run holds of one experiment."""
        return Part(self, suite)

    def summary(self) -> "pd.DataFrame":
        """Return one row for each contender on each scenario: centres, spreads, and the trials behind them."""
        return summarize(self.trials[self.trials["suite"] != AA])

    @property
    def targets(self) -> dict[str, float]:
        """The training score that each experiment's scenarios ask for."""
        return {suite: self.part(suite).target for suite in self.experiments}

    @cached_property
    def thread_pools(self) -> dict[str, list[str]]:
        """The libraries with threads that each contender had loaded, with version and kernels."""
        found: dict[str, list[str]] = {}
        for trial, row in zip(self._finished.values(), self._rows, strict=True):
            for pool in trial.get("thread_pools") or []:
                words = " ".join(
                    str(pool[name]) for name in ("internal_api", "version", "architecture") if pool.get(name)
                )
                known = found.setdefault(row["contender"], [])
                if words not in known:
                    known.append(words)
        return found

    @property
    def missing(self) -> int:
        """How many planned trials have no row yet."""
        return len(self._folder.run["trials"]) - len(self._finished)

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """What the proof of equality said, before the clock."""
        path = self.path / "proof.json"
        try:
            verdicts = [Verdict(**{**kept, "drift": tuple(kept["drift"])}) for kept in self._folder.proof()]
            wrong = next(filter(None, (verdict.contradiction for verdict in verdicts)), None)
        except (KeyError, TypeError) as error:
            raise UsageError(f"{path} is not a proof that this version wrote: {error}") from error
        if wrong is not None:
            raise UsageError(f"{path} contradicts itself: {wrong}")
        return verdicts

    def weights(self, suite: str, scenario: str, contender: str) -> "list[FloatArray] | None":
        """Return the last weights of a contender at the suite's first seed, in Keras's order; None if none are kept.

        Raises:
            UsageError: if the file is not one of this scenario's weights.
        """
        kept = self._arrays("weights", suite, scenario, contender)
        if kept is None or scenario not in self.scenarios:
            return None
        weights = [kept[f"weight_{index}"] for index in range(len(kept)) if f"weight_{index}" in kept]
        expected = self.scenarios[scenario].network.weight_shapes
        if tuple(array.shape for array in weights) != expected:
            raise UsageError(f"the kept weights of {contender} in {self.path} must have the shapes {expected}")
        return weights

    def frames(self, suite: str, scenario: str, contender: str) -> "tuple[IntArray, FloatArray] | None":
        """Return epochs, (frames,), and the weights at their ends, (frames, parameters); None if none are kept."""
        kept = self._arrays("frames", suite, scenario, contender)
        if kept is None or scenario not in self.scenarios:
            return None
        parameters = self.scenarios[scenario].network.parameters
        if {"epochs", "weights"} - set(kept) or kept["weights"].shape != (len(kept["epochs"]), parameters):
            raise UsageError(f"the kept frames of {contender} in {self.path} must hold epochs and {parameters} weights")
        return kept["epochs"], kept["weights"]

    def _arrays(self, kind: str, suite: str, scenario: str, contender: str) -> "dict[str, AnyArray] | None":
        name = self.not_equal.get(contender, contender)
        return self._folder.arrays(kind, arrays_name(suite, scenario, name))


@dataclass(frozen=True)
class Part:
    """What a run holds of one experiment: see `bench.experiments.base.Results`."""

    run: Run
    suite: str

    @cached_property
    def tables(self) -> Tables:
        """The experiment's own rows of the run's tables."""
        return self.run.tables.of(self.suite)

    @property
    def scenarios(self) -> Mapping[str, Scenario]:
        """Every scenario of the run, by name."""
        return self.run.scenarios

    @property
    def pairs(self) -> list[str]:
        """The comparisons, planned or made."""
        planned = [pair for suite, pair in self.run.planned if suite == self.suite]
        return list(dict.fromkeys([*planned, *self.tables.trials["pair"]]))

    @property
    def seed(self) -> int:
        """The first seed, whose last weights are kept."""
        return self.run.settings.seeds[self.suite][0]

    @property
    def resample_seed(self) -> int | None:
        """The first seed, where every seed draws its own data; None where all share the data."""
        return self.seed if self.run.settings.resample_data else None

    @property
    def dataset(self) -> str:
        """The name of the data set of the experiment's first scenario."""
        return self.run.experiments[self.suite].entries[0].scenario.dataset

    @property
    def task(self) -> str:
        """What the experiment's first scenario learns: a classification or a regression."""
        return self.run.experiments[self.suite].entries[0].scenario.task

    @property
    def target(self) -> float:
        """The training score that the scenarios ask for."""
        names = self.tables.trials["scenario"]
        known = (self.scenarios[name].target_accuracy for name in names if name in self.scenarios)
        return next(known, _USUAL_TARGET)

    def missing(self, *pairs: str, curves: bool = False) -> str:
        """Return which planned trials of some pairs, or of all, a picture lacks; with ``curves``, which break off."""
        absent, broken = [], []
        trials = self.tables.trials
        for pair in pairs or self.pairs:
            own = trials[trials["pair"] == pair]
            planned = self.run.planned.get((self.suite, pair), {})
            for contender in dict.fromkeys([*planned, *own["contender"]]):
                found = own[own["contender"] == contender]["status"].value_counts().to_dict()
                made = sum(found.values())
                total = max(planned.get(contender, 0), made)
                if curves and "diverged" in found:
                    broken.append(f"{contender} {found.pop('diverged')} of {total}")
                words = [f"{count} {status}" for status, count in found.items() if status != "ok"]
                words += [f"{total - made} not made"] if total > made else []
                if words:
                    absent.append(f"{contender}: {', '.join(words)} of {total} trials")
        sentences = [f"Not drawn: {'; '.join(absent)}."] if absent else []
        sentences += [f"Diverged, and drawn up to that point: {'; '.join(broken)}."] if broken else []
        return " ".join(sentences)

    def data(self) -> Data:
        """Return the data set of the experiment's first scenario."""
        return load_data(self.dataset, self.resample_seed)

    def weights(self, scenario: str, contender: str) -> "list[FloatArray] | None":
        """Return a contender's last weights at the first seed, in Keras's order; None if none are kept."""
        return self.run.weights(self.suite, scenario, contender)

    def beside(self, suite: str) -> "tuple[Part, Finding[Any]] | None":
        """Return what the run holds and found of another experiment; None if it is not part of the run."""
        if suite not in self.run.experiments:
            return None
        return self.run.part(suite), next(each for each in self.run.findings if each.suite == suite)


def _places(settings: Settings) -> Callable[[Mapping[str, Any]], tuple[int, int, int]]:
    """Return what gives a row its place in tables: by experiment, seed and line of the plan; the unknown is last."""
    suites: dict[Any, int] = {suite: number for number, suite in enumerate(settings.seeds)}
    seeds: dict[Any, int] = {
        (suite, seed): number for suite, own in settings.seeds.items() for number, seed in enumerate(own)
    }
    sides = ((*pair, name) for pair, own in expected(settings).items() for name in own)
    lines: dict[Any, int] = {side: number for number, side in enumerate(sides)}

    def place(row: Mapping[str, Any]) -> tuple[int, int, int]:
        suite = row.get("suite")
        side = suite, row.get("pair"), row.get("contender")
        return (
            suites.get(suite, len(suites)),
            seeds.get((suite, row.get("seed")), len(seeds)),
            lines.get(side, len(lines)),
        )

    return place


def _departure_words(left: Departure) -> str:
    return (
        f"its loss is {left.distance:.1e} from the reference's after epoch {left.epoch}, "
        f"where rounding explains {left.allowed:.1e}"
    )


def arrays_name(suite: str, scenario: str, contender: str) -> str:
    """Return the name under which a contender's weights are kept."""
    return f"{suite}-{scenario}-{contender}"


def latest(out: Path) -> Path:
    """Return the folder of the run below ``out`` that was started last.

    Raises:
        UsageError: if there is none.
    """
    # the names begin with the time
    found = sorted(path.parent for path in out.glob("*/run.json") if path.parent.name[:1].isdigit())
    if not found:
        raise UsageError(f"{out} holds no run yet; bench run makes one")
    return found[-1]
