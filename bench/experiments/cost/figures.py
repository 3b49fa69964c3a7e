"""The picture of costs: a panel for each."""

import math
from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from bench.core.words import listed, seconds_words
from bench.drawing.panels import PHONE_WIDTH, fitted, on_phone
from bench.drawing.picture import (
    INK,
    MUTED,
    Picture,
    annotate,
    colors,
    dashes,
    drawing,
    empty,
    footnote,
    legend_of_contenders,
    log_axis,
    new_figure,
    short_number,
)
from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.cost.finding import Cost

_MARKERS = ("o", "s", "^", "D", "v")

# A bar each, from zero: lengths can be compared. In the order of a product's life.
_BARS = {
    "installed_bytes": "on the disk, with all it requires",
    "import_seconds": "import",
    "cold_start_seconds": "first prediction after",
    "rss_after_import_bytes": "memory after import",
    "peak_rss_bytes": "peak memory, predicting",
    "saved_bytes": "saved network",
    "start_joules": "energy of a start (J)",
}
_LATENCIES = ("predict_p50_seconds", "predict_p99_seconds")


def pictures(results: Results, finding: Finding[list[Cost]]) -> Pictures:
    """Return the one picture."""
    name, title = f"card-{results.suite}", f"{results.suite}: what each contender costs beyond training"
    return {name: partial(draw, name, title, finding.result, results.missing())}


def draw(name: str, title: str, card: Sequence[Cost], missing: str = "") -> Picture:
    """Return bars from zero for sizes and starts, latency on a logarithmic axis, throughput by rows a call."""
    if not card:
        return empty(name, title, f"Nothing was measured to its end. {missing}".strip())
    contenders = list(dict.fromkeys(contender for cost in card for contender in cost.values))
    bars = [cost for cost in card if cost.line.quantity in _BARS]
    columns, across = (1, 1) if on_phone() else (3, 2)  # of bars, and of the panels below
    with drawing():
        rows = -(-len(bars) // columns)
        height, below = 0.8 + 0.3 * len(contenders), 2.6 * (2 // across)
        figure = new_figure(PHONE_WIDTH if on_phone() else 10.5, 1.3 + rows * height + below)
        halves = figure.add_gridspec(2, 1, height_ratios=[rows * height, below], hspace=0.08)
        top, bottom = halves[0].subgridspec(rows, columns, hspace=0.0), halves[1].subgridspec(2 // across, across)
        for number, cost in enumerate(bars):
            _bars(figure.add_subplot(top[divmod(number, columns)]), cost, contenders)
        _latency(figure.add_subplot(bottom[0]), card, contenders)
        _throughput(figure.add_subplot(bottom[1]), card, contenders)
        legend_of_contenders(figure, contenders)
        energy = "" if any(cost.line.quantity == "start_joules" for cost in card) else "Energy was not measured. "
        footnote(figure, f"{energy}{missing}".strip())
    caption = (
        "Bars are medians from zero, a dot a fresh process; latency and throughput are on logarithmic axes, where a "
        f"step is a factor of ten. {energy}{missing}"
    )
    alt = []
    for cost in bars:
        sizes = [f"{each} {cost.line.words(cost.medians[each])}" for each in contenders if each in cost.medians]
        alt.append(f"{_BARS[cost.line.quantity]}: {listed(sizes)}")
    return Picture(name, title, caption.strip(), f"{title}. {'; '.join(alt)} (medians).", figure)


def _bars(axes: Axes, cost: Cost, contenders: list[str]) -> None:
    palette = colors(contenders)
    longest = max(max(each.values()) for each in cost.values.values())
    for row, contender in enumerate(contenders):
        own = list(cost.values.get(contender, {}).values())
        if not own:
            annotate(axes, "not measured", (0.0, row), 3, color=MUTED)
            continue
        axes.barh(row, cost.medians[contender], height=0.66, color=palette[contender])
        axes.plot(own, [row] * len(own), "o", color=INK, markersize=2.2, alpha=0.6, markeredgewidth=0)
        words = cost.line.words(cost.medians[contender])
        annotate(axes, words, (max(own), row), 5, fontweight="bold").set_in_layout(False)
    axes.set_title(_BARS[cost.line.quantity])
    axes.set_yticks(range(len(contenders)), [fitted(name, 90.0) for name in contenders])
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.42 * longest)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _latency(axes: Axes, card: Sequence[Cost], contenders: list[str]) -> None:
    """Draw the median and the 99th percentile, joined: how far a slow call is from a usual one."""
    palette = colors(contenders)
    found = {cost.line.quantity: cost.medians for cost in card if cost.line.quantity in _LATENCIES}
    every = [value for medians in found.values() for value in medians.values()]
    middle = math.sqrt(min(every) * max(every)) if every else 0.0
    for row, contender in enumerate(contenders):
        ends = [found[quantity][contender] for quantity in _LATENCIES if contender in found[quantity]]
        if len(ends) < 2:
            continue
        axes.plot(ends, [row, row], color=palette[contender], linewidth=3.0, linestyle=dashes(contender))
        axes.plot(ends[0], row, "o", color=palette[contender], markersize=10)
        axes.plot(ends[1], row, "|", color=palette[contender], markersize=16, markeredgewidth=3.0)
        place, side = (
            (ends[1], "right") if ends[1] > middle else (ends[0], "left")
        )  # so that the words stay on the panel
        axes.annotate(
            f"{seconds_words(ends[0])}, one in a hundred over {seconds_words(ends[1])}",
            (middle if on_phone() else place, row),
            xytext=(0, 11),
            textcoords="offset points",
            ha="center" if on_phone() else side,
        ).set_in_layout(False)
    log_axis(axes)
    axes.xaxis.set_major_formatter(lambda value, _position: seconds_words(value))
    axes.set_yticks(range(len(contenders)), [fitted(name, 90.0) for name in contenders])
    axes.set_ylim(len(contenders) - 0.6, -0.75)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x")
    axes.set_title("latency of a row: ● median, | 99 %")


def _throughput(axes: Axes, card: Sequence[Cost], contenders: list[str]) -> None:
    palette = colors(contenders)
    costs = [cost for cost in card if cost.line.quantity == "rows_per_second"]
    for number, contender in enumerate(contenders):
        points = [(cost.line.batch or 0, cost.medians[contender]) for cost in costs if contender in cost.medians]
        if points:
            axes.plot(
                *zip(*points, strict=True),
                color=palette[contender],
                linestyle=dashes(contender),
                marker=_MARKERS[number % len(_MARKERS)],
                linewidth=1.8,
                label=contender,
            )
    log_axis(axes)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _position: _thousands(value))
    axes.set_xticks([cost.line.batch or 0 for cost in costs], [f"{cost.line.batch:,}" for cost in costs])
    axes.set_xlabel("rows of a call")
    axes.grid(visible=True)
    axes.set_title("throughput: rows predicted a second")
    axes.legend(loc="lower right", fontsize=8)


def _thousands(value: float) -> str:
    """Return a large number short: ``10 k``, ``1 M``."""
    for unit, scale in ((" M", 1e6), (" k", 1e3)):
        if value >= scale:
            return f"{value / scale:g}{unit}"
    return short_number(value)
