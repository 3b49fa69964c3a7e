"""The pictures of a run, by name: each is drawn when it is asked for."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.datasets import Data
from bench.errors import unknown
from bench.evaluate import activate, forward
from bench.report.content import Drawn
from bench.scenarios import SCENARIOS
from bench.spec import FloatArray, NetworkSpec
from bench.store.folder import write_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd

    from bench.figures.boundaries import Plane
    from bench.figures.picture import Picture
    from bench.session import Run

Gallery = dict[str, "Callable[[], Picture]"]

_USUAL_TARGET = 0.95


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def gallery(run: "Run") -> Gallery:
    """Return how to draw each of a run's pictures, by the picture's name, in the report's order."""
    drawers: Gallery = {}
    if {"published", "twins"} <= set(run.settings.suites):
        drawers["duel"] = partial(_duel, run)
    for suite in run.settings.suites:
        drawers |= suite_gallery(run, suite)
    for name in datasets_of(run):
        drawers[f"data-{name}"] = partial(_data, run, name)
    return drawers


def suite_gallery(run: "Run", suite: str) -> Gallery:
    """Return how to draw each picture of one suite."""
    trials = run.trials[run.trials["suite"] == suite]
    pairs = list(dict.fromkeys(trials["pair"])) or [suite]
    drawers: Gallery = {_named("convergence", suite, pair): partial(_convergence, run, suite, pair) for pair in pairs}
    drawers[f"wall-time-{suite}"] = partial(_wall_time, suite, trials)
    drawers[f"accuracy-{suite}"] = partial(_accuracy, suite, trials)
    for pair in pairs:
        drawers[_named("boundaries", suite, pair)] = partial(_boundaries, run, suite, pair)
    return drawers


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


def animate_all(run: "Run", folder: Path, on_frame: Callable[[int, int], None]) -> dict[str, bytes]:
    """Make and write an animation of each suite whose frames were kept; return them by suite."""
    made = {}
    for suite in run.settings.suites:
        gif = animation(run, suite, on_frame)
        if gif is not None:
            folder.mkdir(exist_ok=True)
            write_bytes(folder / f"forming-{suite}.gif", gif)
            made[suite] = gif
    return made


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


def animation(run: "Run", suite: str, on_frame: Callable[[int, int], None] = _silent) -> bytes | None:
    """Return the boundaries of a suite's first two contenders as they form, a GIF; None without stored weights."""
    from bench.figures import forming
    from bench.figures.boundaries import Plane

    trials = run.trials[run.trials["suite"] == suite]
    pair = next(iter(trials["pair"]), suite)
    data = run.data(suite)
    if not _in_a_plane(data):
        return None
    plane = Plane.around(data)
    epochs: list[int] = []
    surfaces: dict[str, FloatArray] = {}
    for scenario, contender in _sides(trials, pair):
        kept = run.frames(suite, scenario, contender)
        if kept is None or len(surfaces) == 2 or (surfaces and list(kept[0]) != epochs):
            continue
        epochs = [int(epoch) for epoch in kept[0]]
        network = SCENARIOS[scenario].network
        surfaces[contender] = np.stack([_surface(network, network.split(frame), plane) for frame in kept[1]])
    if not surfaces:
        return None
    seed = run.settings.seeds[suite][0]
    curves = run.curves[(run.curves["suite"] == suite) & (run.curves["seed"] == seed)]
    return forming.animate(f"{suite}, seed {seed}", plane, data, epochs, surfaces, curves, on_frame)


def datasets_of(run: "Run") -> list[str]:
    """Return the data sets of a run's scenarios, each once."""
    names = [SCENARIOS[name].dataset for name in run.trials["scenario"] if name in SCENARIOS]
    return list(dict.fromkeys(names))


def target_of(trials: "pd.DataFrame") -> float:
    """Return the training accuracy that a table's scenarios ask for."""
    return next((SCENARIOS[name].target_accuracy for name in trials["scenario"] if name in SCENARIOS), _USUAL_TARGET)


def _named(kind: str, suite: str, pair: str) -> str:
    return f"{kind}-{suite}" if pair == suite else f"{kind}-{suite}-{pair}"


