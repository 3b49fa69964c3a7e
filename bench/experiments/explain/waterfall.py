"""A waterfall for each clock: from one set-up to the other, what each cause takes away or adds."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from bench.core.words import listed, seconds_words
from bench.drawing.panels import fitted, panels
from bench.drawing.picture import INK, MUTED, Picture, annotate, colors, drawing, empty, footnote, log_axis

if TYPE_CHECKING:
    from bench.statistics.attribution import Attribution

_SHORTER, _LONGER = "#9a9a9a", "#d9d9d9"
_COLUMNS = 2

# What rounds to a factor of one in three digits divides nothing.
_VISIBLE = 1.005


def draw(
    name: str,
    title: str,
    found: "Mapping[str, Attribution]",
    ends: tuple[str, str],
    missing: str = "",
) -> Picture:
    """Return a panel for each clock, on a logarithmic axis that all panels scale alike.

    ``found`` holds the attribution by each clock's name, ``ends`` what the first and the second set-up are called.
    """
    if not found:
        return empty(name, title, f"No seed has every cell of the factorial at its target. {missing}".strip())
    with drawing():
        rows = -(-len(found) // _COLUMNS)
        figure, grid = panels(rows, _COLUMNS, (10.5, 0.9 + 2.75 * rows), sharey="all")
        every = [axes for row in grid for axes in row]
        for axes, (clock, attribution) in zip(every, found.items(), strict=False):
            _panel(axes, clock, attribution, ends)
        _scale_alike(every[: len(found)])
        every[0].invert_yaxis()
        for axes in every[len(found) :]:
            axes.remove()
        footnote(figure, missing)
    caption = (
        f"Read each panel from top to bottom: what the clock shows when training accuracy first is at its target in "
        f"{ends[0]}, what each cause divides or multiplies it by (its Shapley share, with the 95 % t interval over "
        f"seeds as a whisker), and what is left in {ends[1]}. Dark bars shorten the way, light hatched bars lengthen "
        f"it. Axes are logarithmic, with one scale in all panels: bars of one length are one factor. {missing}"
    )
    return Picture(
        name, title, caption.strip(), f"{title}. {' '.join(_words(*each) for each in found.items())}", figure
    )


def _panel(axes: Axes, clock: str, attribution: "Attribution", ends: tuple[str, str]) -> None:
    palette = colors(["numpy", "keras"])
    log_axis(axes)
    written = seconds_words if clock.endswith("seconds") else lambda value: f"{float(f'{value:.3g}'):,.0f}"
    labels = [ends[0], *(share.factor for share in attribution.shares), ends[1]]
    final = attribution.start / attribution.whole.center
    for row, value, color in ((0, attribution.start, palette["numpy"]), (len(labels) - 1, final, palette["keras"])):
        axes.plot([value], [row], "D", color=color, markersize=9, markeredgecolor=INK, markeredgewidth=0.5, zorder=4)
        annotate(axes, written(value), (value, row), 9, fontweight="bold")
    at = attribution.start
    for row, share in enumerate(attribution.shares, start=1):
        factor = share.ratio.center
        after = at / factor
        shorter = factor >= 1.0
        axes.barh(
            row,
            after - at,
            left=at,
            height=0.6,
            facecolor=_SHORTER if shorter else _LONGER,
            edgecolor=INK,
            linewidth=0.5,
            hatch=None if shorter else "////",
            zorder=2,
        )
        if share.ratio.low is not None and share.ratio.high is not None:
            axes.plot([at / share.ratio.low, at / share.ratio.high], [row, row], color=INK, linewidth=1.2, zorder=3)
        axes.plot([at, at], [row - 1 + (0.3 if row > 1 else 0.12), row + 0.3], color=MUTED, linewidth=0.6, zorder=1)
        words = f"÷ {factor:.3g}" if factor >= _VISIBLE else f"× {1 / factor:.3g}"
        right = max(at, after, at / (share.ratio.low or factor))
        annotate(axes, words, (right, row), 6)
        at = after
    axes.plot([at, at], [len(labels) - 2 + 0.3, len(labels) - 1], color=MUTED, linewidth=0.6, zorder=1)
    axes.set_yticks(range(len(labels)), [fitted(label, 80.0) for label in labels])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x")
    axes.set_title(f"{clock}: ÷ {attribution.whole.center:.3g} in all")
    words = f"{clock} to the target, logarithmic" + (" (s)" if clock.endswith("seconds") else "")
    axes.set_xlabel(fitted(words, 200.0))


def _scale_alike(panels: Sequence[Axes]) -> None:
    """Give all axes as many decades, so that a bar's length is its factor in every panel."""
    limits = [tuple(math.log10(limit) for limit in axes.get_xlim()) for axes in panels]
    widest = 1.25 * max(high - low for low, high in limits)
    for axes, (low, high) in zip(panels, limits, strict=True):
        spare = widest - (high - low)
        axes.set_xlim(10 ** (low - 0.3 * spare), 10 ** (high + 0.7 * spare))


def _words(clock: str, attribution: "Attribution") -> str:
    shares = [f"{share.factor} {share.ratio.center:.3g}" for share in attribution.shares]
    return f"In {clock} the causes divide by {listed(shares)}, together {attribution.whole.center:.3g}."
