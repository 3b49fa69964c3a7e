"""Test accuracy, or R² of a regression: one dot per seed, pairs joined, and the mean with its interval."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from bench.core.score import ACCURACY, Score
from bench.core.words import listed
from bench.drawing.panels import fitted, left_of, panels
from bench.drawing.picture import INK, Picture, colors, draw_target, drawing, empty, footnote, percent_axis
from bench.statistics.interval import Interval
from bench.statistics.summary import records

if TYPE_CHECKING:
    import pandas as pd

# The distance in columns between the dots of seeds with equal accuracy.
_STEP = 0.04

# Room above 100 % for the label of a mean, as a share of the axis.
_HEADROOM = 0.08

Means = Mapping[tuple[str, str], Interval]


def draw(
    name: str, title: str, trials: "pd.DataFrame", score: Score, means: Means, target: float, missing: str = ""
) -> Picture:
    """Return a panel for each comparison: every trial's score on the test rows, joined by seed.

    ``means`` holds the mean of each contender, by pair and contender.
    """
    ok = trials[trials["status"] == "ok"].dropna(subset=[score.test])
    if ok.empty:
        return empty(name, title, f"No trial finished. {missing}".strip())
    pairs = list(dict.fromkeys(ok["pair"]))
    widths = [ok[ok["pair"] == pair]["contender"].nunique() for pair in pairs]
    words = []
    with drawing():
        figure, (row,) = panels(1, len(pairs), (1.4 + 1.9 * sum(widths), 4.0), width_ratios=widths)
        for axes, pair in zip(row, pairs, strict=True):
            words += _panel(axes, ok[ok["pair"] == pair], pair, score, means, target)
            if len(pairs) > 1:
                axes.set_title(f"the {pair} network")
        for axes in left_of(row):
            axes.set_ylabel(f"test {score.words}")
        footnote(figure, missing)
    caption = (
        "Each dot is a trial, and a line joins the trials of one seed. The stroke beside the dots is their mean, the "
        f"bar its 95 % t interval{', cut at 0 and 100 %,' if score is ACCURACY else ''} if there are several. A dashed "
        f"line marks {score.amount(target)} where it is in range. {missing}"
    )
    return Picture(name, title, caption.strip(), f"{title}. Mean test {score.words}: {listed(words)}.", figure)


def _panel(axes: Axes, ok: "pd.DataFrame", pair: str, score: Score, means: Means, target: float) -> list[str]:
    contenders = list(dict.fromkeys(ok["contender"]))
    palette = colors(contenders)
    places: dict[tuple[int, int], list[tuple[float, float]]] = {}
    words = []
    for column, contender in enumerate(contenders):
        own = ok[ok["contender"] == contender].sort_values("seed")
        equal = own[score.test].value_counts()
        seen: dict[float, int] = {}
        for row in records(own):
            value = row[score.test]
            beside = column + _STEP * (seen.get(value, 0) - (equal[value] - 1) / 2)
            seen[value] = seen.get(value, 0) + 1
            if isinstance(row["order_hash"], str):  # only trials in the harness's order of rows are paired
                places.setdefault((row["seed"], row["repetition"]), []).append((beside, value))
            axes.plot([beside], [value], "o", color=palette[contender], markersize=6, markeredgewidth=0, zorder=3)
        words.append(_mean(axes, column, contender, score, means[pair, contender], palette[contender]))
    for joined in places.values():
        axes.plot(*zip(*joined, strict=True), color=INK, alpha=0.25, linewidth=0.7, zorder=2)
    low, high = axes.get_ylim()
    if low - 0.03 < target < high + 0.03:
        low, high = min(low, target - 0.004), max(high, target + 0.004)
        draw_target(axes, target)
    high = min(high, 1.0) + _HEADROOM * (min(high, 1.0) - low)
    axes.set_ylim(low, high)
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= min(high, 1.0)])
    axes.set_xlim(-0.7, len(contenders) - 0.5)  # the first label of a mean stands at the left
    axes.set_xticks(range(len(contenders)), [fitted(name, 250.0 / len(contenders)) for name in contenders])
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=True, axis="y")
    if score is ACCURACY:
        percent_axis(axes)
    return words


def _mean(axes: Axes, column: int, contender: str, score: Score, mean: Interval, color: str) -> str:
    beside = column - 0.32
    if mean.low is not None and mean.high is not None:
        axes.plot([beside, beside], [mean.low, mean.high], color=color, linewidth=4, solid_capstyle="butt", zorder=3)
    axes.plot([beside - 0.05, beside + 0.05], [mean.center, mean.center], color=INK, linewidth=1.6, zorder=4)
    axes.annotate(
        f"{100 * mean.center:.1f} %" if score is ACCURACY else f"{mean.center:.3f}",
        (beside, mean.center if mean.high is None else mean.high),
        xytext=(0, 4),
        annotation_clip=False,
        textcoords="offset points",
        ha="center",
        fontweight="bold",
    )
    return f"{contender} {mean.center:.3f} over {mean.count} trial{'s' if mean.count > 1 else ''}"
