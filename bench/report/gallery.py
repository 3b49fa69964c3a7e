"""The pictures of a run, by name: each is drawn when it is asked for."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.core.errors import unknown
from bench.core.evaluate import activate, forward
from bench.core.spec import FloatArray, NetworkSpec
from bench.datasets import DATASETS, Data, load
from bench.datasets import find as find_dataset
from bench.experiments.cost import finding as cost
from bench.experiments.crossover import finding as crossover
from bench.experiments.explain import finding as explain
from bench.experiments.optimizers import finding as optimizers
from bench.report.content import Drawn
from bench.runs.plan import expected
from bench.store.folder import write_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd

    from bench.drawing.boundaries import Plane
    from bench.drawing.picture import Picture
    from bench.runs.session import Run

Gallery = dict[str, "Callable[[], Picture]"]

_USUAL_TARGET = 0.95


def gallery(run: "Run") -> Gallery:
    """Return how to draw each of a run's pictures, by the picture's name, in the report's order."""
    drawers: Gallery = {}
    if {"published", "twins"} <= set(run.settings.suites):
        drawers["duel"] = partial(_duel, run)
    for suite in run.settings.suites:
        drawers |= suite_gallery(run, suite)
    for name in datasets_of(run, run.settings.suites):
        drawers[f"data-{name}"] = partial(_data, run, name)
    return drawers


def suite_gallery(run: "Run", suite: str) -> Gallery:
    """Return how to draw each picture of one suite."""
    return _OF_SUITE.get(suite, _duel_gallery)(run, suite)


def _explain_gallery(run: "Run", suite: str) -> Gallery:
    return {f"attribution-{suite}": partial(_attribution, run), f"gradients-{suite}": partial(_gradients, run)}


def _optimizers_gallery(run: "Run", suite: str) -> Gallery:
    return {f"sweep-{suite}": partial(_sweep, run), f"profiles-{suite}": partial(_profiles, run)}


def _crossover_gallery(run: "Run", suite: str) -> Gallery:
    """Return how to draw the maps: in steady state and of a whole job, for each number of threads."""
    threads = sorted({entry.threads or 1 for entry in run.suites[suite].entries})
    measured = set(run.measurements[run.measurements["suite"] == suite]["threads"])
    return {
        f"{view}-{suite}-{count}": partial(_crossover, run, view, count)
        for count in [each for each in threads if each in measured] or threads[:1]
        for view in ("steady", "whole-job")
    }


def _cost_gallery(run: "Run", suite: str) -> Gallery:
    return {f"card-{suite}": partial(_cost, run)}


def _duel_gallery(run: "Run", suite: str) -> Gallery:
    trials = run.trials[run.trials["suite"] == suite]
    pairs = list(dict.fromkeys(trials["pair"])) or [pair for name, pair in expected(run.settings) if name == suite]
    drawers: Gallery = {_named("convergence", suite, pair): partial(_convergence, run, suite, pair) for pair in pairs}
    drawers[f"wall-time-{suite}"] = partial(_wall_time, run, suite)
    drawers[f"accuracy-{suite}"] = partial(_accuracy, run, suite)
    for pair in pairs:
        drawers[_named("boundaries", suite, pair)] = partial(_boundaries, run, suite, pair)
    return drawers


# A suite that compares other things than contenders has pictures of its own.
_OF_SUITE: dict[str, Callable[["Run", str], Gallery]] = {
    explain.SUITE: _explain_gallery,
    optimizers.SUITE: _optimizers_gallery,
    crossover.SUITE: _crossover_gallery,
    cost.SUITE: _cost_gallery,
}


def draw_all(run: "Run", folder: Path, on_progress: Callable[[int, int], None]) -> list[Drawn]:
    """Draw every picture of a run, and write each as SVG and PNG."""
    drawers = gallery(run)
    owner = {name: suite for suite in run.settings.suites for name in suite_gallery(run, suite)}
    folder.mkdir(exist_ok=True)
    drawn = []
    for done, (name, draw) in enumerate(drawers.items()):
        on_progress(done, len(drawers))
        picture = draw()
        svg = picture.svg()
        write_text(folder / f"{name}.svg", svg)
        write_bytes(folder / f"{name}.png", picture.png())
        drawn.append(Drawn(name, owner.get(name), picture.title, picture.caption, picture.alt, svg))
    on_progress(len(drawers), len(drawers))
    return drawn


def find_picture(run: "Run", name: str) -> "Picture":
    """Return the picture of that name; the first of a kind for a name such as ``convergence``.

    Raises:
        UsageError: if there is none; the nearest name is given.
    """
    drawers = gallery(run)
    if name not in drawers:
        of_kind = [each for each in drawers if each.startswith(f"{name}-")]
        if not of_kind:
            raise unknown("picture", name, drawers)
        # the fair duel is what a comparison means
        name = next((each for each in of_kind if each.startswith(f"{name}-twins")), of_kind[0])
    return drawers[name]()


