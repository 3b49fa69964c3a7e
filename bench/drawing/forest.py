"""A forest plot: a change and its interval for each quantity, on one axis of factors."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.core.words import ratio_words
from bench.drawing.panels import panels
from bench.drawing.picture import GRID, INK, MUTED, Picture, drawing, empty

# In inches: of a line, and of what is above and below all of them.
_LINE, _REST = 0.28, 0.9


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
        axes.set_yticks(range(len(lines)), [line.label for line in lines])
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _position: f"{value:.3g}")
        axes.xaxis.set_minor_formatter(lambda value, _position: f"{value:.3g}")
        axes.set_xlabel("after / before, logarithmic: less is better")
    caption = (
        f"A dot is the change of a geometric mean, a line its 95 % interval, the shade the margin of {margin:.0%}. "
        f"Filled dots are better or worse."
    )
    told = "; ".join(f"{line.label} {ratio_words(line.center)}, {line.verdict}" for line in lines)
    return Picture(name, title, caption, f"{title}: {told}.", figure)
