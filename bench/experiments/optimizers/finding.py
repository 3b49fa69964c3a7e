"""How many updates each optimizer needs at its best learning rate, and how sensitive it is to the rate."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.core.words import Table, interval_words, listed, seconds_words
from bench.experiments.base import Finding, Number, Tables, failures, updates_words
from bench.experiments.optimizers.plan import RATES, SWEEP, Sweep
from bench.statistics.interval import Interval, paired_ratio
from bench.statistics.median import MedianInterval, median_interval
from bench.statistics.profile import Profile, profiles
from bench.statistics.summary import records

if TYPE_CHECKING:
    import pandas as pd

CONTENDER = "numpy"

# What is counted to the target: a name, and its column.
CLOCKS = {"updates": "updates_to_target", "training seconds": "seconds_to_target"}

# The article's own: its data, its rule, its rate.
_ARTICLES = Sweep("moons", "sgd", 0.01)

Readings = Mapping[Sweep, Mapping[int, float]]


@dataclass(frozen=True)
class Best:
    """A solver's best rate on a data set: the one with the least median of updates to the target.

    Attributes:
        rate: which; None if no rate's median trial reaches the target.
        updates: to the target at that rate; at the least bad rate if none reaches it.
        reached: how many of all its trials, over all rates, reach the target.
        trials: how many there are.
    """

    rate: float | None
    updates: MedianInterval
    reached: int
    trials: int


@dataclass(frozen=True)
class Swept:
    """What was computed of the sweep.

    Attributes:
        updates: median updates to the target, by cell.
        budget: the most updates that a cell was given.
        profiles: of each solver at its best rates, by clock and solver.
    """

    updates: Mapping[Sweep, float]
    budget: int
    profiles: Mapping[str, Mapping[str, Profile]]


def find(tables: Tables) -> Finding[Swept]:
    """Return which solver needs the fewest updates on the article's data, and which is the least sensitive."""
    trials = tables.trials
    read = {clock: readings(trials, column) for clock, column in CLOCKS.items()}
    counted = read["updates"]
    if not counted:
        return Finding("There is nothing to report: no solver was trained.", Swept({}, 0, {}))
    best = best_rates(counted)
    profiles_by_clock = {clock: tuned_profiles(each, best) for clock, each in read.items()}
    sentence, numbers, labels = _sentence(counted, best)
    shown = (_best_table(best), _profile_table(profiles_by_clock, best), _side_by_side(trials))
    return Finding(
        sentence=sentence,
        result=Swept(
            updates={cell: median_interval(list(own.values())).median for cell, own in counted.items()},
            budget=int(trials["updates"].max()),
            profiles=profiles_by_clock,
        ),
        numbers=numbers,
        labels=labels,
        tables=tuple(table for table in shown if table.rows),
        notes=tuple(_notes(trials, best)),
    )


def readings(trials: "pd.DataFrame", column: str) -> Readings:
    """Return a clock's reading at the target, by cell and seed, of the suite's trials; infinity where it never came."""
    found: dict[Sweep, dict[int, float]] = {}
    own = trials[(trials["contender"] == CONTENDER) & trials["scenario"].isin(SWEEP)]
    reached = own["reached_target"].fillna(value=False).astype(bool) & (own["status"] == "ok")
    values = own[column].astype("float64").where(reached, math.inf)
    for scenario, seed, value in zip(own["scenario"], own["seed"], values, strict=True):
        found.setdefault(SWEEP[scenario], {})[int(seed)] = value
    return found


def best_rates(counted: Readings) -> dict[tuple[str, str], Best]:
    """Return each solver's best rate, by data set and solver."""
    found = {}
    for dataset, solver in dict.fromkeys((cell.dataset, cell.solver) for cell in counted):
        own = {
            cell.rate: list(counted[cell].values())
            for cell in counted
            if (cell.dataset, cell.solver) == (dataset, solver)
        }
        medians = {rate: median_interval(values) for rate, values in own.items()}
        rate = min(medians, key=lambda rate: medians[rate].median)
        every = [value for values in own.values() for value in values]
        found[dataset, solver] = Best(
            rate=rate if math.isfinite(medians[rate].median) else None,
            updates=medians[rate],
            reached=sum(map(math.isfinite, every)),
            trials=len(every),
        )
    return found


