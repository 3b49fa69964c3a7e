"""The time of one update for a map of widths, depths and batches, at one thread and at two."""

from collections.abc import Sequence
from dataclasses import replace

from bench.core.spec import Entry, MapPoint, Probe
from bench.core.words import counted
from bench.experiments.article import measured
from bench.experiments.base import Experiment


def _grid(widths: Sequence[int], depths: Sequence[int], batches: Sequence[int]) -> tuple[MapPoint, ...]:
    """Return every combination, shape by shape."""
    return tuple(MapPoint(width, depth, batch) for depth in depths for width in widths for batch in batches)


# Steps of four and of eight: the map is drawn on logarithmic axes. The largest update takes a fifth of a second.
_WIDTHS, _DEPTHS, _BATCHES = (32, 128, 512, 2048), (1, 3), (4, 32, 256)
_QUICK = _grid((32, 512), (3,), (4, 256))


def _sides(threads: int) -> tuple[Entry, ...]:
    """Return the sides of one map. Keras with its defaults is measured at the greater depth alone, to save time."""
    scenario = measured("crossover", (64, 64, 64, 64, 1))
    pair = counted(threads, "thread")
    whole = Probe("update_time", _grid(_WIDTHS, _DEPTHS, _BATCHES), _QUICK)
    deeper = Probe("update_time", _grid(_WIDTHS, _DEPTHS[-1:], _BATCHES), _QUICK)
    light = replace(whole, name="speed_of_light")
    return (
        Entry(scenario, "numpy", pair, probe=whole, threads=threads),
        Entry(scenario, "keras_tuned", pair, probe=whole, threads=threads),
        Entry(scenario, "keras", pair, not_in_quick=threads > 1, probe=deeper, threads=threads),
        Entry(scenario, "numpy", f"{pair}, speed of light", probe=light, threads=threads),
    )


EXPERIMENT = Experiment(
    name="crossover",
    title="where Goliath wins, if it does: one update by width, depth and batch, and a whole job with its start",
    package=__package__,
    entries=(*_sides(1), *_sides(2)),
    seeds=5,
    covers=("large networks",),
)
