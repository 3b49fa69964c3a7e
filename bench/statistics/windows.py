"""How evenly a fixed piece of work runs, from its medians in short windows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# One in so many windows is faster than the quiet level: the fastest alone would be luck.
_FASTER = 10

# A window is disturbed if it is slower than that by a tenth.
DISTURBED = 1.1


@dataclass(frozen=True)
class Evenness:
    """How evenly work ran.

    Attributes:
        count: the number of windows.
        median: of all windows, in seconds.
        spread: by how much the slowest of the middle 80 % of windows exceed the fastest, as a share of the fastest.
        disturbed_share: the share of windows that took more than `DISTURBED` times the quiet level.
    """

    count: int
    median: float
    spread: float
    disturbed_share: float


def evenness(windows: Sequence[float]) -> Evenness:
    """Return how evenly the work ran whose median seconds by window are given.

    Raises:
        ValueError: if there are no windows, or a value is not positive and finite.
    """
    if not windows or not all(0.0 < value < math.inf for value in windows):
        raise ValueError(f"expected seconds of windows, positive and finite, got {list(windows)}")
    ordered = sorted(windows)
    outside = len(ordered) // _FASTER
    quiet, slow = ordered[outside], ordered[-1 - outside]
    disturbed = sum(value > DISTURBED * quiet for value in ordered)
    return Evenness(len(ordered), median(ordered), slow / quiet - 1.0, disturbed / len(ordered))
