"""A picture, and what all pictures share: colours with a fixed meaning, fonts, and notes on missing data."""

import contextlib
import io
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import NullFormatter

from bench.core.words import NOT_EQUAL
from bench.drawing.svg import lighter_png, lighter_svg

INK, MUTED, GRID, PAPER = "#222222", "#6e6e6e", "#dedede", "#ffffff"

# Replacements on a dark page; the data's colours suit both.
_DARK = {INK: "#e6e6e6", MUTED: "#a8a8a8", GRID: "#3d4147", PAPER: "#16181c"}

# Okabe and Ito's palette, which colour-blind readers can distinguish; orange and blue also differ in grey. In every
# picture David is orange, the article's David a burnt orange, and Goliath blue. A second David or Goliath also has its
# own dash.
_COLORS = {
    "numpy": "#e69f00",
    "article": "#b34700",
    "keras": "#0072b2",
    "keras_tuned": "#56b4e9",
    "keras_plain": "#7c98ad",
}
_OWN_COLORS = ("#009e73", "#cc79a7", "#d55e00")
# The first contender's line is broad, so that all are visible where curves coincide.
LINE_WIDTH, BROAD_LINE_WIDTH = 1.6, 4.5
# Lengths of strokes and gaps, in widths of the line.
_DASHES = {"article": (3.0, 0.6, 0.8, 0.6), "keras_tuned": (4.0, 1.5), "keras_plain": (1.0, 1.0)}

# The two classes of the data: neither David's colour nor Goliath's, and of different lightness.
CLASS_COLORS, CLASS_MAP, CLASS_MARKERS = ("#762a83", "#5aae61"), "PRGn", ("o", "^")

_DOTS_PER_INCH = 144

# About how wide a letter is, and the line of an entry in a legend with its distances, in sizes of the font.
_LETTER, _HANDLE = 0.62, 4.8

# Matplotlib's own font, then fonts with Chinese, Japanese and Korean, if installed.
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
    """A figure with its texts.

    Attributes:
        name: the name of its files, such as ``convergence-twins``.
        title: one line.
        caption: what is drawn and how to read it.
        alt: the alternative text, for readers who cannot see the picture.
        figure: matplotlib's figure.
    """

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure

    def lay_out(self) -> None:
        """Place the panels and labels, once: matplotlib would do so for every file, and draw all of it for that."""
        engine = self.figure.get_layout_engine()
        if engine is not None and self.figure.axes:
            engine.execute(self.figure)
            self.figure.set_layout_engine(None)

    def svg(self) -> str:
        """Return the picture as SVG, legible on a light and on a dark page."""
        text = io.StringIO()
        # fixed ids and no date: a file changes only when its picture does
        with drawing({"svg.hashsalt": self.name}):
            self.lay_out()
            self.figure.savefig(text, format="svg", metadata={"Date": None})
        return lighter_svg(text.getvalue(), _DARK)

    def png(self) -> bytes:
        """Return the picture as PNG, on white."""
        file = io.BytesIO()
        with drawing():
            self.lay_out()
            self.figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
        return lighter_png(file.getvalue(), "RGB")


@contextlib.contextmanager
def drawing(further: dict[str, Any] | None = None) -> Iterator[None]:
    """Draw in the project's style, regardless of the user's settings."""
    settings: Any = {**matplotlib.rcParamsDefault, **_STYLE, "font.family": _fonts(), **(further or {})}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # letters that no installed font has are drawn as boxes
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@lru_cache(maxsize=1)
def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return [name for name in _FONTS if name in installed]


class NotebookFigure(Figure):
    """A figure that a notebook displays by itself, without pyplot."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        with drawing():
            self.savefig(file, format="png")
        return file.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure with automatic layout; sizes in inches."""
    return NotebookFigure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained")


