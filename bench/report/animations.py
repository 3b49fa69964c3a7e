"""The boundaries of a suite as they form: which contenders go in step, and why there may be no animation."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.core.spec import FloatArray
from bench.report.gallery import in_a_plane, of_pair, sides, surface_of
from bench.store.folder import write_bytes

if TYPE_CHECKING:
    from bench.runs.session import Run


@dataclass(frozen=True)
class Animation:
    """A GIF, or none.

    Attributes:
        gif: the file; None if it could not be made.
        words: what it shows, for someone who does not see it, or why there is none.
    """

    gif: bytes | None
    words: str


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def animate_all(run: "Run", folder: Path, on_frame: Callable[[int, int], None]) -> dict[str, Animation]:
    """Make and write an animation of each suite; return them, or why there is none, by suite."""
    made = {}
    for suite in run.settings.suites:
        if not run.suites[suite].is_duel:
            continue
        made[suite] = animation(run, suite, on_frame)
        if made[suite].gif is not None:
            folder.mkdir(exist_ok=True)
            write_bytes(folder / f"forming-{suite}.gif", made[suite].gif or b"")
    return made


def animation(run: "Run", suite: str, on_frame: Callable[[int, int], None] = _silent) -> Animation:
    """Return the boundaries of a suite's first two contenders as they form, in step, with their losses."""
    from bench.drawing import forming
    from bench.drawing.boundaries import Plane

    trials = run.trials[run.trials["suite"] == suite]
    pair = next(iter(trials["pair"]), suite)
    data = run.data(suite)
    if not in_a_plane(data):
        return Animation(None, "the data has more than two features, so there is no plane to draw")
    plane = Plane.around(data)
    epochs: list[int] = []
    surfaces: dict[str, FloatArray] = {}
    for scenario, contender in sides(trials, pair)[:2]:
        kept = run.frames(suite, scenario, contender)
        if kept is None:
            continue
        if surfaces and list(kept[0]) != epochs:
            return Animation(None, "its two sides train for different numbers of epochs, so they cannot go in step")
        epochs = [int(epoch) for epoch in kept[0]]
        network = run.scenarios[scenario].network
        frames = [surface_of(network, network.split(frame), plane) for frame in kept[1]]
        if all(np.isfinite(frame).all() for frame in frames):
            surfaces[contender] = np.stack(frames)
    if not surfaces:
        return Animation(None, "this run kept no weights of its epochs, or none that are finite")
    seed = run.settings.seeds[suite][0]
    _, curves = of_pair(run, suite, pair)
    gif = forming.animate(
        f"{suite}, seed {seed}", plane, data, epochs, surfaces, curves[curves["seed"] == seed], on_frame
    )
    last = "; ".join(f"{name} ends at {share:.0%} of the plane in class 1" for name, share in _shares(surfaces))
    return Animation(
        gif, f"The decision boundaries of {suite}, seed {seed}, epoch by epoch, with losses beneath; {last}."
    )


def _shares(surfaces: dict[str, FloatArray]) -> list[tuple[str, float]]:
    return [(name, float((frames[-1] > 0.5).mean())) for name, frames in surfaces.items()]
