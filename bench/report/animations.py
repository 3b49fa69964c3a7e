"""The decision boundaries of an experiment as they form: which contenders are shown, and why there may be none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.experiments.comparing_figures import of_pair
from bench.runs.record import Run
from bench.store.files import own_folder, write_bytes


@dataclass(frozen=True)
class Animation:
    """An animation, or the reason why there is none.

    Attributes:
        gif: the file; None if it could not be made.
        words: what it shows, as alternative text, or why there is none.
    """

    gif: bytes | None
    words: str


def animate_all(
    run: Run, suites: Sequence[str], folder: Path, on_frame: Callable[[int, int], None]
) -> dict[str, Animation]:
    """Make and write an animation of each of these experiments; return them, or why there is none, by name."""
    made = {}
    for suite in suites:
        made[suite] = animation(run, suite, on_frame)
        if made[suite].gif is not None:
            write_bytes(own_folder(folder) / film_name(suite), made[suite].gif or b"")
    return made


def film_name(suite: str) -> str:
    """Return the name of an experiment's animation as a file."""
    return f"forming-{suite}.gif"


def animation(run: Run, suite: str, on_frame: Callable[[int, int], None] = lambda _done, _total: None) -> Animation:
    """Return the boundaries of an experiment's first two contenders as they form, in step by update, with losses."""
    from bench.drawing import forming
    from bench.drawing.boundaries import Plane

    part = run.part(suite)
    trials, curves = of_pair(part, next(iter(part.tables.trials["pair"]), suite))
    data = part.data()
    if not data.is_planar:
        return Animation(None, "the data has more than two features, so there is no plane to draw")
    plane = Plane.around(data)
    forms: dict[str, forming.Forming] = {}
    sides = list(dict.fromkeys(zip(trials["scenario"], trials["contender"], strict=True)))
    for name, contender in sides[:2]:
        kept = run.frames(suite, name, contender)
        if kept is None:
            continue
        scenario = run.scenarios[name]
        surfaces = [plane.surface(scenario.network, scenario.network.split(frame)) for frame in kept[1]]
        if all(np.isfinite(surface).all() for surface in surfaces):
            updates = kept[0] * scenario.updates_per_epoch(len(data.x_train))
            forms[contender] = forming.Forming(updates, np.stack(surfaces))
    if not forms:
        return Animation(None, "this run kept no weights of its epochs, or none that are finite")
    seed = part.seed
    gif = forming.animate(f"{suite}, seed {seed}", plane, data, forms, curves[curves["seed"] == seed], on_frame)
    last = "; ".join(
        f"{name} ends after {each.updates[-1]:,} updates with {(each.surfaces[-1] > 0.5).mean():.0%} of the plane in "
        f"class 1"
        for name, each in forms.items()
    )
    return Animation(
        gif, f"The decision boundaries of {suite}, seed {seed}, update by update, with losses beneath; {last}."
    )
