"""Decision boundaries side by side, and a map of where they disagree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from bench.core.evaluate import activate, forward
from bench.core.spec import FloatArray, NetworkSpec
from bench.datasets import Data
from bench.drawing.panels import fitted, left_of, panels
from bench.drawing.picture import (
    CLASS_COLORS,
    CLASS_MAP,
    CLASS_MARKERS,
    Picture,
    colors,
    drawing,
    empty,
)

# The article's grid and its number of levels.
GRID_POINTS = 100
LEVELS = 25
_MARGIN = 0.5

_TORN_COLOR = "#b2182b"

# A surface keeps its colours on a dark page, so marks on it must too. These are close to `INK` and `PAPER` but differ
# from them, because the dark style replaces those.
_ON_SURFACE_INK, _ON_SURFACE_PAPER = "#202020", "#fdfdfd"


@dataclass(frozen=True)
class Plane:
    """A grid over the data's plane.

    Attributes:
        x, y: (GRID_POINTS,) the coordinates of its columns and rows.
    """

    x: FloatArray
    y: FloatArray

    @classmethod
    def around(cls, data: Data) -> "Plane":
        """Return the grid that holds all rows, with a margin."""
        rows = np.concatenate([data.x_train, data.x_test])
        low, high = rows.min(axis=0) - _MARGIN, rows.max(axis=0) + _MARGIN
        return cls(np.linspace(low[0], high[0], GRID_POINTS), np.linspace(low[1], high[1], GRID_POINTS))

    @property
    def points(self) -> FloatArray:
        """The grid's points, (GRID_POINTS ** 2, 2), row by row."""
        points: FloatArray = np.stack(np.meshgrid(self.x, self.y), axis=-1).reshape(-1, 2)
        return points

    def surface(self, network: NetworkSpec, weights: list[FloatArray]) -> FloatArray:
        """Return the probability of class 1 on the grid by the neutral evaluator; values may be infinite or NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            probability = activate(network.layers[-1].activation, forward(network, weights, self.points)[-1])
        surface: FloatArray = probability.reshape(len(self.y), len(self.x))
        return surface


def draw(
    name: str, title: str, plane: Plane, data: Data, surfaces: dict[str, FloatArray], seed: int, missing: str = ""
) -> Picture:
    """Return the first two contenders' boundaries and where they differ.

    ``surfaces`` holds the probability of class 1 on the plane, (GRID_POINTS, GRID_POINTS), for each contender.
    """
    if not surfaces:
        return empty(name, title, f"No weights of a network with two inputs were kept. {missing}".strip())
    shown = list(surfaces)[:2]
    with drawing():
        count = len(shown) + (len(shown) == 2)
        figure, (row,) = panels(1, count, (3.6 * count, 3.4), sharey="all")
        palette = colors(list(surfaces))
        for axes, contender in zip(row, shown, strict=False):
            filled = draw_surface(axes, plane, surfaces[contender])
            draw_rows(axes, data)
            axes.set_title(fitted(contender, 220.0, 11.0))
            for side in ("bottom", "left"):
                axes.spines[side].set(color=palette[contender], linewidth=3)
        bar = figure.colorbar(filled, ax=row[: len(shown)], location="bottom", aspect=50, ticks=[0, 0.5, 1])
        bar.set_label("probability of class 1; the line is one half")
        words = ""
        if len(shown) == 2:
            words = _disagreement(row[2], plane, *(surfaces[contender] for contender in shown))
        for axes in row:
            axes.set_xlabel("first feature")
        for axes in left_of(row):
            axes.set_ylabel("second feature")
    caption = f"The networks of seed {seed} after their last epoch, on a grid of {GRID_POINTS} × {GRID_POINTS} points."
    caption += f" {words}" if words else " There is no second contender to compare with."
    alt = f"{title}: {'; '.join(f'{name} {_shape(surfaces[name])}' for name in shown)}. {words}"
    return Picture(name, title, f"{caption} {missing}".strip(), alt.strip(), figure)


def _shape(surface: FloatArray) -> str:
    if surface.min() < 0.5 < surface.max():
        return "draws a line between the classes"
    return f"predicts class {int(surface.mean() > 0.5)} everywhere"


def draw_surface(axes: Axes, plane: Plane, surface: FloatArray) -> Any:
    """Draw the probability of class 1 in the article's 25 levels, and its contour at one half."""
    levels = np.linspace(0.0, 1.0, LEVELS + 1)
    filled = axes.contourf(plane.x, plane.y, surface, levels=levels, cmap=CLASS_MAP, vmin=0.0, vmax=1.0)
    filled.set_rasterized(True)  # as vectors, 25 levels take half a megabyte
    if surface.min() < 0.5 < surface.max():
        axes.contour(plane.x, plane.y, surface, levels=[0.5], colors=_ON_SURFACE_INK, linewidths=1.6)
    axes.set_aspect("equal")
    return filled


def draw_rows(axes: Axes, data: Data) -> None:
    """Draw the test rows, each class with its marker."""
    for label, (color, marker) in enumerate(zip(CLASS_COLORS, CLASS_MARKERS, strict=True)):
        rows = data.x_test[data.y_test[:, 0] == label]
        axes.scatter(rows[:, 0], rows[:, 1], s=12, c=color, marker=marker, edgecolors=_ON_SURFACE_PAPER, linewidths=0.5)


def _disagreement(axes: Axes, plane: Plane, first: FloatArray, second: FloatArray) -> str:
    apart = np.abs(first - second)
    largest = float(apart.max())
    torn = int(((first > 0.5) != (second > 0.5)).sum())
    share = f"{torn:,} of {apart.size:,} points"
    mesh = axes.pcolormesh(plane.x, plane.y, apart, cmap="Greys", vmin=0.0, vmax=largest or 1.0, rasterized=True)
    if first.min() < 0.5 < first.max():
        axes.contour(plane.x, plane.y, first, levels=[0.5], colors=_ON_SURFACE_INK, linewidths=0.7, linestyles="dotted")
    elsewhere = np.ma.masked_equal((first > 0.5) != (second > 0.5), False)
    axes.pcolormesh(plane.x, plane.y, elsewhere, cmap=ListedColormap([_TORN_COLOR]), rasterized=True)
    axes.set_aspect("equal")
    axes.set_title(f"different class: {torn:,} points" + (" (red)" if torn else ""))
    bar = axes.figure.colorbar(mesh, ax=axes, location="bottom", aspect=25, ticks=[0.0, largest] if largest else [0.0])
    bar.ax.xaxis.set_major_formatter(lambda value, _position: f"{value:.2g}")
    bar.set_label("difference of probability")
    return f"Their probabilities differ by at most {largest:.2g}; they predict different classes at {share}."