def empty(name: str, title: str, reason: str) -> Picture:
    """Return a picture that says why there is nothing to draw."""
    with drawing():
        lines = broken(reason, 280.0)
        figure = new_figure(4.0, 0.8 + 0.16 * lines.count("\n"))
        figure.text(0.5, 0.5, lines, ha="center", va="center", color=MUTED)
    return Picture(name, title, reason, reason, figure)


def colors(contenders: Sequence[str]) -> dict[str, str]:
    """Return each contender's colour, equal or not; users' own contenders take theirs in turn."""
    known = _COLORS | {f"{name}{NOT_EQUAL}": color for name, color in _COLORS.items()}
    own = [name for name in dict.fromkeys(contenders) if name not in known]
    return known | {name: _OWN_COLORS[index % len(_OWN_COLORS)] for index, name in enumerate(own)}


def dashes(contender: str) -> Any:
    """Return a contender's line style, which distinguishes it in grey prints too."""
    return (0, lengths) if (lengths := dash_lengths(contender)) else "solid"


def dash_lengths(contender: str) -> tuple[float, ...]:
    """Return the strokes and gaps of a contender's line, in widths of the line; empty if it is solid."""
    return _DASHES.get(contender.removesuffix(NOT_EQUAL), ())


def draw_target(axes: Axes, target: float) -> None:
    """Draw a line at the target accuracy."""
    axes.axhline(target, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)


def percent_axis(axes: Axes) -> None:
    """Label the vertical axis, a share, in percent."""
    axes.yaxis.set_major_formatter(lambda value, _position: f"{100 * value:g} %")


def short_number(value: float) -> str:
    """Return a number for a tick or a label, with thousands separated, or three digits below a thousand."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def log_axis(axes: Axes) -> None:
    """Make the horizontal axis logarithmic, with ticks that read as numbers."""
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _position: short_number(value))
    axes.xaxis.set_minor_formatter(NullFormatter())


def annotate(axes: Axes, words: str, place: tuple[float, float], right: float, **looks: Any) -> Annotation:
    """Write words at the height of a place, so many points to its right, or to its left if negative."""
    looks = {"ha": "left" if right > 0 else "right", "va": "center", **looks}
    return axes.annotate(words, place, xytext=(right, 0), textcoords="offset points", **looks)


def legend_of_contenders(figure: Figure, contenders: Sequence[str]) -> None:
    """Name the contenders above the panels, each with its line."""
    from matplotlib.lines import Line2D

    palette = colors(contenders)
    handles = [
        Line2D([], [], color=palette[name], linestyle=dashes(name), linewidth=0.7 * BROAD_LINE_WIDTH)
        for name in contenders
    ]
    legend(figure, handles, contenders)


def legend(figure: Figure, handles: Sequence[Any], labels: Sequence[str], fontsize: float = 10.0) -> None:
    """Write a legend above the panels: in one line if it fits, otherwise in columns."""
    lengths = [(_HANDLE + _LETTER * len(label)) * fontsize for label in labels]
    width = 72.0 * figure.get_figwidth()
    columns = len(labels) if sum(lengths) <= width else max(1, int(width / max(lengths)))
    lines = [broken(label, width - _HANDLE * fontsize, fontsize) for label in labels]
    figure.legend(handles, lines, loc="outside upper left", ncols=columns, fontsize=fontsize)


def broken(words: str, points: float, fontsize: float = 9.0) -> str:
    """Return words in lines of at most so many points."""
    return textwrap.fill(words, int(points / (_LETTER * fontsize)), break_on_hyphens=False)


def footnote(figure: Figure, words: str) -> None:
    """Write below the panels what is missing, if anything."""
    if words:
        figure.supxlabel(broken(words, 72.0 * figure.get_figwidth(), 8.0), x=0.01, ha="left", fontsize=8, color=MUTED)


def side_labels(sides: Sequence[tuple[str, str]]) -> list[str]:
    """Return a label for each (scenario, contender): the contender, with its scenario if it has several."""
    contenders = [contender for _, contender in sides]
    return [
        contender if contenders.count(contender) == 1 else f"{contender} ({scenario})" for scenario, contender in sides
    ]
