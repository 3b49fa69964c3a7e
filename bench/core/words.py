"""Numbers, units and lists as text: the one place in the program that turns a value into words."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

# Ends the name, in every table, of a contender that failed the proof and was timed all the same.
NOT_EQUAL = " (not equal)"


class Spread(Protocol):
    """A centre with its interval: see `bench.statistics.interval.Interval`."""

    @property
    def center(self) -> float:
        """The mean or the geometric mean."""
        ...

    @property
    def low(self) -> float | None:
        """The interval's lower end; None with a single value."""
        ...

    @property
    def high(self) -> float | None:
        """The interval's upper end; None with a single value."""
        ...

    @property
    def count(self) -> int:
        """How many values."""
        ...


@dataclass(frozen=True)
class Table:
    """A small table of words: its title, its columns, its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def printable(text: str, most: int = 1000) -> str:
    """Return text of others without control characters, which a terminal would obey, and cut to a length."""
    shown = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text[:most])
    return shown if len(text) <= most else f"{shown} …"


def three_digits(value: float) -> str:
    """Return a number with three significant digits; thousands are separated, millions in powers of ten."""
    return f"{float(f'{value:.3g}'):,.0f}" if 1000 <= value < 1e6 else f"{value:.3g}"


def four_digits(value: float) -> str:
    """Return a number with four significant digits."""
    return f"{value:.4g}"


def ratio_words(value: float) -> str:
    """Return a ratio with three digits, and with three decimals near 1, where the side of 1 matters."""
    return f"{value:.3f}" if 0.9 < value < 1.1 else f"{value:.3g}"


def seconds_words(seconds: float) -> str:
    """Return a time with three digits, in the unit that suits it."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds:.1e} s"


def bytes_words(size: float) -> str:
    """Return a size with three digits, in the unit that suits it."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}"
    return f"{size:.0f} B"


def count_words(value: float) -> str:
    """Return a number with thousands separated, and with three digits below a thousand."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def share_words(value: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{100 * value:.1f} %"


def break_even_words(updates: float) -> str:
    """Return the number of updates that makes up for a slow start: ``never``, ``at once``, or two digits."""
    if math.isinf(updates):
        return "never"
    if updates < 1.0:
        return "at once"
    for scale, unit in ((1e9, " billion"), (1e6, " million")):
        if updates >= scale:
            return f"{updates / scale:.2g}{unit}"
    digits = max(0, math.floor(math.log10(updates)) - 1)
    return f"{round(updates, -digits):,.0f}"


_WRITERS: dict[str, Callable[[float], str]] = {
    "s": seconds_words,
    "bytes": bytes_words,
    "count": count_words,
    "share": share_words,
    "times": three_digits,
    "near one": ratio_words,
    "updates": break_even_words,
    "tiny": lambda value: f"{value:.1e}",
    "setting": lambda value: f"{value:g}",
}


def amount(value: float, unit: str) -> str:
    """Return a value in its unit: ``–`` for NaN, ``never`` for infinity.

    Args:
        value: what to write.
        unit: ``s``, ``bytes``, ``count``, ``share``, ``times`` (a ratio), ``near one`` (a ratio whose side of 1
            matters), ``tiny`` (a difference or a norm), ``setting`` (a learning rate), ``updates`` (that make up for a
            slow start); any other unit, such as ``J``, is written as a count.
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "never"
    return _WRITERS.get(unit, count_words)(value)


def interval_words(
    found: Spread,
    *,
    write: Callable[[float], str] = three_digits,
    of: str = "",
    unit: str = "",
    prefix: str = "",
    remark: str = "",
) -> str:
    """Return an interval such as ``12.3 times (95 % interval 11.9 to 12.8, 6 pairs)``.

    Args:
        found: the interval.
        write: how to write a value.
        of: what its count counts, in the plural (``pairs``); empty leaves the count out.
        unit: stands after the centre (``" times"``).
        prefix: stands before the interval's ends (``"95 % interval "``).
        remark: stands after the count.
    """
    center = f"{write(found.center)}{unit}"
    if found.low is None or found.high is None:
        return f"{center} (one {singular(of)}: no interval)" if of else center
    parts = [f"{prefix}{write(found.low)} to {write(found.high)}"]
    parts += [f"{found.count} {of}"] if of else []
    parts += [remark] if remark else []
    return f"{center} ({', '.join(parts)})"


def times_words(ratio: Spread, of: str = "pairs", remark: str = "") -> str:
    """Return a ratio as sentences write it: ``12.3 times (95 % interval 11.9 to 12.8, 6 pairs)``."""
    return interval_words(ratio, write=ratio_words, of=of, unit=" times", prefix="95 % interval ", remark=remark)


def singular(plural: str) -> str:
    """Return one of several: ``process`` for ``processes``, ``pair`` for ``pairs``."""
    return plural.removesuffix("es") if plural.endswith("sses") else plural.removesuffix("s")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural unless there is one: ``2 threads``, ``1 hidden layer``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}{'es' if noun.endswith('ss') else 's'}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return words as ``a``, ``a and b``, or ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
