"""The decision boundary as it forms: an animation of twins in step, with their loss curves below."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.animation import FuncAnimation, PillowWriter
from PIL import Image, ImageSequence

from bench.core.spec import FloatArray
from bench.datasets import Data
from bench.drawing.boundaries import Plane, draw_rows, draw_surface
from bench.drawing.picture import BROAD_LINE_WIDTH, LINE_WIDTH, colors, dashes, drawing, new_figure

if TYPE_CHECKING:
    import pandas as pd

_FRAMES_A_SECOND = 8
_HOLD_LAST_FRAMES = 12
_DOTS_PER_INCH = 72
_COLORS = 64


def animate(
    title: str,
    plane: Plane,
    data: Data,
    epochs: list[int],
    surfaces: dict[str, FloatArray],
    curves: "pd.DataFrame",
    on_frame: Callable[[int, int], None],
) -> bytes:
    """Return a GIF: the boundary of each contender, and below it the losses up to the frame's epoch.

    Args:
        title: stands above the panels.
        plane: the grid.
        data: the data set, whose test rows are shown.
        epochs: of the frames.
        surfaces: (frames, rows, columns) the probability of class 1, for each contender.
        curves: the curves of the trials shown, of one seed.
        on_frame: called with the number of finished frames and of all frames.
    """
    names = list(surfaces)
    with drawing({"savefig.dpi": _DOTS_PER_INCH}), tempfile.TemporaryDirectory() as scratch:
        figure = new_figure(3.4 * max(2, len(names)), 5.2)
        above, below = figure.subfigures(2, 1, height_ratios=[3, 2], squeeze=False)[:, 0]
        panels = above.subplots(1, len(names), sharey=True, squeeze=False)[0]
        losses = below.subplots()
        palette = colors(names)
        for name in names:
            own = curves[curves["contender"] == name]
            losses.plot(own["epoch"], own["train_loss"], color=palette[name], alpha=0.25, linewidth=1)
        lines = {
            name: losses.plot([], [], color=palette[name], linewidth=width, linestyle=dashes(name), label=name)[0]
            for name, width in zip(names, (BROAD_LINE_WIDTH, LINE_WIDTH), strict=False)
        }
        losses.set_xlabel("epoch")
        losses.set_ylabel("training loss (nats)")
        losses.set_ylim(bottom=0.0)
        losses.legend(loc="upper right")
        losses.grid(visible=True, axis="y")

        def show(frame: int) -> list[object]:
            frame = min(frame, len(epochs) - 1)
            for axes, name in zip(panels, names, strict=True):
                axes.clear()
                draw_surface(axes, plane, surfaces[name][frame])
                draw_rows(axes, data)
                axes.set_title(name)
                own = curves[(curves["contender"] == name) & (curves["epoch"] <= epochs[frame])]
                lines[name].set_data(own["epoch"].to_numpy(), own["train_loss"].to_numpy())
            above.suptitle(f"{title}: epoch {epochs[frame]:,}", fontweight="bold")
            return []

        film = FuncAnimation(figure, show, frames=len(epochs) + _HOLD_LAST_FRAMES)  # type: ignore[arg-type]
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
