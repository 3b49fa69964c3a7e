"""Maps of one update's time by width, depth and batch: who is faster where, and when a slow start has been paid for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.statistics.interval import Interval, geometric_interval, paired_ratio, paired_ratio_p
from bench.statistics.permutation import holm

if TYPE_CHECKING:
    import pandas as pd

# Of a whole job: about as many as the article's Keras network makes, twice over.
JOB_UPDATES = 10_000

DAVID = "numpy"

# Of a verdict, for all places of a contender together.
LEVEL = 0.05

Place = tuple[int, int, int, int]  # threads, depth, batch, width

# What identifies a process in a table, and a network that it measured.
_PROCESS = ["contender", "threads", "seed"]
_NETWORK = ["contender", "threads", "depth", "batch", "width", "seed"]


@dataclass(frozen=True)
class Times:
    """What one process of one contender measured at one place.

    Attributes:
        start_seconds: what the process pays once: start, import, and whatever its first network took longer.
        build_seconds: of this network, compilation included.
        update_seconds: of one update in steady state.
    """

    start_seconds: float
    build_seconds: float
    update_seconds: float

    def job_seconds(self, updates: float) -> float:
        """Return the seconds of a fresh process that makes so many updates."""
        return self.start_seconds + self.build_seconds + updates * self.update_seconds


@dataclass(frozen=True)
class Cell:
    """One contender against David at one place of the map.

    Attributes:
        threads, depth, batch, width: the place.
        contender: who is held against David.
        steady: its seconds of an update over David's, paired by process.
        steady_p: of a t test that this is 1, corrected for all of the contender's places (Holm).
        whole: its seconds of a job of `JOB_UPDATES` over David's, start and compilation counted.
        whole_p: of that, likewise.
        break_even_updates: after how many its start is paid for, by the medians; infinity where it never is.
        update_seconds, david_seconds: the medians.
        products_seconds: the median of the matrix products alone; None where they were not measured.
    """

    threads: int
    depth: int
    batch: int
    width: int
    contender: str
    steady: Interval
    steady_p: float
    whole: Interval
    whole_p: float
    break_even_updates: float
    update_seconds: float
    david_seconds: float
    products_seconds: float | None

    @property
    def faster(self) -> str | None:
        """Whose update is faster, by a test that holds for all places at once; None where it is left open."""
        if self.steady_p > LEVEL:
            return None
        return DAVID if self.steady.center > 1.0 else self.contender


def cells(trials: "pd.DataFrame", measurements: "pd.DataFrame") -> list[Cell]:
    """Return a cell for each contender and place that David has a time for too, in the order of their places."""
    times = _times(trials, measurements)
    light = _light(measurements)
    found: list[Cell] = []
    for contender in dict.fromkeys(measurements["contender"]):
        if contender == DAVID:
            continue
        places = {}
        for place in sorted({place for name, place in times if name == contender}):
            own, david = times[contender, place], times.get((DAVID, place), {})
            seeds = sorted(own.keys() & david.keys())
            if seeds:
                places[place] = [(own[seed], david[seed]) for seed in seeds]
        steady_p = holm([paired_ratio_p(*_update_seconds(pairs)) for pairs in places.values()])
        whole_p = holm([paired_ratio_p(*_job_seconds(pairs)) for pairs in places.values()])
        found += [
            _cell(contender, place, pairs, adjusted, light.get(place))
            for (place, pairs), adjusted in zip(places.items(), zip(steady_p, whole_p, strict=True), strict=True)
        ]
    return found


Pairs = Sequence[tuple[Times, Times]]


def _update_seconds(pairs: Pairs) -> tuple[list[float], list[float]]:
    return [own.update_seconds for own, _ in pairs], [david.update_seconds for _, david in pairs]


def _job_seconds(pairs: Pairs) -> tuple[list[float], list[float]]:
    return [own.job_seconds(JOB_UPDATES) for own, _ in pairs], [david.job_seconds(JOB_UPDATES) for _, david in pairs]


def _cell(contender: str, place: Place, pairs: Pairs, adjusted: tuple[float, float], light: float | None) -> Cell:
    own, david = _medians([pair[0] for pair in pairs]), _medians([pair[1] for pair in pairs])
    return Cell(
        *place,
        contender,
        steady=paired_ratio(*_update_seconds(pairs)),
        steady_p=adjusted[0],
        whole=paired_ratio(*_job_seconds(pairs)),
        whole_p=adjusted[1],
        break_even_updates=break_even_updates(own, david),
        update_seconds=own.update_seconds,
        david_seconds=david.update_seconds,
        products_seconds=light,
    )


def break_even_updates(slow_start: Times, other: Times) -> float:
    """Return after how many updates the first has caught up with the other.

    Infinity if its updates are no faster; 0 if it is ahead from the start and its updates are faster too.
    """
    saved = other.update_seconds - slow_start.update_seconds
    if saved <= 0.0:
        return math.inf
    return max(0.0, (slow_start.job_seconds(0) - other.job_seconds(0)) / saved)


def crossing_width(widths: Sequence[float], ratios: Sequence[float]) -> float:
    """Return the width at which the ratio first falls to 1, on a straight line between logarithms.

    0 if it is below 1 at the least width already, infinity if it stays above at every width.
    """
    if ratios[0] < 1.0:
        return 0.0
    for (width, ratio), (next_width, next_ratio) in pairwise(zip(widths, ratios, strict=True)):
        if next_ratio < 1.0:
            share = math.log(ratio) / (math.log(ratio) - math.log(next_ratio))
            return float(width * (next_width / width) ** share)
    return math.inf


@dataclass(frozen=True)
class Crossing:
    """Where along the widths a contender overtakes David, for one number of threads, one depth and one batch.

    Attributes:
        width: the geometric mean over processes with its interval; None unless it lies on the map in all of them.
        below, beyond: in how many it lies below the least width, and beyond the greatest.
        count: of how many processes.
    """

    threads: int
    depth: int
    batch: int
    contender: str
    width: Interval | None
    below: int
    beyond: int
    count: int


def crossings(trials: "pd.DataFrame", measurements: "pd.DataFrame") -> list[Crossing]:
    """Return the crossing of each contender on each line of the map, from the processes that have the whole line."""
    times = _times(trials, measurements)
    found = []
    lines = dict.fromkeys((name, place[:3]) for name, place in times if name != DAVID)
    for contender, line in sorted(lines):
        widths = sorted(place[3] for name, place in times if name == contender and place[:3] == line)
        columns = [(times[contender, (*line, width)], times.get((DAVID, (*line, width)), {})) for width in widths]
        seeds = set.intersection(*(own.keys() & david.keys() for own, david in columns))
        where = [
            crossing_width(widths, [own[seed].update_seconds / david[seed].update_seconds for own, david in columns])
            for seed in sorted(seeds)
        ]
        if where:
            found.append(_crossing(contender, line, where))
    return found


def _crossing(contender: str, line: tuple[int, int, int], where: Sequence[float]) -> Crossing:
    below, beyond = sum(width == 0.0 for width in where), sum(math.isinf(width) for width in where)
    interval = None
    if not below and not beyond:
        interval = geometric_interval([math.log(width) for width in where])
    return Crossing(*line, contender, interval, below, beyond, len(where))


def _medians(times: Sequence[Times]) -> Times:
    return Times(
        median(each.start_seconds for each in times),
        median(each.build_seconds for each in times),
        median(each.update_seconds for each in times),
    )


def _times(trials: "pd.DataFrame", measurements: "pd.DataFrame") -> dict[tuple[str, Place], dict[int, Times]]:
    """Return the times by contender and place, and by seed."""
    # the speed of light has a process of its own; a start is as good as another
    ok = trials[trials["status"] == "ok"].drop_duplicates(_PROCESS)
    started = _by(_PROCESS, ok, ok["startup_seconds"] + ok["import_seconds"])
    once = _measured(measurements, "once_seconds", _PROCESS)
    build = _measured(measurements, "build_seconds", _NETWORK)
    found: dict[tuple[str, Place], dict[int, Times]] = {}
    for network, update in _measured(measurements, "update_seconds", _NETWORK).items():
        name, *place, seed = network
        process = (name, place[0], seed)
        times = Times(started[process] + once[process], build[network], update)
        found.setdefault((name, tuple(place)), {})[seed] = times
    return found


def _light(measurements: "pd.DataFrame") -> Mapping[Place, float]:
    """Return the median seconds of the products alone, by place."""
    samples: dict[Place, list[float]] = {}
    for (_name, *place, _seed), value in _measured(measurements, "products_seconds", _NETWORK).items():
        samples.setdefault(tuple(place), []).append(value)
    return {place: median(values) for place, values in samples.items()}


def _measured(measurements: "pd.DataFrame", quantity: str, columns: list[str]) -> dict[tuple[Any, ...], float]:
    own = measurements[measurements["quantity"] == quantity]
    return _by(columns, own, own["value"])


def _by(columns: list[str], table: "pd.DataFrame", values: "pd.Series[float]") -> dict[tuple[Any, ...], float]:
    """Return the values of a table's rows by what stands in these columns."""
    keys = zip(*(table[column].tolist() for column in columns), strict=True)
    return dict(zip(keys, values.tolist(), strict=True))
