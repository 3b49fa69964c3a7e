"""The pictures of the sweep: how sensitive each optimizer is to its rate, and how often each is near the best."""

import math
from collections.abc import Iterable
from functools import partial
from typing import Any

from bench.core.words import listed
from bench.drawing.panels import left_of, panels
from bench.drawing.picture import MUTED, Picture, drawing, empty, legend, log_axis, percent_axis, short_number
from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.optimizers.finding import Swept

# Okabe and Ito's palette without the contenders' colours; each with a marker and a dash, for prints in grey.
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "#222222", "marker": "o", "linestyle": "solid"},
    {"color": "#d55e00", "marker": "s", "linestyle": (0, (5, 1.5))},
    {"color": "#cc79a7", "marker": "D", "linestyle": (0, (3, 1, 1, 1))},
    {"color": "#009e73", "marker": "^", "linestyle": (0, (1, 1))},
    {"color": "#8c6bb1", "marker": "v", "linestyle": (0, (6, 1, 1, 1, 1, 1))},
    {"color": "#997700", "marker": "P", "linestyle": (0, (2, 2))},
)


def pictures(results: Results, finding: Finding[Swept]) -> Pictures:
    """Return both pictures."""
    suite = results.suite
    titles = {
        "sweep": f"{suite}: how sensitive each is to its learning rate",
        "profiles": f"{suite}: how often each is near the best, at its best rate",
    }
    return {
        f"{kind}-{suite}": partial(draw, f"{kind}-{suite}", title, finding.result)
        for (kind, title), draw in zip(titles.items(), (draw_sweep, draw_profiles), strict=True)
    }


def draw_sweep(name: str, title: str, found: Swept) -> Picture:
    """Return a panel for each data set: median updates to the target by learning rate, a line a solver.

    A cell whose median trial never reached the target stands above the budget of updates.
    """
    updates, most = found.updates, found.budget
    if not updates:
        return empty(name, title, "No solver was trained.")
    datasets = list(dict.fromkeys(cell.dataset for cell in updates))
    looks = _looks(cell.solver for cell in updates)
    words = []
    with drawing():
        figure, (row,) = panels(1, len(datasets), (10.5, 4.0), sharey="all")
        never = most * 2.0
        for axes, dataset in zip(row, datasets, strict=True):
            log_axis(axes)
            axes.set_yscale("log")
            for solver, look in looks.items():
                cells = sorted(
                    (cell for cell in updates if (cell.dataset, cell.solver) == (dataset, solver)),
                    key=lambda cell: cell.rate,
                )
                medians = [updates[cell] for cell in cells]
                shown = [value if math.isfinite(value) else never for value in medians]
                axes.plot([cell.rate for cell in cells], shown, label=solver, markersize=5, linewidth=1.4, **look)
                least = min(range(len(cells)), key=medians.__getitem__, default=None)
                if least is not None and math.isfinite(medians[least]):
                    words.append(f"{solver} on {dataset} {medians[least]:,.0f} at {cells[least].rate:g}")
            axes.axhline(math.sqrt(most * never), color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
            axes.set_title(dataset)
            axes.set_xlabel("learning rate, logarithmic")
            axes.grid(visible=True, axis="y")
        ticks = [value for value in (30, 100, 300, 1000, 3000) if value < most]
        row[0].set_yticks([*ticks, never], [*map(short_number, ticks), "never"])
        row[0].minorticks_off()
        for axes in left_of(row):
            axes.set_ylabel("updates to the target (median)")
        legend(figure, *row[0].get_legend_handles_labels())
    caption = (
        f"Each solver at each learning rate, with {most:,} updates to get there: the median over seeds, lower is "
        f"better. Above the dashed line the median trial never reached the target. A solver whose line is low over a "
        f"wide span of rates is easy to use."
    )
    return Picture(name, title, caption, f"{title}. Fewest updates: {listed(words or ['none reached it'])}.", figure)


def draw_profiles(name: str, title: str, found: Swept) -> Picture:
    """Return a panel for each clock: the share of problems solved within a factor of the best solver."""
    if not found.profiles:
        return empty(name, title, "No solver was trained.")
    looks = _looks(cell.solver for cell in found.updates)
    words = []
    with drawing():
        figure, (row,) = panels(1, len(found.profiles), (9.0, 3.8), sharey="all")
        for axes, (clock, by_solver) in zip(row, found.profiles.items(), strict=True):
            log_axis(axes)
            farthest = max((ratio for each in by_solver.values() for ratio in each.ratios), default=1.0) * 1.3
            for solver, profile in by_solver.items():
                look = {key: value for key, value in looks[solver].items() if key != "marker"}
                ratios = [1.0, *profile.ratios, farthest]
                shares = [profile.share(ratio) for ratio in ratios]
                axes.plot(ratios, shares, drawstyle="steps-post", label=solver, linewidth=2.0, **look)
                words.append(f"{solver} is best on {profile.wins:.0%} by {clock}")
            axes.set_xlim(0.97, farthest)
            ticks = [tick for tick in (1, 1.5, 2, 3, 5, 10, 20, 50, 100) if tick <= farthest]
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
            axes.set_title(f"by {clock}")
            axes.set_xlabel("times the best solver's, logarithmic")
            axes.grid(visible=True, axis="y")
        row[0].set_ylim(-0.02, 1.03)
        for axes in left_of(row):
            axes.set_ylabel("problems solved")
        percent_axis(row[0])
        legend(figure, *row[0].get_legend_handles_labels())
    caption = (
        "Performance profiles (Dolan and Moré, 2002), each solver at its best rate on each data set: how many "
        "problems, a data set and a seed each, it solves within a factor of the best solver of that problem. Left end: "
        "how often it is the best; right end: how often it gets there at all."
    )
    return Picture(name, title, caption, f"{title}. {listed(words)}.", figure)


def _looks(solvers: Iterable[str]) -> dict[str, dict[str, Any]]:
    return {solver: _LOOKS[index % len(_LOOKS)] for index, solver in enumerate(dict.fromkeys(solvers))}
