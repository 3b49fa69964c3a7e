"""The published duel beside the fair one, on the same axes: the eye sees what changed."""

from typing import TYPE_CHECKING

from bench.drawing.convergence import draw_contender, reached_words
from bench.drawing.picture import (
    Picture,
    drawing,
    empty,
    footnote,
    legend_of_contenders,
    log_axis,
    new_figure,
)
from bench.experiments.duel.finding import SAME_CURVE
from bench.statistics.pairs import largest_curve_gap

if TYPE_CHECKING:
    import pandas as pd

_CLOCKS = {"updates": "update", "train_seconds": "training second"}


def draw(
    published: "tuple[pd.DataFrame, pd.DataFrame]",
    fair: "tuple[pd.DataFrame, pd.DataFrame]",
    target: float,
    missing: str = "",
) -> Picture:
    """Return the training loss of both duels, each given as its trials and its curves, by update and by second."""
    import pandas as pd

    name, title = "duel", "The published duel beside the fair one"
    sides = {"as published": published, "fair: one start, one order": fair}
    drawn = {side: curves[curves["epoch"] > 0].dropna(subset=["train_loss"]) for side, (_, curves) in sides.items()}
    absent = [side for side, curves in drawn.items() if curves.empty]
    if len(absent) == len(sides):
        return empty(name, title, "Neither the published duel nor the fair one left a curve to draw.")
    with drawing():
        figure = new_figure(10.5, 5.8)
        panels = figure.subplots(2, 2, sharey=True, sharex="row", squeeze=False)
        for column, (side, curves) in enumerate(drawn.items()):
            panels[0][column].set_title(side if not curves.empty else f"{side}: not in this run")
            for row, (clock, word) in enumerate(_CLOCKS.items()):
                axes = panels[row][column]
                log_axis(axes)
                axes.grid(visible=True, axis="y")
                for contender in dict.fromkeys(curves["contender"]):
                    draw_contender(axes, curves, contender, clock, "train_loss")
                axes.set_xlabel(f"{word}, logarithmic" + (" (s)" if clock == "train_seconds" else ""))
        for left in list(panels[:, 0]):
            left.set_ylabel("training loss (nats)")
        panels[0][0].set_ylim(bottom=0.0)
        everyone = pd.concat([curves["contender"] for curves in drawn.values()])
        legend_of_contenders(figure, list(dict.fromkeys(everyone)))
        footnote(figure, missing)
    caption = (
        "Left as the article had it, each side with its own initial weights, batches and number type; right the same "
        f"network from the same start in the same order of rows. Above, what an update is worth: {_apart(fair[1])}. "
        f"Below, what a second is worth. {missing}"
    )
    reached = [
        f"{side}: {reached_words(sides[side][0], list(dict.fromkeys(curves['contender'])), target)}"
        for side, curves in drawn.items()
        if not curves.empty
    ]
    return Picture(name, title, caption.strip(), f"{title}. {' '.join(reached)}", figure)


def _apart(curves: "pd.DataFrame") -> str:
    """Return in words how far the fair duel's curves are apart."""
    gap = largest_curve_gap(curves)
    if gap is None:
        return "the fair duel has no two curves to compare"
    if gap < SAME_CURVE:
        return f"the fair curves lie on each other, at most {gap:.1e} apart"
    return f"the fair curves are up to {gap:.2g} apart"
