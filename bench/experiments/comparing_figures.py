"""The pictures of experiments that compare contenders: convergence, wall time, accuracy, decision boundaries."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from bench.drawing import accuracy, boundaries, convergence, wall_time
from bench.drawing.picture import Picture
from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.comparing import Comparison

if TYPE_CHECKING:
    import pandas as pd

    from bench.core.spec import FloatArray


def pictures(results: Results, finding: Finding[Comparison]) -> Pictures:
    """Return how to draw each of them, by its name: one of each kind for every pair, or for the whole experiment."""
    suite, found = results.suite, finding.result
    pairs = list(dict.fromkeys(results.tables.trials["pair"])) or results.pairs
    drawers: dict[str, Callable[[], Picture]] = {}
    for pair in pairs:
        drawers[_named("convergence", suite, pair)] = partial(_convergence, results, found, pair)
    drawers[f"wall-time-{suite}"] = partial(_wall_time, results, found)
    drawers[f"accuracy-{suite}"] = partial(_accuracy, results, found)
    for pair in filter(partial(_is_planar, results), pairs):
        drawers[_named("boundaries", suite, pair)] = partial(_boundaries, results, pair)
    return drawers


def of_pair(results: Results, pair: str) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the trials and the curves of one comparison."""
    trials, curves = results.tables.trials, results.tables.curves
    trials = trials[trials["pair"] == pair]
    sides = set(zip(trials["scenario"], trials["contender"], strict=True))
    belongs = [side in sides for side in zip(curves["scenario"], curves["contender"], strict=True)]
    return trials, curves[np.array(belongs, dtype=bool)]


def _is_planar(results: Results, pair: str) -> bool:
    """Return whether a comparison's networks tell two classes apart in a plane, which can be drawn."""
    trials = results.tables.trials
    named = trials.loc[trials["pair"] == pair, "scenario"]
    return all(name not in results.scenarios or results.scenarios[name].is_planar for name in named.unique())


def _named(kind: str, suite: str, pair: str) -> str:
    return f"{kind}-{suite}" if pair == suite else f"{kind}-{suite}-{pair}"


def _which(results: Results, pair: str) -> str:
    """Return which comparison a picture shows, where its experiment holds several."""
    return f", the {pair} network" if results.tables.trials["pair"].nunique() > 1 else ""


def _convergence(results: Results, found: Comparison, pair: str) -> Picture:
    return convergence.draw(
        _named("convergence", results.suite, pair),
        f"{results.suite}: convergence{_which(results, pair)}",
        *of_pair(results, pair),
        score=found.score,
        target=results.target,
        reached=found.reached.get(pair, {}),
        missing=results.missing(pair, curves=True),
    )


def _wall_time(results: Results, found: Comparison) -> Picture:
    name, title = f"wall-time-{results.suite}", f"{results.suite}: where the time goes"
    return wall_time.draw(name, title, results.tables.trials, found.phases, results.missing())


def _accuracy(results: Results, found: Comparison) -> Picture:
    name, title = f"accuracy-{results.suite}", f"{results.suite}: test {found.score.words}"
    trials = results.tables.trials
    return accuracy.draw(name, title, trials, found.score, found.scores, results.target, results.missing())


def _boundaries(results: Results, pair: str) -> Picture:
    trials, _ = of_pair(results, pair)
    name = _named("boundaries", results.suite, pair)
    title = f"{results.suite}: what the networks learned{_which(results, pair)}"
    data = results.data()
    plane = boundaries.Plane.around(data)
    surfaces: dict[str, FloatArray] = {}
    without = []
    for scenario, contender in dict.fromkeys(zip(trials["scenario"], trials["contender"], strict=True)):
        weights = results.weights(scenario, contender)
        surface = None if weights is None else plane.surface(results.scenarios[scenario].network, weights)
        if surface is None or not np.isfinite(surface).all():
            without.append(contender)
        else:
            surfaces[contender] = surface
    missing = f"No finite weights are kept of {', '.join(without)}." if without else ""
    return boundaries.draw(name, title, plane, data, surfaces, results.seed, missing)