def datasets_of(run: "Run", suites: Sequence[str]) -> list[str]:
    """Return the data sets of some of a run's suites that are two classes in a plane, each once."""
    own = run.trials[run.trials["suite"].isin(list(suites))]
    names = dict.fromkeys(run.scenarios[name].dataset for name in own["scenario"] if name in run.scenarios)
    known = (DATASETS[name] for name in names if name in DATASETS)
    return [dataset.name for dataset in known if (dataset.features, dataset.classes) == (2, 2)]


def target_of(run: "Run", trials: "pd.DataFrame") -> float:
    """Return the training accuracy that the scenarios of some of a run's trials ask for."""
    known = (run.scenarios[name].target_accuracy for name in trials["scenario"] if name in run.scenarios)
    return next(known, _USUAL_TARGET)


def _missing(run: "Run", suite: str, pairs: Sequence[str], *, curves: bool = False) -> str:
    """Return which planned trials are not in a picture; with ``curves``, which break off in it. Nothing if all are."""
    absent, broken = [], []
    own = run.trials[run.trials["suite"] == suite]
    for pair in pairs:
        trials = own[own["pair"] == pair]
        planned = expected(run.settings).get((suite, pair), {})
        for contender in dict.fromkeys([*planned, *trials["contender"]]):
            found = trials[trials["contender"] == contender]["status"].value_counts().to_dict()
            total = max(planned.get(contender, 0), sum(found.values()))
            if curves and "diverged" in found:
                broken.append(f"{contender} {found.pop('diverged')} of {total}")
            words = [f"{count} {status}" for status, count in found.items() if status != "ok"]
            if total > len(trials[trials["contender"] == contender]):
                words.append(f"{total - len(trials[trials['contender'] == contender])} not made")
            if words:
                absent.append(f"{contender}: {', '.join(words)} of {total} trials")
    sentences = [f"Not drawn: {'; '.join(absent)}."] if absent else []
    sentences += [f"Diverged, and drawn to where it broke off: {'; '.join(broken)}."] if broken else []
    return " ".join(sentences)


def _pairs(run: "Run", suite: str) -> list[str]:
    own = run.trials[run.trials["suite"] == suite]
    return list(dict.fromkeys([*(pair for name, pair in expected(run.settings) if name == suite), *own["pair"]]))


def _named(kind: str, suite: str, pair: str) -> str:
    return f"{kind}-{suite}" if pair == suite else f"{kind}-{suite}-{pair}"


def _of(trials: "pd.DataFrame", pair: str) -> str:
    """Return which comparison a picture shows, where its suite holds several."""
    return f", the {pair} network" if trials["pair"].nunique() > 1 else ""


def _data(run: "Run", name: str) -> "Picture":
    from bench.drawing import dataset

    suite = next(suite for suite in run.settings.suites if name in datasets_of(run, [suite]))
    seed = run.settings.seeds[suite][0] if run.settings.resample_data else None
    return dataset.draw(name, find_dataset(name).title, load(name, seed), seed)


def _attribution(run: "Run") -> "Picture":
    from bench.experiments.explain import attribution

    trials = run.tables.of(explain.SUITE).trials
    found = explain.attributions(trials)
    lacking = explain.left_out(trials)
    missing = f"Seeds left out, for want of a cell at its target: {', '.join(map(str, lacking))}." if lacking else ""
    missing = " ".join([missing, _missing(run, explain.SUITE, [explain.SUITE])]).strip()
    title = "explain: what each cause is worth, by four clocks"
    ends = ("the article's NumPy set-up", "its Keras set-up")
    return attribution.draw("attribution-explain", title, found, ends, missing)


def _gradients(run: "Run") -> "Picture":
    from bench.experiments.explain import gradients

    networks = {name: explain.network_words(name) for name in dict.fromkeys(run.gradients["scenario"])}
    title = "explain: the gradient at each layer before the first update"
    return gradients.draw("gradients-explain", title, run.gradients, networks, explain.INITIALIZERS)


def _sweep(run: "Run") -> "Picture":
    from bench.experiments.optimizers.figures import draw_sweep

    trials = run.tables.of(optimizers.SUITE).trials
    counted = optimizers.readings(trials, optimizers.CLOCKS["updates"])
    most = int(trials["updates"].max()) if len(counted) else 0
    return draw_sweep("sweep-optimizers", "optimizers: how sensitive each is to its learning rate", counted, most)


def _profiles(run: "Run") -> "Picture":
    from bench.experiments.optimizers.figures import draw_profiles

    trials = run.tables.of(optimizers.SUITE).trials
    read = {clock: optimizers.readings(trials, column) for clock, column in optimizers.CLOCKS.items()}
    best = optimizers.best_rates(read["updates"])
    found = {clock: optimizers.tuned_profiles(each, best) for clock, each in read.items() if each}
    title = "optimizers: how often each is near the best, at its best rate"
    return draw_profiles("profiles-optimizers", title, found, read["updates"])


