"""The published duel: its own pictures, and beside the fair duel on the same axes, where the run holds both."""

from functools import partial
from typing import TYPE_CHECKING

from bench.drawing.convergence import draw_curves, reached_words
from bench.drawing.panels import left_of, panels
from bench.drawing.picture import Picture, drawing, empty, footnote, legend_of_contenders
from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.comparing import Comparison
from bench.experiments.comparing_figures import of_pair, pictures
from bench.experiments.duel import EXPERIMENT as FAIR
from bench.statistics.pairs import SAME_CURVE

if TYPE_CHECKING:
    import pandas as pd

    from bench.statistics.reached import Reached

__all__ = ["headlines", "pictures"]

_CLOCKS = {"updates": "update", "train_seconds": "training second"}

# The pair of the article's wide network, and the fair duel's sides that are drawn beside it.
_PAIR = "article"
_FAIR_SIDES = ("numpy", "keras")

# The trials and the curves of one duel, and when its contenders reached the target.
Side = tuple["pd.DataFrame", "pd.DataFrame", "dict[str, Reached]"]


def headlines(results: Results, finding: Finding[Comparison]) -> Pictures:
    """Return the published duel beside the fair one, if the run holds the fair duel too."""
    return {} if results.beside(FAIR.name) is None else {"duel": partial(_duel, results, finding.result)}


def _duel(results: Results, found: Comparison) -> Picture:
    beside = results.beside(FAIR.name)
    assert beside is not None  # noqa: S101 - `headlines` has looked
    fair, fair_found = beside[0], beside[1].result
    trials, curves = of_pair(fair, FAIR.name)
    shown = trials["contender"].isin(_FAIR_SIDES), curves["contender"].isin(_FAIR_SIDES)
    notes = {
        "as published": results.missing(_PAIR, curves=True),
        "fair": fair.missing(FAIR.name, curves=True),
    }
    return draw(
        (*of_pair(results, _PAIR), found.reached.get(_PAIR, {})),
        (trials[shown[0]], curves[shown[1]], fair_found.reached.get(FAIR.name, {})),
        fair_found.curve_gap,
        results.target,
        " ".join(f"{side}: {words}" for side, words in notes.items() if words),
    )


def draw(published: Side, fair: Side, curve_gap: float | None, target: float, missing: str = "") -> Picture:
    """Return the training loss of both duels, by update and by training second.

    ``curve_gap`` is how far apart the fair duel's curves are at most.
    """
    import pandas as pd

    name, title = "duel", "The published duel beside the fair one"
    sides = {"as published": published, "fair: one start, one order": fair}
    drawn = {side: curves[curves["epoch"] > 0].dropna(subset=["train_loss"]) for side, (_, curves, _) in sides.items()}
    if all(curves.empty for curves in drawn.values()):
        return empty(name, title, "Neither the published duel nor the fair one left a curve to draw.")
    with drawing():
        figure, grid = panels(len(_CLOCKS), len(sides), (10.5, 5.8), sharex="row", sharey="all")
        for column, (side, curves) in enumerate(drawn.items()):
            grid[0][column].set_title(side if not curves.empty else f"{side}: not in this run")
            for row, (clock, word) in enumerate(_CLOCKS.items()):
                draw_curves(grid[row][column], curves, clock, "train_loss")
                grid[row][column].set_xlabel(f"{word}, logarithmic" + (" (s)" if clock == "train_seconds" else ""))
        for axes in [each for row in grid for each in left_of(row)]:
            axes.set_ylabel("training loss (nats)")
        grid[0][0].set_ylim(bottom=0.0)
        everyone = pd.concat([curves["contender"] for curves in drawn.values()])
        legend_of_contenders(figure, list(dict.fromkeys(everyone)))
        footnote(figure, missing)
    caption = (
        "As published, each side with its own initial weights, batches and number type; fair, the same network from "
        f"the same start in the same order of rows. By update {_apart(curve_gap)}. {missing}"
    )
    reached = [
        f"{side}: {reached_words(sides[side][2], list(dict.fromkeys(curves['contender'])), target)}"
        for side, curves in drawn.items()
        if not curves.empty
    ]
    return Picture(name, title, caption.strip(), f"{title}. {' '.join(reached)}", figure)


def _apart(gap: float | None) -> str:
    """Return in words how far apart the fair duel's curves are."""
    if gap is None:
        return "the fair duel has no two curves to compare"
    if gap < SAME_CURVE:
        return f"the fair curves lie on each other, at most {gap:.1e} apart"
    return f"the fair curves are up to {gap:.2g} apart"
