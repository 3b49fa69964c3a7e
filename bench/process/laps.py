"""Contiguous laps: each begins where the last one ended, so their sum is the whole time."""

import time
from collections.abc import Callable


class Laps:
    """The phases of a process's life, in seconds.

    Args:
        start: when the first lap began. `time.perf_counter` is one clock for the whole system, so a child can start
            from its parent's reading.
        clock: returns the time in seconds; a test passes a fake.
    """

    def __init__(self, start: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self.clock = clock
        self._last = start

    def lap(self, name: str) -> float:
        """End the current lap, store it as ``name``, and return its seconds."""
        now = self.clock()
        self.seconds[name] = now - self._last
        self._last = now
        return self.seconds[name]

    def move(self, name: str, new: str, seconds: float) -> None:
        """Move ``seconds`` of the lap ``name`` to a lap ``new``; the sum stays the same."""
        self.seconds[name] -= seconds
        self.seconds[new] = seconds
