"""``report.html``: one file that needs no network, for any screen, light or dark, and for paper."""

import math
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from bench.core.words import Table
from bench.report.animations import Animation
from bench.report.content import PROOF_WORDS, Content
from bench.report.explorer import Explorer, library

if TYPE_CHECKING:
    from jinja2 import Environment

    from bench.drawing.picture import Picture

# Small enough to be mailed and opened on a phone. What would make the page larger is left out: an animation, which then
# is a separate file, and a picture's form for phones, where the wide one then scrolls. Animations come first: they are
# there only if they were asked for.
_MOST_BYTES = 4_950_000

# More than the element around an embedded picture takes, with its alternative text.
_ELEMENT_BYTES = 2_000

_UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9, "kB": 1e3, "MB": 1e6, "GB": 1e9}
_NUMBER = re.compile(r"-?(\d[\d,]*\.?\d*(e[-+]?\d+)?)(?: (ns|µs|ms|s|kB|MB|GB))?\b")


def render(
    content: Content,
    explorers: Sequence[Explorer],
    animations: Mapping[str, Animation],
    for_phones: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the page.

    Args:
        content: what it says.
        explorers: curves to explore, one an experiment.
        animations: by experiment; empty unless they were asked for.
        for_phones: SVG of pictures that are drawn for a phone too, by the picture's name.
    """

    def page(narrow: Mapping[str, str], embedded: Mapping[str, str]) -> str:
        values = {
            "content": content,
            "proof_words": PROOF_WORDS,
            "explorers": {each.suite: each for each in explorers},
            "animations": animations,
            "narrow": narrow,
            "embedded": embedded,
            "bokeh": library() if explorers else "",
        }
        return _templates().get_template("page.html").render(values)

    films = {suite: _data_uri("image/gif", each.gif) for suite, each in animations.items() if each.gif is not None}
    embedded, room = _that_fit(films, _MOST_BYTES - len(page({}, {}).encode()))
    narrow, _ = _that_fit({name: _svg_uri(svg) for name, svg in for_phones.items()}, room)
    return page(narrow, embedded)


def _that_fit(uris: Mapping[str, str], room: int) -> tuple[dict[str, str], int]:
    """Return what can be embedded, in order, and the room in bytes that is left."""
    taken = {}
    for name, uri in uris.items():
        size = len(uri) + _ELEMENT_BYTES
        if size <= room:
            taken[name], room = uri, room - size
    return taken, room


def render_summary(content: Content) -> str:
    """Return what a notebook shows of a run: warnings, sentences, the table by contender."""
    return _templates().get_template("summary.html").render(content=content)


def render_plain(title: str, sentences: Sequence[str], pictures: "Sequence[Picture]", tables: Sequence[Table]) -> str:
    """Return a page of sentences, pictures and tables, in the report's style, that needs no network."""
    values = {"title": title, "sentences": sentences, "pictures": pictures, "tables": tables}
    return _templates().get_template("plain.html").render(values)


def sort_key(words: str) -> str:
    """Return what a cell sorts by: its first number in plain units; infinity for what never came; else its words."""
    if words.startswith(("never", "not reached")):
        return str(math.inf)
    found = _NUMBER.match(words)
    if found is None:
        return words
    number = float(found[1].replace(",", "")) * _UNITS.get(found[3] or "", 1.0)
    return repr(-number if words.startswith("-") else number)


def _svg_uri(svg: str) -> str:
    return _data_uri("image/svg+xml", svg.encode())


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode('ascii')}"


@lru_cache(maxsize=1)
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("bench.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"sort_key": sort_key, "svg_uri": _svg_uri}
    return templates