def tuned_profiles(read: Readings, best: Mapping[tuple[str, str], Best]) -> dict[str, Profile]:
    """Return each solver's profile at its best rates: a problem is a data set and a seed."""
    costs: dict[str, list[float]] = {}
    for dataset, seed in dict.fromkeys((cell.dataset, seed) for cell, seeds in read.items() for seed in seeds):
        for solver in solvers(read):
            rate = best[dataset, solver].rate
            own = read.get(Sweep(dataset, solver, rate), {}) if rate is not None else {}
            costs.setdefault(solver, []).append(own.get(seed, math.inf))
    return profiles(costs)


def solvers(read: Readings) -> list[str]:
    """Return the solvers, in their order."""
    return list(dict.fromkeys(cell.solver for cell in read))


def _sentence(counted: Readings, best: Mapping[tuple[str, str], Best]) -> tuple[str, dict[str, Number], dict[str, str]]:
    """Return the finding on the article's own data, its numbers and its labels."""
    dataset = _ARTICLES.dataset
    tuned = {
        solver: Sweep(dataset, solver, each.rate)
        for solver in solvers(counted)
        if (each := best.get((dataset, solver))) is not None and each.rate is not None
    }
    if "sgd" not in tuned or _ARTICLES not in counted:
        return f"There is nothing to report: plain SGD did not reach its target on {dataset}.", {}, {}
    first = min(tuned, key=lambda solver: best[dataset, solver].updates.median)
    by_rate = _gain(counted[_ARTICLES], counted[tuned["sgd"]])
    at_its_rate = counted.get(replace(_ARTICLES, solver=first), {})
    rule_first, together = _gain(counted[_ARTICLES], at_its_rate), _gain(counted[_ARTICLES], counted[tuned[first]])
    by_rule = _gain(counted[tuned["sgd"]], counted[tuned[first]])
    robust = max(solvers(counted), key=lambda solver: _reached(best, solver)[0])
    reached, trials = _reached(best, robust)
    numbers = {
        "sgd.rate": Number(tuned["sgd"].rate, "setting"),
        "best.rate": Number(tuned[first].rate, "setting"),
        "robust.reached": Number(reached, "count"),
        "robust.trials": Number(trials, "count"),
    }
    gains = {"by_rate": by_rate, "by_rule": by_rule, "rule_first": rule_first, "together": together}
    numbers |= {name: Number.of(gain, "near one") for name, gain in gains.items() if gain is not None}
    at_articles = f"the article's {_ARTICLES.rate:g}"
    rate_words = f"in {_fewer(by_rate)} than at {at_articles}" if by_rate else f"and never does at {at_articles}"
    again = ""
    if first != "sgd" and by_rule is not None:
        again = (
            f", and {first} at its own best ({tuned[first].rate:g}), which has the least median of {len(tuned)}, in "
            f"{_fewer(by_rule)} again"
        )
    if first != "sgd" and rule_first is not None:
        again += f"; with the rate left at {_ARTICLES.rate:g}, {first} alone takes {_fewer(rule_first)} than plain SGD"
    sentence = (
        f"On the article's data plain SGD at its best of {len(RATES)} rates ({tuned['sgd'].rate:g}) reaches the target "
        f"{rate_words}{again}; over all rates and data sets {robust} reaches its target most often, in {reached} of "
        f"{trials} trials."
    )
    return sentence, numbers, {"best": first, "robust": robust}


def _gain(slow: Mapping[int, float], fast: Mapping[int, float]) -> Interval | None:
    """Return how many times fewer updates the second takes, paired by the seeds at which both reach the target."""
    seeds = [seed for seed in slow if math.isfinite(slow[seed]) and math.isfinite(fast.get(seed, math.inf))]
    return paired_ratio([slow[seed] for seed in seeds], [fast[seed] for seed in seeds]) if seeds else None


