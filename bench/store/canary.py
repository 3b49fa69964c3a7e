"""The canary: a fixed piece of work that every machine does at every time; when it is slow, so is all else."""

import time
from collections.abc import Callable
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.core.spec import FloatArray

# Of about 2 ms each: together about 0.2 s.
_BEATS = 100

WINDOW_SECONDS = 0.1


def seconds() -> float:
    """Return how long a hundred beats take, after one that is not timed."""
    beat()
    return sum(beat() for _ in range(_BEATS))


def beat() -> float:
    """Return the seconds of one beat: a loop in Python, then matrix products and passes over arrays in NumPy.

    The matrices are so small that a library multiplies them on one thread, however many it may use.
    """
    import numpy as np

    square, row, scratch = _arrays()
    start = time.perf_counter()
    total = 0
    for number in range(40_000):
        total += number & 7
    for _ in range(60):
        np.matmul(square, square, out=scratch)
        np.tanh(row)
    return time.perf_counter() - start


@cache
def _arrays() -> "tuple[FloatArray, FloatArray, FloatArray]":
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.standard_normal((48, 48)), rng.standard_normal(4096), np.empty((48, 48))


def windows(
    count: int,
    on_window: Callable[[int, int], None] = lambda _done, _all: None,
    *,
    beat: Callable[[], float] = beat,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Return the median beat, in seconds, of each of ``count`` windows of a tenth of a second, one after another.

    Args:
        count: how many windows.
        on_window: called with how many windows are done of how many.
        beat: does the work and returns its seconds.
        clock: returns the time in seconds.
    """
    beat()
    medians = []
    for number in range(count):
        beats: list[float] = []
        until = clock() + WINDOW_SECONDS
        while not beats or clock() < until:
            beats.append(beat())
        medians.append(median(beats))
        on_window(number + 1, count)
    return medians
