"""SVG as a page carries it: small, and legible on a light and on a dark page."""

import io
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping

from PIL import Image

# What no reader sees: who made it, names of groups, comments, spaces between elements.
_UNSEEN = re.compile(r'<metadata>.*?</metadata>|<!--.*?-->|<!DOCTYPE[^>]*>|(?<=<g) id="[^"]*"', re.DOTALL)
_BETWEEN = re.compile(r">\s+<")
_PLACE = re.compile(r'(?<= [xy]=")[^"]*|(?<=translate\()[^)]*')
_FAR_DECIMALS = re.compile(r"(?<=\.\d\d)\d+")
_LOOK = re.compile(r' style="([^"]*)"')
_COLOR = re.compile(r"#[0-9a-f]{6}")
_PATH = re.compile(r'(?<= d=")[^"]*(?=")')
_STEP = re.compile(r"([MLQCz])([^MLQCz]*)")
_EMBEDDED = re.compile(r'(?<=data:image/png;base64,)[^"]+')

# Characters that a name may contain and XML may not.
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def lighter_svg(svg: str, on_dark: Mapping[str, str]) -> str:
    """Return matplotlib's SVG with nothing that is not seen, and with other colours on a dark page.

    Places are kept to a tenth of a point in paths and to a hundredth elsewhere.

    Args:
        svg: as matplotlib writes it.
        on_dark: what replaces a colour on a dark page.
    """
    legal = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", svg)
    short = _BETWEEN.sub("><", _UNSEEN.sub("", legal))
    short = _PLACE.sub(lambda place: _FAR_DECIMALS.sub("", place[0]), short)
    short = _PATH.sub(lambda path: relative_path(path[0]), short)
    short = _EMBEDDED.sub(lambda image: _lighter_base64(image[0]), short)
    looks = {look: f"l{number}" for number, look in enumerate(dict.fromkeys(_LOOK.findall(short)))}
    short = _LOOK.sub(lambda look: f' class="{looks[look[1]]}"', short)
    light = {name: look.replace(": ", ":").replace("; ", ";") for look, name in looks.items()}
    dark = {name: _COLOR.sub(lambda color: on_dark.get(color[0], color[0]), look) for name, look in light.items()}
    changed = {name: look for name, look in dark.items() if look != light[name]}
    style = f"<style>{_rules(light)}@media (prefers-color-scheme: dark){{{_rules(changed)}}}</style>"
    head, defs, rest = short.strip().partition("<defs>")
    return f"{head}{style}{defs}{rest}"


def _rules(looks: Mapping[str, str]) -> str:
    return "".join(f".{name}{{{look}}}" for name, look in looks.items())


def relative_path(path: str) -> str:
    """Return a path of M, L, Q, C and z with each place relative to the one before, in tenths; half as long."""
    place, start = (0, 0), (0, 0)
    steps: list[str] = []
    last = ""
    for command, numbers in _STEP.findall(path):
        tenths = [round(10 * float(number)) for number in numbers.split()]
        points = list(zip(tenths[::2], tenths[1::2], strict=True))
        moved = " ".join(f"{_tenths(x - place[0])} {_tenths(y - place[1])}" for x, y in points)
        steps.append(moved if command == last and moved else f"{command.lower()}{moved}")
        place = points[-1] if points else start
        start = place if command == "M" else start
        last = "" if command == "M" else command  # more places after an M are lines
    return re.sub(r" (?=-|[a-z])|(?<=[a-z]) ", "", " ".join(steps))


def _tenths(tenths: int) -> str:
    words = f"{tenths / 10:g}"
    return words.replace("0.", ".", 1) if abs(tenths) < 10 else words


def lighter_png(png: bytes, mode: str) -> bytes:
    """Return a PNG with 256 colours, enough for these pictures at a third of the size."""
    small = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert(mode)
    method = Image.Quantize.FASTOCTREE if mode == "RGBA" else Image.Quantize.MEDIANCUT
    image.quantize(256, method=method, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def _lighter_base64(image: str) -> str:
    return b64encode(lighter_png(b64decode(image), "RGBA")).decode("ascii")
