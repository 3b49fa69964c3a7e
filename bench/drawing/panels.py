"""Panels of a picture: side by side on a page, below each other on a phone."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.drawing.picture import broken, new_figure

# In inches: on a phone's screen, text of a picture this wide is about as large as the text around it.
PHONE_WIDTH = 4.0

_on_phone: ContextVar[bool] = ContextVar("on_phone", default=False)

Share = Literal["none", "all", "row", "col"]

# Rows of columns.
Grid = list[list[Axes]]


@contextlib.contextmanager
def phone() -> Iterator[None]:
    """Draw for a phone: `panels` stand below each other, `PHONE_WIDTH` wide."""
    token = _on_phone.set(True)
    try:
        yield
    finally:
        _on_phone.reset(token)


def on_phone() -> bool:
    """Return whether pictures are drawn for a phone now."""
    return _on_phone.get()


def panels(
    rows: int,
    columns: int,
    size: tuple[float, float],
    *,
    sharex: Share = "none",
    sharey: Share = "none",
    width_ratios: Sequence[float] | None = None,
) -> tuple[Figure, Grid]:
    """Return a figure of this size in inches, and its panels as rows of columns.

    On a phone they stand below each other, column by column, each as high as on a page and with its own tick labels.
    """
    width, height = size
    if not on_phone():
        figure = new_figure(width, height)
        grid = figure.subplots(
            rows, columns, sharex=sharex, sharey=sharey, squeeze=False, gridspec_kw={"width_ratios": width_ratios}
        )
        return figure, [list(row) for row in grid]
    figure = new_figure(min(width, PHONE_WIDTH), height * columns)
    stacked = list(figure.subplots(rows * columns, 1, squeeze=False)[:, 0])
    by_row = [[stacked[column * rows + row] for column in range(columns)] for row in range(rows)]
    _share(by_row, sharex, Axes.sharex)
    _share(by_row, sharey, Axes.sharey)
    return figure, by_row


def _share(grid: Grid, how: Share, share: Callable[[Axes, Axes], None]) -> None:
    """Give panels the same axis, as matplotlib does, but keep the labels of each."""
    for row in grid:
        for column, axes in enumerate(row):
            first = {"none": axes, "all": grid[0][0], "row": row[0], "col": grid[0][column]}[how]
            if axes is not first:
                share(axes, first)


def left_of(row: Sequence[Axes]) -> list[Axes]:
    """Return the panels of a row that need a label at their left: the first, or on a phone all."""
    return list(row) if on_phone() else list(row[:1])


def fitted(words: str, points: float, fontsize: float = 9.0) -> str:
    """Return words, on a phone in lines of at most so many points."""
    return broken(words, points, fontsize) if on_phone() else words
