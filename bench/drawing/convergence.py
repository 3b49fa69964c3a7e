"""Convergence: loss and accuracy by epoch, by update and by training second."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from bench.core.score import ACCURACY, Score
from bench.core.words import listed, seconds_words
from bench.drawing.panels import fitted, left_of, on_phone, panels
from bench.drawing.picture import (
    BROAD_LINE_WIDTH,
    INK,
    LINE_WIDTH,
    PAPER,
    Picture,
    annotate,
    colors,
    dashes,
    draw_target,
    drawing,
    empty,
    footnote,
    legend_of_contenders,
    log_axis,
    percent_axis,
    short_number,
)
from bench.statistics.reached import Reached

if TYPE_CHECKING:
    import pandas as pd

CLOCKS = {"epoch": "epoch", "updates": "update", "train_seconds": "training second"}
_TO_TARGET = {"epoch": "epochs_to_target", "updates": "updates_to_target", "train_seconds": "seconds_to_target"}

# The training accuracy at which the lowest label of a crossing stands.
_LOWEST_LABEL = 0.40

# More points than a picture can show only enlarge its file; the fair duel's 200 epochs are all drawn.
_MOST_POINTS, _MOST_ON_PHONE = 200, 90


def draw(
    name: str,
    title: str,
    trials: "pd.DataFrame",
    curves: "pd.DataFrame",
    *,
    score: Score,
    target: float,
    reached: Mapping[str, Reached],
    missing: str = "",
) -> Picture:
    """Return training loss and score of one comparison's contenders by three clocks.

    A thin line per seed, a band from minimum to maximum, the median in bold, and where each contender crosses
    ``target``, as ``reached`` has it.
    """
    curves = curves[curves["epoch"] > 0].dropna(subset=["train_loss", score.train])
    if curves.empty:
        return empty(name, title, f"No trial has a curve to draw. {missing}".strip())
    contenders = list(dict.fromkeys(curves["contender"]))
    with drawing():
        figure, (above, below) = panels(2, len(CLOCKS), (10.5, 5.8), sharex="col", sharey="row")
        for column, (clock, word) in enumerate(CLOCKS.items()):
            draw_curves(above[column], curves, clock, "train_loss")
            draw_curves(below[column], curves, clock, score.train)
            above[column].set_title(f"by {word}")
            below[column].set_xlabel(f"{word}, logarithmic" + (" (s)" if clock == "train_seconds" else ""))
            draw_target(below[column], target)
            for contender in contenders:
                _strokes(below[column], trials, contender, clock, target, colors(contenders)[contender])
            _mark_crossings(below[column], reached, contenders, clock, target)
        for axes in left_of(above):
            axes.set_ylabel(f"training loss ({score.loss_unit})")
        for axes in left_of(below):
            axes.set_ylabel(f"training {score.words}")
        above[0].set_ylim(0.0, 1.06 * float(curves["train_loss"].max()))
        below[0].set_ylim(_least_shown(curves[score.train].min(), score), 1.02)
        if score is ACCURACY:
            percent_axis(below[0])
        figure.align_ylabels()
        legend_of_contenders(figure, contenders)
        footnote(figure, missing)
    seeds = curves["seed"].nunique()
    caption = (
        f"A thin line for each of {seeds} seeds, a band from minimum to maximum, the median in bold."
        if seeds > 1
        else "One seed."
    )
    if trials["reached_target"].fillna(value=False).any():
        caption += f" Strokes mark where each trial first reaches {score.training_goal(target)}, dots the median trial."
    caption += f" {missing}"
    return Picture(
        name, title, caption.strip(), f"{title}. {reached_words(reached, contenders, target, score)}", figure
    )


def _least_shown(least: float, score: Score) -> float:
    """Return the lower end of the score's axis: below one half for accuracies, and for R² the least, not below -1."""
    return 0.35 if score is ACCURACY else max(-1.0, min(0.0, least)) - 0.02


