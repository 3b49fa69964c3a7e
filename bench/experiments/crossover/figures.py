"""Which side is faster where: a map of widths and batches for each depth, with the contour of equal times."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.patches import Patch, Rectangle

from bench.core.words import break_even_words, counted
from bench.drawing.panels import left_of, panels
from bench.drawing.picture import GRID, PAPER, Picture, colors, drawing, empty, footnote, legend
from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.crossover.plan import EXPERIMENT
from bench.experiments.crossover.update_map import DAVID, JOB_UPDATES, LEVEL, Cell

# The ink of a cell's words on a light and on a dark cell, whatever the page: cells keep their colours on a dark one.
_WORDS, _LIGHT_WORDS = "#1b1b1b", "#fdfdfd"

# A ratio of so much has the full colour; beyond it the words alone tell more.
_FULL = 10.0

_ORANGE, _BLUE = colors([])["numpy"], colors([])["keras"]


def pictures(results: Results, finding: Finding[list[Cell]]) -> Pictures:
    """Return the maps, in steady state and of a whole job, for each number of threads that was measured."""
    threads = sorted({entry.threads or 1 for entry in EXPERIMENT.entries})
    measured = set(results.tables.measured()["threads"])
    return {
        f"{view}-{results.suite}-{count}": partial(_map, results, finding.result, view, count)
        for count in [each for each in threads if each in measured] or threads[:1]
        for view in ("steady", "whole-job")
    }


def _map(results: Results, cells: Sequence[Cell], view: str, threads: int) -> Picture:
    name = f"{view}-{results.suite}-{threads}"
    missing = results.missing(*(pair for pair in results.pairs if pair.startswith(f"{threads} thread")))
    return draw(name, results.suite, cells, threads, missing, whole=view == "whole-job")


def draw(name: str, suite: str, cells: Sequence[Cell], threads: int, missing: str = "", *, whole: bool) -> Picture:
    """Return the map for one number of threads: of one update in steady state, or of a ``whole`` job.

    A cell is orange where NumPy takes less time, blue and hatched where Keras does, and darker the larger the
    difference; the number is Keras's time over NumPy's.
    """
    at = counted(threads, "thread")
    view = f"a whole job of {JOB_UPDATES:,} updates" if whole else "one update in steady state"
    title = f"{suite}: {view}, {at}"
    own = [cell for cell in cells if cell.threads == threads]
    if not own:
        return empty(name, title, f"No place of the map was measured of two contenders. {missing}".strip())
    maps: dict[tuple[str, int], list[Cell]] = {}
    for cell in own:
        maps.setdefault((cell.contender, cell.depth), []).append(cell)
    widths, batches = (sorted({getattr(cell, what) for cell in own}) for what in ("width", "batch"))
    with drawing():
        size = (1.0 + (0.35 + 0.92 * len(widths)) * len(maps), 1.9 + 0.72 * len(batches))
        figure, (row,) = panels(1, len(maps), size, sharey="all")
        for axes, ((contender, depth), group) in zip(row, maps.items(), strict=True):
            _panel(axes, group, widths, batches, whole=whole)
            axes.set_title(f"{contender}, {counted(depth, 'hidden layer')}")
            axes.set_xlabel("units of each hidden layer")
        for axes in left_of(row):
            axes.set_ylabel("rows of a batch")
        handles = _handles()
        legend(figure, handles, [str(handle.get_label()) for handle in handles], fontsize=8.0)
        footnote(figure, missing)
    further = " Below it, after how many updates the slower start has been made up for." if whole else ""
    caption = (
        f"A keras contender's seconds over numpy's for {view}, at {at}, by width, batch and depth; above 1 David is "
        f"faster. The black line is where both take as long, between the measured places. A question mark stands where "
        f"the data leave open which is faster, at a level of 5 % for all places together.{further} {missing}"
    )
    return Picture(name, title, caption.strip(), f"{title}. {_alt(maps, whole=whole)}", figure)


def _panel(axes: Axes, group: Sequence[Cell], widths: list[int], batches: list[int], *, whole: bool) -> None:
    """Draw one map; places are a step apart, as on logarithmic axes."""
    ratios = np.full((len(batches), len(widths)), np.nan)
    for cell in group:
        interval = cell.whole if whole else cell.steady
        column, row = widths.index(cell.width), batches.index(cell.batch)
        ratios[row, column] = interval.center
        shade = _shade(interval.center)
        axes.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5),
                1.0,
                1.0,
                facecolor=shade,
                edgecolor="#8a8a8a",
                linewidth=0.4,
                hatch="//" if interval.center < 1.0 else None,
            )
        )
        p = cell.whole_p if whole else cell.steady_p
        words = f"{_digits(interval.center)}{'' if p <= LEVEL else '?'}"
        paid = break_even_words(cell.break_even_updates) if whole else ""
        below = f"after {paid}" if paid[:1].isdigit() else paid
        axes.text(
            column,
            row,
            f"{words}\n{below}" if below else words,
            ha="center",
            va="center",
            color=_words_on(shade),
            fontsize=8 if below else 10,
            bbox={"facecolor": shade, "edgecolor": "none", "pad": 1.5},
            zorder=4,
        )
    _contour(axes, ratios)
    axes.set_xlim(-0.5, len(widths) - 0.5)
    axes.set_ylim(-0.5, len(batches) - 0.5)
    axes.set_xticks(range(len(widths)), [f"{width:,}" for width in widths])
    axes.set_yticks(range(len(batches)), [f"{batch:,}" for batch in batches])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _contour(axes: Axes, ratios: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
    """Draw where the ratio is 1, straight between the logarithms of neighbouring places."""
    logs = np.log(ratios)
    if min(logs.shape) < 2 or np.isnan(logs).any() or not logs.min() < 0.0 < logs.max():
        return
    rows, columns = (np.array([-0.5, *range(count), count - 0.5]) for count in logs.shape)
    # to the map's edge, as at the place next to it
    axes.contour(columns, rows, np.pad(logs, 1, mode="edge"), levels=[0.0], colors="#000000", linewidths=2.2, zorder=3)


def _shade(ratio: float) -> str:
    """Return orange above 1, blue below, white at 1; logarithmic, and full at ten times."""
    share = max(-1.0, min(1.0, math.log(ratio) / math.log(_FULL)))
    scale = LinearSegmentedColormap.from_list("duel", [_BLUE, "#ffffff", _ORANGE])
    return to_hex(scale(0.5 + 0.5 * share))


def _words_on(shade: str) -> str:
    """Return the ink that is legible on a cell, by how bright it is to the eye (Rec. 601)."""
    red, green, blue = to_rgb(shade)
    return _WORDS if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else _LIGHT_WORDS


def _digits(ratio: float) -> str:
    """Return a ratio with two digits, three where it is near 1."""
    return f"{ratio:.2f}" if 0.8 < ratio < 1.25 else f"{ratio:.2g}" if ratio < 100 else f"{ratio:,.0f}"


def _handles() -> list[Patch]:
    return [
        Patch(facecolor=_ORANGE, edgecolor=GRID, label="David (numpy) takes less"),
        Patch(facecolor=_shade(1 / 5), edgecolor="#8a8a8a", hatch="//", label="Goliath takes less"),
        Patch(facecolor=PAPER, edgecolor=GRID, label="number: Goliath's seconds over David's"),
    ]


def _alt(maps: dict[tuple[str, int], list[Cell]], *, whole: bool) -> str:
    told = []
    for (contender, depth), group in maps.items():
        centers = [(cell.whole if whole else cell.steady).center for cell in group]
        told.append(
            f"{contender} with {counted(depth, 'hidden layer')} takes {_digits(min(centers))} to "
            f"{_digits(max(centers))} times as long as {DAVID}, less than it in "
            f"{sum(center < 1.0 for center in centers)} of {len(centers)} places"
        )
    return f"{'; '.join(told)}."
