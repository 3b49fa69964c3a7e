"""The decision boundary as it forms: an animation of contenders in step by update, with their loss curves below."""

import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from PIL import Image, ImageSequence

from bench.core.spec import FloatArray, IntArray
from bench.datasets import Data
from bench.drawing.boundaries import Plane, draw_rows, draw_surface
from bench.drawing.picture import BROAD_LINE_WIDTH, LINE_WIDTH, colors, dashes, drawing, new_figure

if TYPE_CHECKING:
    import pandas as pd

_FRAMES_A_SECOND = 8
_HOLD_LAST_FRAMES = 12
_DOTS_PER_INCH = 72
_COLORS = 64


@dataclass(frozen=True, eq=False)
class Forming:
    """One contender's network at several times.

    Attributes:
        updates: (frames,) how many had been made, ascending from 0.
        surfaces: (frames, rows, columns) the probability of class 1 then.
    """

    updates: IntArray
    surfaces: FloatArray

    def frame_at(self, updates: int) -> int:
        """Return the last frame after at most so many updates: the very last one once training is done."""
        return int(np.searchsorted(self.updates, updates, side="right")) - 1


def animate(
    title: str,
    plane: Plane,
    data: Data,
    forming: Mapping[str, Forming],
    curves: "pd.DataFrame",
    on_frame: Callable[[int, int], None],
) -> bytes:
    """Return a GIF: the boundary of each contender, and below it the losses up to the frame's update.

    All contenders are shown after the same number of updates, to within their own frames. One that trains for fewer
    updates stands still once it is done.

    Args:
        title: stands above the panels.
        plane: the grid.
        data: the data set, whose test rows are shown.
        forming: each contender's network as it forms.
        curves: the curves of the trials shown, of one seed.
        on_frame: called with the number of finished frames and of all frames.
    """
    names = list(forming)
    steps = [int(step) for step in max((each.updates for each in forming.values()), key=lambda updates: updates[-1])]
    with drawing({"savefig.dpi": _DOTS_PER_INCH}), tempfile.TemporaryDirectory() as scratch:
        figure = new_figure(3.4 * max(2, len(names)), 5.2)
        above, below = figure.subfigures(2, 1, height_ratios=[3, 2], squeeze=False)[:, 0]
        panels = above.subplots(1, len(names), sharey=True, squeeze=False)[0]
        losses = below.subplots()
        palette = colors(names)
        for name in names:
            own = curves[curves["contender"] == name]
            losses.plot(own["updates"], own["train_loss"], color=palette[name], alpha=0.25, linewidth=1)
        lines = {
            name: losses.plot([], [], color=palette[name], linewidth=width, linestyle=dashes(name), label=name)[0]
            for name, width in zip(names, (BROAD_LINE_WIDTH, LINE_WIDTH), strict=False)
        }
        losses.set_xlabel("update")
        losses.set_ylabel("training loss (nats)")
        losses.set_ylim(bottom=0.0)
        losses.legend(loc="lower left")
        losses.grid(visible=True, axis="y")

        def show(frame: int) -> list[object]:
            step = steps[min(frame, len(steps) - 1)]
            for axes, name in zip(panels, names, strict=True):
                axes.clear()
                shown = forming[name].frame_at(step)
                draw_surface(axes, plane, forming[name].surfaces[shown])
                draw_rows(axes, data)
                done = step > forming[name].updates[-1]
                axes.set_title(f"{name}, {'done after' if done else 'update'} {forming[name].updates[shown]:,}")
                own = curves[(curves["contender"] == name) & (curves["updates"] <= step)]
                lines[name].set_data(own["updates"].to_numpy(), own["train_loss"].to_numpy())
            above.suptitle(f"{title}: update {step:,}", fontweight="bold")
            return []

        film = FuncAnimation(figure, show, frames=len(steps) + _HOLD_LAST_FRAMES)  # type: ignore[arg-type]
        path = Path(scratch) / "forming.gif"
        film.save(path, writer=PillowWriter(fps=_FRAMES_A_SECOND), dpi=_DOTS_PER_INCH, progress_callback=on_frame)
        return _lighter(path)


def _lighter(path: Path) -> bytes:
    """Return the GIF with its durations and one small palette for all frames, which halves its size."""
    with Image.open(path) as film:
        frames = [(frame.convert("RGB"), frame.info["duration"]) for frame in ImageSequence.Iterator(film)]
    # the first frame has the pale colours, the last the strong ones
    width, height = frames[0][0].size
    both = Image.new("RGB", (width, 2 * height))
    both.paste(frames[0][0], (0, 0))
    both.paste(frames[-1][0], (0, height))
    palette = both.quantize(_COLORS, dither=Image.Dither.NONE)
    first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame, _ in frames)
    file = io.BytesIO()
    first.save(
        file,
        "gif",
        save_all=True,
        append_images=others,
        duration=[duration for _, duration in frames],
        loop=0,
        optimize=True,
    )
    return file.getvalue()
