"""The band of rounding, and how far from the reference each contender's curve is inside it."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from bench.drawing.convergence import thinned
from bench.drawing.picture import (
    BROAD_LINE_WIDTH,
    LINE_WIDTH,
    MUTED,
    Picture,
    colors,
    dashes,
    drawing,
    legend_of_contenders,
    log_axis,
    new_figure,
)
from bench.statistics.pairs import SAME_CURVE

if TYPE_CHECKING:
    import pandas as pd

_MOST_SEEDS = 6
_COLUMNS = 3

# Distances below this share of the narrowest band are drawn there: a logarithmic axis has no zero.
_LOWEST_SHARE = 1e-3


def draw(name: str, title: str, curves: "pd.DataFrame") -> Picture:
    """Return a panel a seed: the allowed distance from the reference's loss, and every contender's, by epoch."""
    curves = curves[curves["band"].notna() & (curves["epoch"] > 0)]
    contenders = list(dict.fromkeys(curves["contender"]))
    seeds = list(dict.fromkeys(curves["seed"]))
    shown = seeds[:_MOST_SEEDS]
    curves = curves[curves["seed"].isin(shown)]
    rows, columns = -(-len(shown) // _COLUMNS), min(_COLUMNS, len(shown))
    lowest = _LOWEST_SHARE * float(curves["band"].min())
    with drawing():
        figure = new_figure(10.5 if columns > 1 else 7.0, 0.6 + 2.5 * rows)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes, seed in zip(panels.flat, shown, strict=False):
            _panel(axes, curves[curves["seed"] == seed], contenders, lowest)
            axes.set_title(f"seed {seed}")
        for axes in panels.flat[len(shown) :]:
            axes.remove()
        for axes in panels[-1]:
            axes.set_xlabel("epoch, logarithmic")
        for axes in panels[:, 0]:
            axes.set_ylabel("distance in training loss (nats)")
        legend_of_contenders(figure, contenders)
    caption = (
        "Grey is the band that rounding alone explains: four times the largest distance that copies of the reference, "
        "whose last bits are disturbed at every update, have had from it so far. A line is a contender's distance from "
        "the undisturbed reference. Where the band is narrow, a fault too small to see in a curve leaves it. Where it "
        f"rises above {SAME_CURVE:g}, rounding alone parts curves visibly: chaos, in the reference as in a contender."
    )
    if len(shown) < len(seeds):
        caption += f" The first {len(shown)} of {len(seeds)} seeds."
    inside = bool(((curves["train_loss"] - curves["reference_loss"]).abs() <= curves["band"]).all())
    verdict = "Every curve stays inside its band." if inside else "A curve leaves its band."
    return Picture(name, title, caption, f"{title}. {verdict}", figure)


def _panel(axes: Axes, curves: "pd.DataFrame", contenders: list[str], lowest: float) -> None:
    log_axis(axes)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _position: f"{value:.0e}")
    axes.grid(visible=True, axis="y")
    palette = colors(contenders)
    for number, (contender, own) in enumerate(curves.groupby("contender", sort=False)):
        own = own.sort_values("epoch")
        own = own.iloc[thinned(list(own["epoch"]))]
        epochs = own["epoch"].to_numpy(dtype=float)
        if number == 0:
            allowed = own["band"].to_numpy(dtype=float)
            finite = np.isfinite(allowed)
            axes.fill_between(epochs[finite], lowest, allowed[finite], color=MUTED, alpha=0.25, linewidth=0)
        distance = (own["train_loss"] - own["reference_loss"]).abs().to_numpy(dtype=float)
        width = BROAD_LINE_WIDTH if contender == contenders[0] and len(contenders) > 1 else LINE_WIDTH
        looks = {"color": palette[str(contender)], "linestyle": dashes(str(contender)), "linewidth": width / 1.5}
        axes.plot(epochs, np.maximum(distance, lowest), **looks)
