"""The card: what each contender costs beyond training, a panel a cost."""

import math
from statistics import median
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from bench.drawing.picture import (
    INK,
    MUTED,
    Picture,
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
from bench.experiments.cost.finding import LINES, Line, values
from bench.experiments.finding import listed, seconds_words

if TYPE_CHECKING:
    import pandas as pd

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

Measured = dict[str, dict[int, float]]


def draw(name: str, trials: "pd.DataFrame", measurements: "pd.DataFrame", missing: str = "") -> Picture:
    """Return bars from zero for sizes and starts, latency on a logarithmic axis, throughput by rows a call."""
    title = "cost: what each contender costs beyond training"
    card = {line: found for line in LINES if (found := values(line, trials, measurements))}
    if not card:
        return empty(name, title, f"Nothing was measured to its end. {missing}".strip())
    contenders = list(dict.fromkeys(trials[trials["status"] == "ok"]["contender"]))
    bars = [(line, found) for line, found in card.items() if line.quantity in _BARS]
    columns = 3
    with drawing():
        rows = -(-len(bars) // columns)
        height = 0.8 + 0.3 * len(contenders)
        figure = new_figure(10.5, 1.0 + rows * height + 2.9)
        halves = figure.add_gridspec(2, 1, height_ratios=[rows * height, 2.6], hspace=0.08)
        top, bottom = halves[0].subgridspec(rows, columns, hspace=0.0), halves[1].subgridspec(1, 2)
        for number, (line, found) in enumerate(bars):
            _bars(figure.add_subplot(top[divmod(number, columns)]), line, found, contenders)
        _latency(figure.add_subplot(bottom[0]), card, contenders)
        _throughput(figure.add_subplot(bottom[1]), card, contenders)
        legend_of_contenders(figure, contenders)
        energy = "" if any(line.quantity == "start_joules" for line in card) else "Energy: not reported here. "
        footnote(figure, f"{energy}{missing}".strip())
    caption = (
        "Bars are medians from zero, a dot a fresh process; latency and throughput are on logarithmic axes, where a "
        f"step is a factor of ten. {energy}{missing}"
    )
    alt = []
    for line, found in bars:
        told = [f"{each} {line.words(_median(found[each]))}" for each in contenders if each in found]
        alt.append(f"{_BARS[line.quantity]}: {listed(told)}")
    return Picture(name, title, caption.strip(), f"{title}. {'; '.join(alt)} (medians).", figure)


def _bars(axes: Axes, line: Line, found: Measured, contenders: list[str]) -> None:
    palette = colors(contenders)
    longest = max(max(each.values()) for each in found.values())
    for row, contender in enumerate(contenders):
        own = list(found.get(contender, {}).values())
        if not own:
            axes.annotate(
                "not measured", (0.0, row), xytext=(3, 0), textcoords="offset points", va="center", color=MUTED
            )
            continue
        axes.barh(row, median(own), height=0.66, color=palette[contender])
        axes.plot(own, [row] * len(own), "o", color=INK, markersize=2.2, alpha=0.6, markeredgewidth=0)
        axes.annotate(
            line.words(median(own)),
            (max(own), row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontweight="bold",
        ).set_in_layout(False)
    axes.set_title(_BARS[line.quantity])
    axes.set_yticks(range(len(contenders)), contenders)
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.42 * longest)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _latency(axes: Axes, card: dict[Line, Measured], contenders: list[str]) -> None:
    """Draw the median and the 99th percentile, joined: how far a bad call is from a usual one."""
    palette = colors(contenders)
    found = {line.quantity: by_name for line, by_name in card.items() if line.quantity in _LATENCIES}
    every = [median(each.values()) for by_name in found.values() for each in by_name.values()]
    middle = math.sqrt(min(every) * max(every)) if every else 0.0
    for row, contender in enumerate(contenders):
        ends = [median(found[quantity][contender].values()) for quantity in _LATENCIES if contender in found[quantity]]
        if len(ends) < 2:
            continue
        axes.plot(ends, [row, row], color=palette[contender], linewidth=3.0, linestyle=dashes(contender))
        axes.plot(ends[0], row, "o", color=palette[contender], markersize=10)
        axes.plot(ends[1], row, "|", color=palette[contender], markersize=16, markeredgewidth=3.0)
        right = ends[1] > middle  # so that the words stay on the panel
        axes.annotate(
            f"{seconds_words(ends[0])}, one in a hundred over {seconds_words(ends[1])}",
            (ends[1] if right else ends[0], row),
            xytext=(0, 11),
            textcoords="offset points",
            ha="right" if right else "left",
        ).set_in_layout(False)
    log_axis(axes)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: seconds_words(value)))
    axes.set_yticks(range(len(contenders)), contenders)
    axes.set_ylim(len(contenders) - 0.6, -0.75)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x")
    axes.set_title("latency of one row: median ● to 99th percentile |")


def _throughput(axes: Axes, card: dict[Line, Measured], contenders: list[str]) -> None:
    palette = colors(contenders)
    lines = [(line, found) for line, found in card.items() if line.quantity == "rows_per_second"]
    for number, contender in enumerate(contenders):
        points = [(line.batch or 0, _median(found[contender])) for line, found in lines if contender in found]
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
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: _thousands(value)))
    axes.set_xticks([line.batch or 0 for line, _ in lines], [f"{line.batch:,}" for line, _ in lines])
    axes.set_xlabel("rows of a call")
    axes.grid(visible=True)
    axes.set_title("throughput: rows predicted a second")
    axes.legend(loc="lower right", fontsize=8)


def _median(found: dict[int, float]) -> float:
    return float(median(found.values()))


def _thousands(value: float) -> str:
    """Return a large number short: ``10 k``, ``1 M``."""
    for unit, scale in ((" M", 1e6), (" k", 1e3)):
        if value >= scale:
            return f"{value / scale:g}{unit}"
    return short_number(value)
