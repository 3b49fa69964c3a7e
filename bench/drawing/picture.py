"""What a picture is, and what all of them share: colours that keep their meaning, type, marks for what is missing."""

import contextlib
import io
import re
import warnings
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from PIL import Image

INK, MUTED, GRID, PAPER = "#222222", "#6e6e6e", "#dedede", "#ffffff"

# On a dark page; the data's colours hold on both.
_DARK = {INK: "#e6e6e6", MUTED: "#a8a8a8", GRID: "#3d4147", PAPER: "#16181c"}

# Okabe and Ito's palette, told apart by colour-blind eyes; orange and blue differ in grey too. David is orange, Goliath
# blue, in every picture; a second Goliath has a dash of its own as well.
_COLORS = {
    "numpy": "#e69f00",
    "article": "#e69f00",
    "keras": "#0072b2",
    "keras_tuned": "#56b4e9",
    "keras_plain": "#7c98ad",
}
_OWN_COLORS = ("#009e73", "#cc79a7", "#d55e00")
# Of contenders whose curves lie on each other, the first is broad, so that all of them are seen.
LINE_WIDTH, BROAD_LINE_WIDTH = 1.6, 4.5
_DASHES = {"keras_tuned": (0, (4, 1.5)), "keras_plain": (0, (1, 1))}

# The two classes of the data: neither David's colour nor Goliath's, and of different lightness.
CLASS_COLORS, CLASS_MAP, CLASS_MARKERS = ("#762a83", "#5aae61"), "PRGn", ("o", "^")

_DOTS_PER_INCH = 144

# What XML cannot hold, and a name can.
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

# After matplotlib's own font those that have Chinese, Japanese and Korean, where one is installed.
_FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "PingFang SC", "Microsoft YaHei")

_STYLE: dict[str, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": PAPER,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "text.parse_math": False,  # a name may hold a dollar
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "hatch.linewidth": 0.5,
    "path.simplify_threshold": 0.3,
    "svg.fonttype": "path",
}


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with the words that belong to it.

    Attributes:
        name: of its files; ``convergence-twins``.
        title: a line.
        caption: what is drawn and how to read it.
        alt: what it shows, for someone who does not see it.
        figure: matplotlib's.
    """

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure

    def svg(self) -> str:
        """Return the picture as SVG, legible on a light and on a dark page."""
        text = io.StringIO()
        # the same picture has the same ids, and no date, so that files change only when the picture does
        with drawing({"svg.hashsalt": self.name}):
            self.figure.savefig(text, format="svg", metadata={"Date": None})
        rules = "".join(
            f'[style*="{kind}: {light}"]{{{kind}:{dark} !important}}'
            for light, dark in _DARK.items()
            for kind in ("fill", "stroke")
        )
        legal = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text.getvalue())
        short = re.sub(' d="[^"]*"', lambda path: re.sub(r"(\.\d)\d+", r"\1", path[0]), legal)
        short = re.sub(r'(?<=data:image/png;base64,)[^"]+', lambda image: _lighter_base64(image[0]), short)
        style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
        head, defs, rest = short.partition("<defs>")
        return f"{head}{style}{defs}{rest}"

    def png(self) -> bytes:
        """Return the picture as PNG, on white."""
        file = io.BytesIO()
        with drawing():
            self.figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
        return _lighter(file.getvalue(), "RGB")


def _lighter(png: bytes, mode: str) -> bytes:
    """Return a PNG of 256 colours: more than any of these pictures has need of, and a third of the bytes."""
    small = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert(mode)
    method = Image.Quantize.FASTOCTREE if mode == "RGBA" else Image.Quantize.MEDIANCUT
    image.quantize(256, method=method, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def _lighter_base64(image: str) -> str:
    return b64encode(_lighter(b64decode(image), "RGBA")).decode("ascii")


@contextlib.contextmanager
def drawing(further: dict[str, Any] | None = None) -> Iterator[None]:
    """Draw in the project's style, whatever the user's own settings are."""
    settings: Any = {**matplotlib.rcParamsDefault, **_STYLE, "font.family": _fonts(), **(further or {})}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # a name in letters that no font here has is drawn as boxes, which is no news to whoever chose it
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@lru_cache(maxsize=1)
def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return [name for name in _FONTS if name in installed]


class NotebookFigure(Figure):
    """A figure that a notebook shows without being told to: no pyplot, no magic."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        with drawing():
            self.savefig(file, format="png")
        return file.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches, laid out by itself."""
    return NotebookFigure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained")


def empty(name: str, title: str, reason: str) -> Picture:
    """Return a picture that says why there is nothing to draw."""
    with drawing():
        figure = new_figure(7.0, 1.6)
        figure.text(0.5, 0.5, reason, ha="center", va="center", color=MUTED, wrap=True)
    return Picture(name, title, reason, reason, figure)


def colors(contenders: Sequence[str]) -> dict[str, str]:
    """Return each contender's colour; a user's own get theirs in turn."""
    own = [name for name in dict.fromkeys(contenders) if name not in _COLORS]
    return _COLORS | {name: _OWN_COLORS[index % len(_OWN_COLORS)] for index, name in enumerate(own)}


def dashes(contender: str) -> Any:
    """Return a contender's style of line, so that grey prints tell them apart too."""
    return _DASHES.get(contender, "solid")


def draw_target(axes: Axes, target: float) -> None:
    """Draw the accuracy that is asked for."""
    axes.axhline(target, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)


def percent_axis(axes: Axes) -> None:
    """Write a share as percent."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{100 * value:g} %"))


def short_number(value: float) -> str:
    """Return a number for a tick or a label: thousands apart, three digits below a hundred."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def log_axis(axes: Axes) -> None:
    """Make the horizontal axis logarithmic, with ticks that read as numbers."""
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: short_number(value)))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda _value, _position: ""))


def legend_of_contenders(figure: Figure, contenders: Sequence[str]) -> None:
    """Name the contenders above the panels, each with its line."""
    from matplotlib.lines import Line2D

    palette = colors(contenders)
    handles = [
        Line2D([], [], color=palette[name], linestyle=dashes(name), linewidth=0.7 * BROAD_LINE_WIDTH)
        for name in contenders
    ]
    figure.legend(handles, contenders, loc="outside upper left", ncols=len(contenders), fontsize=10)


def footnote(figure: Figure, words: str) -> None:
    """Say below the panels what is missing, if anything is."""
    if words:
        figure.supxlabel(words, x=0.01, ha="left", fontsize=8, color=MUTED)


def side_labels(sides: Sequence[tuple[str, str]]) -> list[str]:
    """Return a label for each (scenario, contender): the contender, with its scenario where it has several."""
    contenders = [contender for _, contender in sides]
    return [
        contender if contenders.count(contender) == 1 else f"{contender} ({scenario})" for scenario, contender in sides
    ]
