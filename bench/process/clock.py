"""Contiguous laps: each begins where the last one ended, so their sum is the whole."""

import time
from collections.abc import Callable


class Laps:
    """The phases of a process's life, in seconds.

    Args:
        start: when the first lap began. `time.perf_counter` is one clock for the whole system, so a child can
            continue from its parent's reading.
        clock: gives the time in seconds; tests pass their own.
    """

    def __init__(self, start: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self.clock = clock
        self._last = start

    def lap(self, name: str) -> float:
        """End the current lap, call it ``name``, and return its seconds."""
        now = self.clock()
        self.seconds[name] = now - self._last
        self._last = now
        return self.seconds[name]

    def move(self, name: str, new: str, seconds: float) -> None:
        """Count ``seconds`` of the lap ``name`` as the lap ``new``; the sum stays."""
        self.seconds[name] -= seconds
        self.seconds[new] = seconds
