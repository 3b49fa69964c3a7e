"""Looks at the machine, and measures how evenly it works: for two seconds, or for a minute with an A/A race."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.doctor.race import Raced, race
from bench.statistics.windows import Evenness, evenness
from bench.store import canary, system
from bench.store.machine import environment

Progress = Callable[[int, int], None]

# Windows of a tenth of a second: thirty seconds and two.
WINDOWS = 300
QUICK_WINDOWS = 20

_CLOCK_READINGS = 1000


@dataclass(frozen=True)
class Examination:
    """What was found of the machine.

    Attributes:
        environment: see `bench.store.machine.environment`.
        canary: how evenly the canary ran.
        steal_share: the share of time that was stolen meanwhile; None if unknown.
        others_share: the share of all processors' time that other processes used meanwhile; None if unknown.
        clock_seconds: the smallest step of the clock.
        raced: the A/A race; None in a quick look.
    """

    environment: dict[str, Any]
    canary: Evenness
    steal_share: float | None
    others_share: float | None
    clock_seconds: float
    raced: Raced | None


def look(on_window: Progress = lambda _done, _all: None, root: Path = system.ROOT) -> Examination:
    """Return what can be found in two seconds."""
    return _look(QUICK_WINDOWS, on_window, root)


def examine(
    on_window: Progress = lambda _done, _all: None,
    on_trial: Progress = lambda _done, _all: None,
    root: Path = system.ROOT,
) -> Examination:
    """Return what can be found in a minute.

    Args:
        on_window: called with how many windows of the canary are done of how many.
        on_trial: called with how many trials of the race are done of how many.
        root: below which the files about the machine are.
    """
    return replace(_look(WINDOWS, on_window, root), raced=race(on_trial))


def _look(count: int, on_window: Progress, root: Path) -> Examination:
    found = environment(root)
    canary.beat()  # imports NumPy and makes its arrays, which is work of ours
    before, start, own = system.processor_times(root), time.perf_counter(), _own_seconds()
    medians = canary.windows(count, on_window)
    passed, own = time.perf_counter() - start, _own_seconds() - own
    after = system.processor_times(root)
    steal, others = None, None
    if before is not None and after is not None:
        steal, others = after.steal_share(before), others_share(before, after, own, passed)
    return Examination(
        environment=found,
        canary=evenness(medians),
        steal_share=steal,
        others_share=others,
        clock_seconds=clock_seconds(),
        raced=None,
    )


def others_share(
    before: system.ProcessorTimes, after: system.ProcessorTimes, own_seconds: float, passed: float
) -> float | None:
    """Return the share of all processors' time that other processes used between two readings; None if unknown.

    Args:
        before: the first reading.
        after: the second.
        own_seconds: the processor time that this process used.
        passed: the seconds between the readings.
    """
    busy = after.busy_share(before)
    return None if busy is None else max(0.0, busy - own_seconds / (passed * after.processors))


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system


def clock_seconds(clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the smallest step between two readings of the clock that differ."""
    steps: list[float] = []
    last = clock()
    while len(steps) < _CLOCK_READINGS:
        now = clock()
        if now > last:
            steps.append(now - last)
        last = now
    return min(steps)
