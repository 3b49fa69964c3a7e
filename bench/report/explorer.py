"""Convergence to explore: curves with hover and zoom, whose axis and contenders the page's own controls switch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# More points of a curve than this cannot be told apart, and make the page large.
_MOST_POINTS = 200
_MEASURES = {"train_loss": "training loss (nats)", "train_accuracy": "training accuracy"}
_HEIGHT = 270


@dataclass(frozen=True)
class Explorer:
    """The explorer of one suite.

    Attributes:
        suite: of which.
        contenders: what can be hidden, each with its colour.
        clocks: what the horizontal axis can show: a column and its words.
        div, script: Bokeh's.
    """

    suite: str
    contenders: tuple[tuple[str, str], ...]
    clocks: tuple[tuple[str, str], ...]
    div: str
    script: str


def explorer(suite: str, curves: "pd.DataFrame") -> Explorer | None:
    """Return the explorer of a suite's curves; None where there are none."""
    from bokeh.embed import components
    from bokeh.layouts import column
    from bokeh.models import ColumnDataSource, HoverTool
    from bokeh.plotting import figure

    from bench.figures.convergence import CLOCKS
    from bench.figures.picture import colors, dashes

    curves = curves[(curves["suite"] == suite) & (curves["epoch"] > 0)].dropna(subset=["train_loss"])
    if curves.empty:
        return None
    contenders = list(dict.fromkeys(curves["contender"]))
    palette = colors(contenders)
    plots = []
    for measure, words in _MEASURES.items():
        plot = figure(
            height=_HEIGHT,
            sizing_mode="stretch_width",
            x_axis_type="log",
            tools="pan,box_zoom,wheel_zoom,reset",
            active_scroll=None,
            name=f"{suite}:{measure}",
            **({"x_range": plots[0].x_range} if plots else {}),
        )
        plot.toolbar.logo = None
        plot.xaxis.axis_label = CLOCKS["epoch"]
        plot.yaxis.axis_label = words
        plots.append(plot)
    for (contender, scenario, seed, _), own in curves.groupby(
        ["contender", "scenario", "seed", "repetition"], sort=False
    ):
        own = own.iloc[np.unique(np.geomspace(1, len(own), _MOST_POINTS).astype(int) - 1)]
        data = {name: own[name].to_numpy(dtype="float32") for name in (*CLOCKS, *_MEASURES)}
        source = ColumnDataSource(
            {**data, "x": data["epoch"], "who": [f"{contender}, {scenario}, seed {seed}"] * len(own)}
        )
        for plot, measure in zip(plots, _MEASURES, strict=True):
            plot.line(
                "x",
                measure,
                source=source,
                color=palette[contender],
                line_width=1.5,
                line_alpha=0.8,
                line_dash="solid" if dashes(contender) == "solid" else "dashed",
                name=f"contender:{contenders.index(contender)}",
            )
    for plot, measure in zip(plots, _MEASURES, strict=True):
        tooltips = [
            ("", "@who"),
            ("epoch", "@epoch{0,0}"),
            ("update", "@updates{0,0}"),
            ("training second", "@train_seconds{0.0000}"),
            (_MEASURES[measure], f"@{measure}{{0.0000}}"),
        ]
        plot.add_tools(HoverTool(tooltips=tooltips, line_policy="nearest"))
    script, div = components(column(*plots, sizing_mode="stretch_width"), wrap_script=False)
    return Explorer(
        suite=suite,
        contenders=tuple((name, palette[name]) for name in contenders),
        clocks=tuple(CLOCKS.items()),
        div=div,
        script=script,
    )


def library() -> str:
    """Return Bokeh itself, to stand in the page."""
    from bokeh.resources import Resources

    return "\n".join(Resources(mode="inline", components=["bokeh"], minified=True).js_raw)
