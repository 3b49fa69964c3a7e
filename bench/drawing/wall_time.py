"""Wall time: a contender's process by phase, and training alone."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from bench.core.words import listed, seconds_words
from bench.drawing.panels import fitted, panels
from bench.drawing.picture import (
    INK,
    Picture,
    annotate,
    colors,
    drawing,
    empty,
    footnote,
    legend,
    log_axis,
    side_labels,
)
from bench.statistics.phases import PHASES, PhaseMedians

if TYPE_CHECKING:
    import pandas as pd

# Training has its contender's colour; the other phases are grey.
_LOOKS: dict[str, dict[str, Any]] = {
    "start": {"facecolor": "#5c5c5c"},
    "import": {"facecolor": "#8f8f8f"},
    "build": {"facecolor": "#c2c2c2"},
    "first update (compilation)": {"facecolor": "#d5d5d5", "hatch": "////"},
    "training": {},
}


def draw(
    name: str,
    title: str,
    trials: "pd.DataFrame",
    medians: Mapping[tuple[str, str], PhaseMedians],
    missing: str = "",
) -> Picture:
    """Return a stacked bar of median seconds per contender, and each trial's training seconds beside it.

    ``medians`` are by scenario and contender.
    """
    if not medians:
        return empty(name, title, f"No trial finished. {missing}".strip())
    ok = trials[trials["status"] == "ok"]
    sides = list(medians)
    labels = side_labels(sides)
    palette = colors([contender for _, contender in sides])
    with drawing():
        size = (10.5, 1.5 + 0.5 * len(sides))
        figure, ((whole, training),) = panels(1, 2, size, sharey="all", width_ratios=[3, 2])
        for row, (scenario, contender) in enumerate(sides):
            seconds = ok[(ok["scenario"] == scenario) & (ok["contender"] == contender)]["train_seconds"].astype(float)
            _stack(whole, row, medians[scenario, contender], palette[contender])
            _dots(training, row, list(seconds), medians[scenario, contender].train_seconds, palette[contender])
        whole.set_title("until trained, by phase")
        training.set_title("training alone, a dot a trial")
        whole.set_yticks(range(len(sides)), [fitted(label, 115.0) for label in labels])
        whole.invert_yaxis()
        whole.set_xlim(left=0.0, right=whole.get_xlim()[1] * 1.08)
        whole.set_xlabel("seconds, medians")
        log_axis(training)
        low, high = training.get_xlim()
        training.set_xlim(low / 1.5, high * (high / low) ** 0.35)
        training.set_xlabel("seconds, logarithmic")
        for axes in (whole, training):
            axes.grid(visible=True, axis="x")
            axes.tick_params(axis="y", length=0)
        handles = [
            Patch(**{"facecolor": palette[sides[0][1]], **looks}, edgecolor=INK, linewidth=0.5, label=phase)
            for phase, looks in _LOOKS.items()
        ]
        handles[list(PHASES).index("training")].set_label("training (contender's colour)")
        legend(figure, handles, [str(handle.get_label()) for handle in handles], fontsize=8.0)
        footnote(figure, missing)
    words = [
        f"{label} takes {seconds_words(own.whole_seconds)} from its start to a trained network, "
        f"{seconds_words(own.train_seconds)} of it training"
        for label, own in zip(labels, medians.values(), strict=True)
    ]
    harness = sorted(own.harness_seconds for own in medians.values())
    caption = (
        "First, the median seconds of each phase of a contender's fresh process; the number is the median of the "
        "whole. Then training alone, every trial, on a logarithmic axis. The harness's own work is not drawn: in the "
        "process it copies weights and times predictions, for "
        f"{' to '.join(dict.fromkeys(map(seconds_words, (harness[0], harness[-1]))))}, and in its own process it "
        f"evaluates the weights. {missing}"
    )
    return Picture(name, title, caption.strip(), f"{title}. {listed(words)} (medians).", figure)


def _stack(axes: Axes, row: int, medians: PhaseMedians, color: str) -> None:
    left = 0.0
    for phase, seconds in medians.phases.items():
        looks = {"facecolor": color, **_LOOKS[phase]}
        axes.barh(row, seconds, left=left, height=0.62, edgecolor=INK, linewidth=0.5, **looks)
        left += seconds
    # medians of phases need not add up to the median of the whole, which the alternative text quotes too
    whole = seconds_words(medians.whole_seconds)
    annotate(axes, whole, (left, row), 4, fontweight="bold")


def _dots(axes: Axes, row: int, seconds: list[float], median: float, color: str) -> None:
    axes.plot(seconds, [row] * len(seconds), "o", color=color, alpha=0.55, markersize=6, markeredgewidth=0)
    axes.plot([median], [row], "|", color=INK, markersize=16, markeredgewidth=1.4)
    annotate(axes, seconds_words(median), (max(seconds), row), 7, fontweight="bold")
