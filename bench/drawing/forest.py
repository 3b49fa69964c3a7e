"""A forest plot: a change and its interval for each quantity, on one axis of factors."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.ticker import NullLocator

from bench.core.words import ratio_words
from bench.drawing.panels import fitted, panels
from bench.drawing.picture import GRID, INK, MUTED, Picture, drawing, empty

# In inches: of a line with its label above it, and of what is above and below all of them.
_LINE, _REST = 0.42, 0.9

# Factors that may be marked on the axis.
_TICKS = (0.1, 0.2, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Line:
    """One line: what changed, by which factor, between which two, and the verdict."""

    label: str
    center: float
    low: float
    high: float
    verdict: str


def draw(name: str, title: str, lines: Sequence[Line], margin: float) -> Picture:
    """Return the plot; the margin is shaded, and what lies in it whole is no measurable difference."""
    if not lines:
        return empty(name, title, "No change could be computed.")
    with drawing():
        figure, ((axes,),) = panels(1, 1, (7.5, _REST + _LINE * len(lines)))
        axes.axvspan(1.0 / (1.0 + margin), 1.0 + margin, color=GRID, zorder=0)
        axes.axvline(1.0, color=MUTED, linewidth=1)
        for place, line in enumerate(lines):
            decided = line.verdict in ("better", "worse")
            axes.plot([line.low, line.high], [place, place], color=INK, linewidth=1.6, solid_capstyle="butt")
            axes.plot(line.center, place, "o", color=INK, markerfacecolor=INK if decided else "white", markersize=5)
            label = fitted(line.label, 250.0, 9.0)
            axes.annotate(label, (0.0, place - 0.3), xycoords=("axes fraction", "data"), fontsize=9, va="center")
        ends = [1.0 / (1.0 + margin), 1.0 + margin, *(end for line in lines for end in (line.low, line.high))]
        low, high = min(ends) / 1.02, max(ends) * 1.02
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_xticks([tick for tick in _TICKS if low < tick < high])
        axes.xaxis.set_major_formatter(lambda value, _position: f"{value:g}")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_yticks([])
        axes.set_ylim(len(lines) - 0.5, -0.7)
        axes.set_xlabel("after / before (less is better)")
    caption = (
        f"A dot is the change of a geometric mean, a line its 95 % interval, the shade the margin of {margin:.0%}. "
        f"Filled dots are better or worse."
    )
    told = "; ".join(f"{line.label} {ratio_words(line.center)}, {line.verdict}" for line in lines)
    return Picture(name, title, caption, f"{title}: {told}.", figure)
