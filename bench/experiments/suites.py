"""The suites: which contender trains on which scenario, and which of them are joined in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.core.spec import MapPoint, Probe, Scenario
from bench.experiments.scenarios import CELLS, FACTORS, SCENARIOS, SWEEP


@dataclass(frozen=True)
class Entry:
    """One contender on one scenario.

    Attributes:
        pair: the comparison that this side belongs to.
        first_seed_only: for a figure that informs and is not compared.
        not_in_quick: for what a quick run has no time for.
        probe: what the process measures instead of training; None where it trains.
        threads: how many, where the entry says so itself; otherwise what the user asks for.
    """

    scenario: Scenario
    contender: str
    pair: str
    first_seed_only: bool = False
    not_in_quick: bool = False
    probe: Probe | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Suite:
    """A named list of entries.

    Attributes:
        title: what the suite asks, in a line.
        entries: in the order in which they run at the first seed; every other seed runs them backwards.
        seeds, quick_seeds, rigorous_seeds: how many, unless the user says otherwise.
        accepts_files: whether a user's own contender can join: all contenders then share one scenario.
        by_default: whether it runs where no suite is named.
        quick_divisor: a quick run trains for so many times fewer epochs: enough to see everything work, too little to
            conclude from.
        starts: scenarios whose gradients before the first update are wanted.
        is_duel: whether contenders are compared with each other: then their last weights are kept, their curves can be
            explored, and their boundaries are drawn.
    """

    name: str
    title: str
    entries: tuple[Entry, ...]
    seeds: int
    quick_seeds: int
    rigorous_seeds: int
    accepts_files: bool
    by_default: bool = True
    quick_divisor: int = 5
    is_duel: bool = True
    starts: tuple[str, ...] = ()

    @property
    def contenders(self) -> tuple[str, ...]:
        """The names of its contenders, each once."""
        return tuple(dict.fromkeys(entry.contender for entry in self.entries))


def _entries(pair: str, sides: Sequence[tuple[str, str]]) -> tuple[Entry, ...]:
    return tuple(Entry(SCENARIOS[scenario], contender, pair) for scenario, contender in sides)


def _grid(widths: Sequence[int], depths: Sequence[int], batches: Sequence[int]) -> tuple[MapPoint, ...]:
    """Return every combination, shape by shape."""
    return tuple(MapPoint(width, depth, batch) for depth in depths for width in widths for batch in batches)


_TWINS = SCENARIOS["twins"]

# The one rate at which Keras is set beside NumPy in `optimizers`: its start takes longer than the whole sweep of one
# solver on one data set.
_KERAS_RATE = 0.01

# Steps of four and of eight: the map is drawn on logarithmic axes. The largest update takes a fifth of a second.
_WIDTHS, _DEPTHS, _BATCHES = (32, 128, 512, 2048), (1, 3), (4, 32, 256)
_QUICK = _grid((32, 512), (3,), (4, 256))


def _crossover(threads: int) -> tuple[Entry, ...]:
    """Return the sides of one map. Keras as most have it is measured at the greater depth alone: there is no time."""
    scenario = SCENARIOS["crossover"]
    pair = f"{threads} thread{'s' if threads > 1 else ''}"
    whole = Probe("update_time", _grid(_WIDTHS, _DEPTHS, _BATCHES), _QUICK)
    deeper = Probe("update_time", _grid(_WIDTHS, _DEPTHS[-1:], _BATCHES), _QUICK)
    light = replace(whole, name="speed_of_light")
    return (
        Entry(scenario, "numpy", pair, probe=whole, threads=threads),
        Entry(scenario, "keras_tuned", pair, probe=whole, threads=threads),
        Entry(scenario, "keras", pair, not_in_quick=threads > 1, probe=deeper, threads=threads),
        Entry(scenario, "numpy", f"{pair}, speed of light", probe=light, threads=threads),
    )


_ALL = (
    Suite(
        name="published",
        title="the article as it was: its NumPy network against its Keras network, each with its own set-up",
        entries=(
            *_entries("article", [("article_numpy", "article"), ("article_keras", "keras")]),
            *_entries("printed", [("printed_numpy", "article")]),
            Entry(SCENARIOS["printed_keras"], "keras", "printed", not_in_quick=True),
        ),
        seeds=3,
        quick_seeds=1,
        rigorous_seeds=10,
        accepts_files=False,
    ),
    Suite(
        name="twins",
        title="the fair duel: NumPy and Keras train one network from the same weights, in the same order of rows",
        entries=(
            *_entries("twins", [("twins", "numpy"), ("twins", "keras"), ("twins", "keras_tuned")]),
            Entry(_TWINS, "keras_plain", "twins", first_seed_only=True, not_in_quick=True),
        ),
        seeds=6,
        quick_seeds=2,
        rigorous_seeds=12,
        accepts_files=True,
    ),
    Suite(
        name="explain",
        title="what each cause is worth: every combination of the settings in which the article's two sides differ",
        entries=(
            *_entries("explain", [(name, "numpy") for name in CELLS]),
            *(
                Entry(SCENARIOS[name], "keras", "explain", first_seed_only=True, not_in_quick=True)
                for name, switched in CELLS.items()
                if len(switched) in (0, len(FACTORS))
            ),
        ),
        seeds=10,
        quick_seeds=1,
        rigorous_seeds=20,
        accepts_files=False,
        by_default=False,
        quick_divisor=20,
        is_duel=False,
        starts=("article_numpy", "article_keras", "printed_numpy", "printed_keras"),
    ),
    Suite(
        name="optimizers",
        title="what an optimizer is worth: each at seven learning rates, as many updates for all, on three data sets",
        entries=(
            *(
                Entry(SCENARIOS[name], "numpy", cell.dataset, not_in_quick=cell.dataset != "moons")
                for name, cell in SWEEP.items()
            ),
            *(
                Entry(SCENARIOS[name], "keras", cell.dataset, first_seed_only=True, not_in_quick=True)
                for name, cell in SWEEP.items()
                if cell.rate == _KERAS_RATE
            ),
        ),
        seeds=6,
        quick_seeds=1,
        rigorous_seeds=12,
        accepts_files=False,
        by_default=False,
        is_duel=False,
    ),
    Suite(
        name="crossover",
        title="when Goliath wins: the time of one update by width, depth and batch, and what a whole job takes",
        entries=(*_crossover(1), *_crossover(2)),
        seeds=5,
        quick_seeds=1,
        rigorous_seeds=12,
        accepts_files=False,
        by_default=False,
        is_duel=False,
    ),
    Suite(
        name="cost",
        title="what a framework costs beyond training: disk, memory, start, latency, throughput, energy",
        entries=tuple(
            Entry(SCENARIOS["cost"], contender, "cost", probe=Probe("footprint"))
            for contender in ("numpy", "keras", "keras_tuned")
        ),
        seeds=6,
        quick_seeds=1,
        rigorous_seeds=12,
        accepts_files=True,
        by_default=False,
        is_duel=False,
    ),
)

SUITES: dict[str, Suite] = {suite.name: suite for suite in _ALL}


def own_suite(scenario: Scenario) -> Suite:
    """Return the fair duel on a scenario of the user's own, by the scenario's name."""
    duel = SUITES["twins"]
    entries = (Entry(scenario, name, scenario.name) for name in duel.contenders if name != "keras_plain")
    return replace(
        duel,
        name=scenario.name,
        title="a scenario of your own: NumPy and Keras train it from the same weights, in the same order of rows",
        entries=tuple(entries),
        by_default=False,
    )
