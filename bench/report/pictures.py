"""The pictures of a run, by name: each is drawn when it is asked for."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.core.errors import unknown
from bench.datasets import DATASETS
from bench.drawing import dataset
from bench.drawing.picture import Picture, empty
from bench.report.content import Drawn
from bench.runs.record import Part, Run
from bench.store.folder import write_bytes, write_text

Drawers = dict[str, Callable[[], Picture]]

# Of the run as a whole, rather than of one experiment.
_HEADLINES, _DATA = "headlines", "data"


def drawers_of(run: Run) -> dict[str, Drawers]:
    """Return how to draw each picture, by its name, in the report's order.

    They are grouped: the headlines, those of each experiment by its name, and the data sets.
    """
    headlines: Drawers = {}
    groups: dict[str, Drawers] = {_HEADLINES: headlines}
    for (suite, experiment), finding in zip(run.experiments.items(), run.findings, strict=True):
        part = run.part(suite)
        if suite not in run.settings.folders:
            headlines |= experiment.headlines(part, finding)
            groups[suite] = dict(experiment.pictures(part, finding))
            continue
        try:
            drawn = dict(experiment.pictures(part, finding))
        except Exception as error:
            drawn = {f"figures-{suite}": partial(_failed, suite, f"figures-{suite}", error)}
        groups[suite] = {name: partial(_guarded, suite, name, draw) for name, draw in drawn.items()}
    groups[_DATA] = {f"data-{name}": partial(_data, part, name) for name, part in _planar_data(run).items()}
    return groups


def _guarded(suite: str, name: str, draw: Callable[[], Picture]) -> Picture:
    """Return a picture of a user's own experiment, or one that says why it could not be drawn."""
    try:
        return draw()
    except Exception as error:
        return _failed(suite, name, error)


def _failed(suite: str, name: str, error: Exception) -> Picture:
    words = f"This picture could not be drawn: figures.py raised {type(error).__name__}: {error}."
    return empty(name, f"{suite}: {name}", words)


def draw_all(run: Run, folder: Path, on_progress: Callable[[int, int], None]) -> list[Drawn]:
    """Draw every picture of a run, and write each as SVG and PNG."""
    groups = drawers_of(run)
    todo = [(group, name, draw) for group, drawers in groups.items() for name, draw in drawers.items()]
    folder.mkdir(exist_ok=True)
    drawn = []
    for done, (group, name, draw) in enumerate(todo):
        on_progress(done, len(todo))
        picture = draw()
        svg = picture.svg()
        write_text(folder / f"{name}.svg", svg)
        write_bytes(folder / f"{name}.png", picture.png())
        suite = group if group in run.experiments else None
        drawn.append(Drawn(name, suite, picture.title, picture.caption, picture.alt, svg))
    on_progress(len(todo), len(todo))
    return drawn


def find_picture(run: Run, name: str) -> Picture:
    """Return the picture of that name; the first of a kind for a name such as ``convergence``.

    The fair duel's comes first, since its experiment has the name of its pair.

    Raises:
        UsageError: if there is none; the nearest name is given.
    """
    drawers = {each: draw for group in drawers_of(run).values() for each, draw in group.items()}
    if name not in drawers:
        of_kind = [each for each in drawers if each.startswith(f"{name}-")]
        if not of_kind:
            raise unknown("picture", name, drawers)
        whole = [f"{name}-{suite}" for suite, pair in run.planned if suite == pair]
        name = next((each for each in of_kind if each in whole), of_kind[0])
    return drawers[name]()


def _planar_data(run: Run) -> dict[str, Part]:
    """Return the data sets of the run's trials that are two classes in a plane, each with its first part."""
    found: dict[str, Part] = {}
    for suite in run.experiments:
        part = run.part(suite)
        for scenario in dict.fromkeys(part.tables.trials["scenario"]):
            known = DATASETS.get(run.scenarios[scenario].dataset) if scenario in run.scenarios else None
            if known is not None and (known.features, known.classes) == (2, 2):
                found.setdefault(known.name, part)
    return found


def _data(part: Part, name: str) -> Picture:
    from bench.datasets import load

    return dataset.draw(name, DATASETS[name].title, load(name, part.resample_seed), part.resample_seed)
