"""Convergence to explore: curves with hover and zoom, whose axis and contenders the page's own controls switch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.core.score import score_of

if TYPE_CHECKING:
    import pandas as pd

# So many trials are shown at most, so that the page does not grow with the seeds: the first seeds of every side.
_MOST_TRIALS = 80

# More points of a curve than this cannot be told apart, and make the page large.
_MOST_POINTS = 120
_HEIGHT = 270
_BROAD, _THIN, _SWATCH = 4.0, 1.5, 4.0


@dataclass(frozen=True)
class Explorer:
    """The explorer of one suite.

    Attributes:
        suite: of which.
        contenders: what can be hidden, each with the colour and the dashes of its line.
        clocks: what the horizontal axis can show: a column and its words.
        note: which seeds are left out, if any are.
        div, script: Bokeh's.
    """

    suite: str
    contenders: tuple[tuple[str, str, str], ...]
    clocks: tuple[tuple[str, str], ...]
    note: str
    div: str
    script: str


def explorer(suite: str, curves: "pd.DataFrame") -> Explorer | None:
    """Return the explorer of a suite's curves; None where there are none."""
    from bokeh.embed import components
    from bokeh.layouts import column
    from bokeh.models import ColumnDataSource, HoverTool, NumeralTickFormatter
    from bokeh.plotting import figure

    from bench.drawing.convergence import CLOCKS, thinned
    from bench.drawing.picture import colors, dash_lengths, side_labels

    curves = curves[(curves["suite"] == suite) & (curves["epoch"] > 0)].dropna(subset=["train_loss"])
    if curves.empty:
        return None
    score = score_of(curves)
    measures = {"train_loss": f"training loss ({score.loss_unit})", score.train: f"training {score.words}"}
    sides = list(dict.fromkeys(zip(curves["scenario"], curves["contender"], strict=True)))
    palette = colors([contender for _, contender in sides])
    labels = side_labels(sides)
    seeds = list(dict.fromkeys(curves["seed"]))
    shown = seeds[: max(1, _MOST_TRIALS // len(sides))]
    curves = curves[curves["seed"].isin(shown)]
    plots: list[Any] = []
    for measure, words in measures.items():
        plot = figure(
            height=_HEIGHT,
            sizing_mode="stretch_width",
            x_axis_type="log",
            tools="pan,box_zoom,wheel_zoom,reset",
            active_drag="box_zoom",
            active_scroll=None,
            name=f"{suite}:{measure}",
        )
        if plots:
            plot.x_range = plots[0].x_range
        plot.toolbar.logo = None
        plot.xaxis.axis_label = CLOCKS["epoch"]
        plot.yaxis.axis_label = words
        plot.xaxis.formatter = NumeralTickFormatter(format="0,0.[000]")
        plots.append(plot)
    # side by side in one order, so that the same contender lies beneath at every seed; the first is broad, to be seen
    curves = curves.assign(
        side=[sides.index(side) for side in zip(curves["scenario"], curves["contender"], strict=True)]
    )
    for _, rows in curves.groupby(["side", "seed", "repetition"]):
        side, seed = int(rows["side"].iloc[0]), int(rows["seed"].iloc[0])
        contender = sides[side][1]
        own = rows.iloc[thinned(list(rows["epoch"]), _MOST_POINTS)]
        data = {name: own[name].to_numpy(dtype="float32") for name in (*CLOCKS, *measures)}
        source = ColumnDataSource({**data, "x": data["epoch"]})
        for plot, measure in zip(plots, measures, strict=True):
            width = _BROAD if contender == sides[0][1] else _THIN
            line = plot.line(
                "x",
                measure,
                source=source,
                color=palette[contender],
                line_width=width,
                line_alpha=0.8,
                line_dash=[round(width * length) or 1 for length in dash_lengths(contender)],
                name=f"{labels[side]}, seed {seed}",
            )
            line.tags = [side]  # by which the page hides it
    for plot, measure in zip(plots, measures, strict=True):
        tooltips = [
            ("", "$name"),
            ("epoch", "@epoch{0,0}"),
            ("update", "@updates{0,0}"),
            ("training second", "@train_seconds{0.0000}"),
            (measures[measure], f"@{measure}{{0.0000}}"),
        ]
        plot.add_tools(HoverTool(tooltips=tooltips, line_policy="nearest"))
    script, div = components(column(*plots, sizing_mode="stretch_width"), wrap_script=False)
    return Explorer(
        suite=suite,
        contenders=tuple(
            (label, palette[contender], " ".join(f"{_SWATCH * length:g}" for length in dash_lengths(contender)))
            for label, (_, contender) in zip(labels, sides, strict=True)
        ),
        clocks=tuple(CLOCKS.items()),
        note=f"The first {len(shown)} of {len(seeds)} seeds." if len(shown) < len(seeds) else "",
        div=div,
        script=script,
    )


def library() -> str:
    """Return Bokeh itself, to stand in the page."""
    from bokeh.resources import Resources

    return "\n".join(Resources(mode="inline", components=["bokeh"], minified=True).js_raw)