def _fewer(ratio: Interval) -> str:
    return interval_words(ratio, unit=" times fewer updates", of="seeds")


def _reached(best: Mapping[tuple[str, str], Best], solver: str) -> tuple[int, int]:
    own = [each for (_, name), each in best.items() if name == solver]
    return sum(each.reached for each in own), sum(each.trials for each in own)


def _best_table(best: Mapping[tuple[str, str], Best]) -> Table:
    rows = [
        (
            dataset,
            solver,
            "–" if each.rate is None else f"{each.rate:g}",
            _median_words(each.updates),
            f"{each.reached} of {each.trials}",
        )
        for (dataset, solver), each in best.items()
    ]
    title = "Each solver at its best rate: updates to the target, median with order-statistic interval, over seeds"
    return Table(
        title, ("data set", "solver", "best rate", "updates to target", "trials at target, all rates"), tuple(rows)
    )


def _median_words(found: MedianInterval) -> str:
    def word(value: float) -> str:
        return f"{value:,.0f}" if math.isfinite(value) else "never"

    if found.low is None or found.high is None or found.confidence is None:
        return word(found.median)
    return f"{word(found.median)} ({word(found.low)} to {word(found.high)}, {100 * found.confidence:.0f} %)"


def _profile_table(found: Mapping[str, Mapping[str, Profile]], best: Mapping[tuple[str, str], Best]) -> Table:
    by_updates, by_seconds = found.values()
    rows = [
        (
            solver,
            *(f"{profile[solver].wins:.0%}" for profile in (by_updates, by_seconds)),
            *(f"{profile[solver].share(2.0):.0%}" for profile in (by_updates, by_seconds)),
            f"{by_updates[solver].solved:.0%}",
            "{} of {}".format(*_reached(best, solver)),
        )
        for solver in by_updates
    ]
    columns = (
        "solver",
        "best, updates",
        "best, seconds",
        "within 2×, updates",
        "within 2×, seconds",
        "solved",
        "all rates",
    )
    return Table(
        "Performance profiles at the best rates: share of problems, a data set and a seed each", columns, tuple(rows)
    )


def _side_by_side(trials: "pd.DataFrame") -> Table:
    rows = []
    others = trials[(trials["contender"] != CONTENDER) & trials["scenario"].isin(SWEEP) & (trials["status"] == "ok")]
    for other in records(others):
        same = (trials["scenario"] == other["scenario"]) & (trials["seed"] == other["seed"])
        for own in records(trials[same & (trials["contender"] == CONTENDER) & (trials["status"] == "ok")]):
            cell = SWEEP[other["scenario"]]
            rows.append(
                (
                    cell.dataset,
                    cell.solver,
                    *map(updates_words, (own, other)),
                    *(seconds_words(row["train_seconds"] / row["updates"]) for row in (own, other)),
                )
            )
    title = "NumPy beside Keras at one rate and seed: updates to the target, and the time of an update"
    columns = ("data set", "solver", "updates, NumPy", "updates, Keras", "an update, NumPy", "an update, Keras")
    return Table(title, columns, tuple(rows))


def _notes(trials: "pd.DataFrame", best: Mapping[tuple[str, str], Best]) -> list[str]:
    notes = [
        "The best rate is chosen on the seeds that are then shown, for every solver alike. Progress is judged after "
        "every epoch, so a reading is up to an epoch late. A trial that diverges or never gets there counts as "
        "infinity."
    ]
    edges = [
        f"{solver} on {dataset} ({each.rate:g})"
        for (dataset, solver), each in best.items()
        if each.rate in (RATES[0], RATES[-1])
    ]
    if edges:
        notes.append(f"At the edge of the rates that were tried, so that a better one may lie beyond: {listed(edges)}.")
    unsolved = [f"{solver} on {dataset}" for (dataset, solver), each in best.items() if each.rate is None]
    if unsolved:
        notes.append(f"No rate's median trial reached the target: {listed(unsolved)}.")
    # at a learning rate of 1 divergence is a result
    return notes + failures(trials.assign(status=trials["status"].where(trials["status"] != "diverged", "ok")))
