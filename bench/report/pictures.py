"""The pictures of a run, by name: each is drawn when it is asked for."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.core.errors import unknown
from bench.core.raised import raised
from bench.datasets import DATASETS, load
from bench.drawing import dataset
from bench.drawing.panels import PHONE_WIDTH, phone
from bench.drawing.picture import Picture, drawing, empty
from bench.experiments.base import Experiment, Finding
from bench.report.content import Drawn
from bench.runs.record import Part, Run
from bench.store.files import own_folder, safe_name, write_bytes, write_text

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
        taken = {name for drawers in groups.values() for name in drawers}
        groups[suite] = _own_drawers(run, experiment, finding, taken)
    groups[_DATA] = {f"data-{name}": partial(_data, part, name) for name, part in _planar_data(run).items()}
    return groups


def _own_drawers(run: Run, experiment: Experiment, finding: Finding[Any], taken: set[str]) -> Drawers:
    """Return how to draw the pictures of a user's own experiment; one that raises is replaced by the reason."""
    if isinstance(finding.result, Exception):  # there is nothing to draw, and the finding says why
        return {}
    suite, folder = experiment.name, Path(run.settings.folders[experiment.name])
    try:
        drawn = dict(experiment.pictures(run.part(suite), finding))
        for name in drawn:
            if safe_name(name) != name or name in taken:
                raise ValueError(f"each picture must have a file name that no other picture has, got {name!r}")
    except Exception as error:
        return {f"figures-{suite}": partial(_failed, suite, f"figures-{suite}", raised(error, folder))}
    return {name: partial(_guarded, suite, name, draw, folder) for name, draw in drawn.items()}


def _guarded(suite: str, name: str, draw: Callable[[], Picture], folder: Path) -> Picture:
    """Return a picture of a user's own experiment, or one that says why it could not be drawn."""
    try:
        picture = draw()
        if not isinstance(picture, Picture):
            raise TypeError(f"a function that draws must return a Picture, got {type(picture).__name__}")
        with drawing():
            picture.figure.draw_without_rendering()  # labels that cannot be laid out raise here and not while saving
    except Exception as error:
        return _failed(suite, name, raised(error, folder))
    return picture


def _failed(suite: str, name: str, words: str) -> Picture:
    return empty(name, f"{suite}: {name}", f"This picture could not be drawn: {words}.")


def draw_all(run: Run, folder: Path, on_progress: Callable[[int, int], None]) -> list[Drawn]:
    """Draw every picture of a run, and write each as SVG and PNG."""
    groups = drawers_of(run)
    todo = [(group, name, draw) for group, drawers in groups.items() for name, draw in drawers.items()]
    own_folder(folder)
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


def draw_for_phones(run: Run, drawn: Sequence[Drawn]) -> dict[str, str]:
    """Return the SVG of these pictures as they are drawn for a phone, by name.

    A picture of a user's own that is wider even then is left out.
    """
    found = {}
    for drawers in drawers_of(run).values() if drawn else ():
        for name, draw in drawers.items():
            with phone():
                picture = draw()
            if picture.figure.get_figwidth() <= PHONE_WIDTH:
                found[name] = picture.svg()
    return found


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
    return dataset.draw(name, DATASETS[name].title, load(name, part.resample_seed), part.resample_seed)