def _of(trials: "pd.DataFrame", pair: str) -> str:
    """Return which comparison a picture shows, where its suite holds several."""
    return f", the {pair} network" if trials["pair"].nunique() > 1 else ""


def _data(run: "Run", name: str) -> "Picture":
    from bench.figures import dataset

    suite = next(suite for suite in run.settings.suites if name in _datasets(run, suite))
    return dataset.draw(name, run.data(suite))


def _datasets(run: "Run", suite: str) -> set[str]:
    own = run.trials[run.trials["suite"] == suite]
    return {SCENARIOS[name].dataset for name in own["scenario"] if name in SCENARIOS}


def _convergence(run: "Run", suite: str, pair: str) -> "Picture":
    from bench.figures import convergence

    trials, curves = _of_pair(run, suite, pair)
    title = f"{suite}: convergence{_of(run.trials[run.trials['suite'] == suite], pair)}"
    return convergence.draw(_named("convergence", suite, pair), title, trials, curves, target_of(trials))


def _wall_time(suite: str, trials: "pd.DataFrame") -> "Picture":
    from bench.figures import wall_time

    return wall_time.draw(f"wall-time-{suite}", f"{suite}: where the time goes", trials)


def _accuracy(suite: str, trials: "pd.DataFrame") -> "Picture":
    from bench.figures import accuracy

    return accuracy.draw(f"accuracy-{suite}", f"{suite}: test accuracy", trials, target_of(trials))


def _boundaries(run: "Run", suite: str, pair: str) -> "Picture":
    from bench.figures import boundaries

    trials = run.trials[run.trials["suite"] == suite]
    data = run.data(suite)
    name, title = _named("boundaries", suite, pair), f"{suite}: what the networks learned{_of(trials, pair)}"
    surfaces: dict[str, FloatArray] = {}
    without = []
    plane = boundaries.Plane.around(data) if _in_a_plane(data) else None
    for scenario, contender in _sides(trials, pair):
        weights = run.weights(suite, scenario, contender) if plane is not None else None
        if weights is None or plane is None:
            without.append(contender)
        else:
            surfaces[contender] = _surface(SCENARIOS[scenario].network, weights, plane)
    missing = f"No weights are kept of {', '.join(without)}." if without else ""
    if plane is None:
        from bench.figures.picture import empty

        return empty(name, title, "The data has more than two features, so there is no plane to draw.")
    return boundaries.draw(name, title, plane, data, surfaces, run.settings.seeds[suite][0], missing)


def _duel(run: "Run") -> "Picture":
    from bench.figures import duel

    trials, curves = _of_pair(run, "twins", "twins")
    twins = [name for name in ("numpy", "keras") if name in set(trials["contender"])]
    fair = (trials[trials["contender"].isin(twins)], curves[curves["contender"].isin(twins)])
    return duel.draw(_of_pair(run, "published", "article"), fair, target_of(trials))


def _of_pair(run: "Run", suite: str, pair: str) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the trials and the curves of one comparison."""
    trials = run.trials[(run.trials["suite"] == suite) & (run.trials["pair"] == pair)]
    sides = set(zip(trials["scenario"], trials["contender"], strict=True))
    own = run.curves[run.curves["suite"] == suite]
    belongs = [side in sides for side in zip(own["scenario"], own["contender"], strict=True)]
    return trials, own[np.array(belongs, dtype=bool)]


def _sides(trials: "pd.DataFrame", pair: str) -> list[tuple[str, str]]:
    own = trials[trials["pair"] == pair]
    return list(dict.fromkeys(zip(own["scenario"], own["contender"], strict=True)))


def _in_a_plane(data: Data) -> bool:
    return data.x_train.shape[1] == 2 and data.y_train.ndim == 2 and data.y_train.shape[1] == 1


def _surface(network: NetworkSpec, weights: list[FloatArray], plane: "Plane") -> FloatArray:
    """Return the probability of class 1 on the plane, by the neutral evaluator."""
    with np.errstate(over="ignore", invalid="ignore"):
        logits = forward(network, weights, plane.points)[-1]
        probability = activate(network.layers[-1].activation, logits)
    surface: FloatArray = np.nan_to_num(probability.reshape(len(plane.y), len(plane.x)), nan=0.5)
    return surface
