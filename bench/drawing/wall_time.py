"""Where the time goes: a whole process by phase, and training alone."""

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from bench.drawing.picture import (
    INK,
    PAPER,
    Picture,
    colors,
    drawing,
    empty,
    footnote,
    log_axis,
    new_figure,
    side_labels,
)
from bench.experiments.finding import listed, seconds_words

if TYPE_CHECKING:
    import pandas as pd

# Each phase with the laps of a trial that make it; training has its contender's colour, the rest are greys.
PHASES = {
    "start": ("startup_seconds",),
    "import": ("import_seconds",),
    "build": ("load_seconds", "build_seconds"),
    "first update (compilation)": ("first_update_seconds",),
    "training": ("train_seconds",),
    "evaluation": ("snapshot_seconds", "predict_seconds", "evaluate_seconds"),
}
_LOOKS: dict[str, dict[str, Any]] = {
    "start": {"facecolor": "#5c5c5c"},
    "import": {"facecolor": "#8f8f8f"},
    "build": {"facecolor": "#c2c2c2"},
    "first update (compilation)": {"facecolor": "#d5d5d5", "hatch": "////"},
    "training": {},
    "evaluation": {"facecolor": PAPER},
}


def draw(name: str, title: str, trials: "pd.DataFrame", missing: str = "") -> Picture:
    """Return a stacked bar of median seconds a contender, and each trial's training seconds beside it."""
    ok = trials[trials["status"] == "ok"]
    if ok.empty:
        return empty(name, title, f"No trial came to its end. {missing}".strip())
    sides = list(dict.fromkeys(zip(ok["scenario"], ok["contender"], strict=True)))
    groups = [ok[(ok["scenario"] == scenario) & (ok["contender"] == contender)] for scenario, contender in sides]
    labels = side_labels(sides)
    palette = colors([contender for _, contender in sides])
    with drawing():
        figure = new_figure(10.5, 1.5 + 0.5 * len(sides))
        whole, training = figure.subplots(1, 2, width_ratios=[3, 2], sharey=True)
        for row, ((_, contender), group) in enumerate(zip(sides, groups, strict=True)):
            _stack(whole, row, group, palette[contender])
            _dots(training, row, group, palette[contender])
        whole.set_title("the whole process, by phase")
        training.set_title("training alone, a dot a trial")
        whole.set_yticks(range(len(sides)), labels)
        whole.invert_yaxis()
        whole.set_xlim(left=0.0, right=whole.get_xlim()[1] * 1.08)
        whole.set_xlabel("seconds: the median of each phase, and in figures that of the whole")
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
        figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), handlelength=1.2, fontsize=8)
        footnote(figure, missing)
    words = [
        f"{label} takes {seconds_words(group['process_seconds'].median())} as a whole process, "
        f"{seconds_words(group['train_seconds'].median())} of it training"
        for label, group in zip(labels, groups, strict=True)
    ]
    caption = (
        "Left, the median seconds of each phase of a fresh process, and in figures those of the whole; right, training "
        f"alone, every trial, on a logarithmic axis. {missing}"
    )
    return Picture(name, title, caption.strip(), f"{title}. {listed(words)} (medians).", figure)


def _stack(axes: Axes, row: int, group: "pd.DataFrame", color: str) -> None:
    left = 0.0
    for phase, laps in PHASES.items():
        seconds = float(group[list(laps)].astype(float).fillna(0.0).sum(axis=1).median())
        looks = {"facecolor": color, **_LOOKS[phase]}
        axes.barh(row, seconds, left=left, height=0.62, edgecolor=INK, linewidth=0.5, **looks)
        left += seconds
    # the medians of phases need not add up to the median of the whole, which is what is said everywhere else
    whole = seconds_words(group["process_seconds"].median())
    axes.annotate(whole, (left, row), xytext=(4, 0), textcoords="offset points", va="center", fontweight="bold")


def _dots(axes: Axes, row: int, group: "pd.DataFrame", color: str) -> None:
    seconds = group["train_seconds"].astype(float)
    axes.plot(seconds, [row] * len(seconds), "o", color=color, alpha=0.55, markersize=6, markeredgewidth=0)
    axes.plot([seconds.median()], [row], "|", color=INK, markersize=16, markeredgewidth=1.4)
    axes.annotate(
        seconds_words(seconds.median()),
        (seconds.max(), row),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        fontweight="bold",
    )