def draw_curves(axes: Axes, curves: "pd.DataFrame", clock: str, measure: str) -> None:
    """Draw each contender, over epochs at the median clock, logarithmic: its seeds, their band and their median."""
    log_axis(axes)
    axes.grid(visible=True, axis="y")
    contenders = list(dict.fromkeys(curves["contender"]))
    for contender in contenders:
        own = curves[curves["contender"] == contender]
        color = colors(contenders)[contender]
        own = own.assign(value=own[measure].astype("float64"), time=own[clock].astype("float64"))
        values, times = (
            own.pivot_table(index="epoch", columns=["seed", "repetition"], values=column)
            for column in ("value", "time")
        )
        shown = thinned(list(values.index), _MOST_ON_PHONE if on_phone() else _MOST_POINTS)
        values, times = values.iloc[shown], times.iloc[shown]
        middle = times.median(axis=1)
        if values.shape[1] > 1:
            axes.fill_between(middle, values.min(axis=1), values.max(axis=1), color=color, alpha=0.16, linewidth=0)
            # as vectors, dozens of seeds take half a megabyte; at one zorder they become one image
            looks: dict[str, Any] = {"color": color, "alpha": 0.35, "linewidth": 0.5, "rasterized": True, "zorder": 1.2}
            axes.plot(times.to_numpy(), values.to_numpy(), **looks)
        width = BROAD_LINE_WIDTH if contender == contenders[0] and len(contenders) > 1 else LINE_WIDTH
        axes.plot(middle, values.median(axis=1), color=color, linewidth=width, linestyle=dashes(contender))


def _strokes(axes: Axes, trials: "pd.DataFrame", contender: str, clock: str, target: float, color: str) -> None:
    """Mark where each trial of a contender reaches the target."""
    own = trials[(trials["contender"] == contender) & (trials["status"] == "ok")][_TO_TARGET[clock]].dropna()
    axes.plot(own.astype("float64"), [target] * len(own), "|", color=color, markersize=6, alpha=0.6)


def _mark_crossings(
    axes: Axes, reached: Mapping[str, Reached], contenders: list[str], clock: str, target: float
) -> None:
    """Write where each contender's median trial reaches the target."""
    at: dict[float, list[str]] = {}
    for contender in contenders:
        value = float(getattr(reached[contender], clock))
        if math.isfinite(value):
            at.setdefault(value, []).append(contender)
    palette = colors(contenders)
    left, right = axes.get_xlim()
    for step, (value, names) in enumerate(sorted(at.items())):
        height = _LOWEST_LABEL + 0.075 * step
        place = max(value, left)  # the start, 0, has no place on a logarithmic axis
        axes.plot([place, place], [height, target], color=palette[names[0]], linewidth=0.8, zorder=1)
        axes.plot([place], [target], "o", color=palette[names[0]], markersize=5, markeredgecolor=INK, zorder=5)
        words = seconds_words(value) if clock == "train_seconds" else short_number(value)
        away = -3 if place > math.sqrt(left * right) else 3
        who = "all" if len(names) == len(contenders) > 1 else ", ".join(names)
        box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0, "alpha": 0.85}
        annotate(axes, fitted(f"{who}: {words}", 150.0, 8.0), (place, height), away, fontsize=8, bbox=box)


def reached_words(reached: Mapping[str, Reached], contenders: list[str], target: float, score: Score = ACCURACY) -> str:
    """Return one sentence on when each contender reached the target."""
    goal = score.training_goal(target)
    words = []
    for contender in contenders:
        own = reached[contender]
        if math.isnan(own.updates):
            words.append(f"{contender} has no successful trial")
        elif math.isinf(own.updates):
            words.append(f"{contender} reaches {goal} in {own.reached} of {own.trials} trials")
        else:
            words.append(
                f"{contender} reaches {goal} after {own.updates:,.0f} updates and "
                f"{seconds_words(own.train_seconds)} (medians)"
            )
    return f"{listed(words)}."


def thinned(epochs: Sequence[int], most: int = _MOST_POINTS) -> list[int]:
    """Return the indices of the epochs to draw: all, or as many as a logarithmic axis can show.

    ``epochs`` ascend from 1 or later; the first and the last are always included.
    """
    if len(epochs) <= most:
        return list(range(len(epochs)))
    wanted = np.geomspace(epochs[0], epochs[-1], most).round()
    places = np.searchsorted(epochs, wanted).clip(max=len(epochs) - 1)
    return [int(place) for place in np.unique([0, *places, len(epochs) - 1])]