def _convergence(run: "Run", suite: str, pair: str) -> "Picture":
    from bench.drawing import convergence

    trials, curves = of_pair(run, suite, pair)
    title = f"{suite}: convergence{_of(run.trials[run.trials['suite'] == suite], pair)}"
    missing = _missing(run, suite, [pair], curves=True)
    return convergence.draw(_named("convergence", suite, pair), title, trials, curves, target_of(run, trials), missing)


def _wall_time(run: "Run", suite: str) -> "Picture":
    from bench.drawing import wall_time

    trials = run.trials[run.trials["suite"] == suite]
    missing = _missing(run, suite, _pairs(run, suite))
    return wall_time.draw(f"wall-time-{suite}", f"{suite}: where the time goes", trials, missing)


def _accuracy(run: "Run", suite: str) -> "Picture":
    from bench.drawing import accuracy

    trials = run.trials[run.trials["suite"] == suite]
    missing = _missing(run, suite, _pairs(run, suite))
    return accuracy.draw(f"accuracy-{suite}", f"{suite}: test accuracy", trials, target_of(run, trials), missing)


def _boundaries(run: "Run", suite: str, pair: str) -> "Picture":
    from bench.drawing import boundaries

    trials = run.trials[run.trials["suite"] == suite]
    data = run.data(suite)
    name, title = _named("boundaries", suite, pair), f"{suite}: what the networks learned{_of(trials, pair)}"
    surfaces: dict[str, FloatArray] = {}
    without = []
    plane = boundaries.Plane.around(data) if in_a_plane(data) else None
    for scenario, contender in sides(trials, pair):
        weights = run.weights(suite, scenario, contender) if plane is not None else None
        if weights is None or plane is None:
            without.append(contender)
            continue
        surface = surface_of(run.scenarios[scenario].network, weights, plane)
        if np.isfinite(surface).all():
            surfaces[contender] = surface
        else:
            without.append(contender)
    missing = f"No finite weights are kept of {', '.join(without)}." if without else ""
    if plane is None:
        from bench.drawing.picture import empty

        return empty(name, title, "The data has more than two features, so there is no plane to draw.")
    return boundaries.draw(name, title, plane, data, surfaces, run.settings.seeds[suite][0], missing)


def _duel(run: "Run") -> "Picture":
    from bench.experiments.published import duel

    trials, curves = of_pair(run, "twins", "twins")
    twins = [name for name in ("numpy", "keras") if name in set(trials["contender"])]
    fair = (trials[trials["contender"].isin(twins)], curves[curves["contender"].isin(twins)])
    notes = {
        "as published": _missing(run, "published", ["article"], curves=True),
        "fair": _missing(run, "twins", ["twins"], curves=True),
    }
    missing = " ".join(f"{side}: {words}" for side, words in notes.items() if words)
    return duel.draw(of_pair(run, "published", "article"), fair, target_of(run, trials), missing)


def _crossover(run: "Run", view: str, threads: int) -> "Picture":
    from bench.experiments.crossover import figures as map_of_updates

    own = [table[table["suite"] == "crossover"] for table in (run.trials, run.measurements)]
    pairs = [pair for pair in _pairs(run, "crossover") if pair.startswith(f"{threads} thread")]
    missing = _missing(run, "crossover", pairs)
    whole = view == "whole-job"
    return map_of_updates.draw(f"{view}-crossover-{threads}", own[0], own[1], threads, missing, whole=whole)


def _cost(run: "Run") -> "Picture":
    from bench.experiments.cost import figures as card

    own = [table[table["suite"] == "cost"] for table in (run.trials, run.measurements)]
    return card.draw("card-cost", own[0], own[1], _missing(run, "cost", ["cost"]))


def of_pair(run: "Run", suite: str, pair: str) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the trials and the curves of one comparison."""
    trials = run.trials[(run.trials["suite"] == suite) & (run.trials["pair"] == pair)]
    both = set(zip(trials["scenario"], trials["contender"], strict=True))
    own = run.curves[run.curves["suite"] == suite]
    belongs = [side in both for side in zip(own["scenario"], own["contender"], strict=True)]
    return trials, own[np.array(belongs, dtype=bool)]


def sides(trials: "pd.DataFrame", pair: str) -> list[tuple[str, str]]:
    """Return scenario and contender of each side of a comparison, in the order in which they ran."""
    own = trials[trials["pair"] == pair]
    return list(dict.fromkeys(zip(own["scenario"], own["contender"], strict=True)))


def in_a_plane(data: Data) -> bool:
    """Return whether the data is two classes in a plane."""
    return data.x_train.shape[1] == 2 and data.y_train.ndim == 2 and data.y_train.shape[1] == 1


def surface_of(network: NetworkSpec, weights: list[FloatArray], plane: "Plane") -> FloatArray:
    """Return the probability of class 1 on the plane, by the neutral evaluator; it may be not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        logits = forward(network, weights, plane.points)[-1]
        probability = activate(network.layers[-1].activation, logits)
    surface: FloatArray = probability.reshape(len(plane.y), len(plane.x))
    return surface
