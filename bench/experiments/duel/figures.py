"""The pictures of the fair duel: those of every comparison of contenders, and its curves in the band of rounding."""

from functools import partial

from bench.drawing import band
from bench.experiments import comparing_figures
from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.comparing import Comparison


def pictures(results: Results, finding: Finding[Comparison]) -> Pictures:
    """Return how to draw each of them, by its name; without a band if the run kept none."""
    drawers = dict(comparing_figures.pictures(results, finding))
    curves = results.tables.curves
    if curves["band"].notna().any():
        name, title = f"rounding-{results.suite}", f"{results.suite}: what rounding alone does to a curve"
        drawers[name] = partial(band.draw, name, title, curves)
    return drawers
