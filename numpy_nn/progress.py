"""The progress that ``fit``, ``evaluate`` and ``predict`` show: Keras's bar, or a line per epoch."""

import sys
from collections.abc import Callable
from time import monotonic

_WIDTH = 20
_SECONDS_BETWEEN = 0.05


class Progress:
    """Progress through the steps of one epoch, on standard output.

    On a terminal the bar is redrawn at most every 50 ms; elsewhere only its final state is written.

    Args:
        steps: the number of steps; None if the last `count` tells.
        verbose: 0 for nothing, 1 for a bar, 2 for a line at the end.
    """

    def __init__(self, steps: int | None, verbose: int) -> None:
        self._steps = steps or 0
        self._unknown = steps is None
        self._verbose = verbose
        self._start = self._drawn = monotonic()
        self._live = verbose == 1 and sys.stdout.isatty()
        self._width = 0

    @property
    def due(self) -> bool:
        """Whether it is time to redraw the bar."""
        return self._live and monotonic() - self._drawn >= _SECONDS_BETWEEN

    def count(self, done: int, logs: Callable[[], dict[str, float]]) -> None:
        """Note ``done`` steps, and redraw the bar if it is time."""
        self._steps = done if self._unknown else self._steps
        if self.due:
            self.draw(done, logs())

    def draw(self, done: int, logs: dict[str, float]) -> None:
        """Redraw the bar after ``done`` steps."""
        self._drawn = monotonic()
        seconds_a_step = (self._drawn - self._start) / max(done, 1)
        left = seconds_a_step * (self._steps - done)
        self._write(f"\r{self._bar(done)} \033[1m{_clock(left)}\033[0m {_rate(seconds_a_step)}{_values(logs)}")

    def finish(self, logs: dict[str, float]) -> None:
        """Write the final state, and end the line."""
        if not self._verbose:
            return
        seconds = monotonic() - self._start
        rate = f"{_rate(seconds / max(self._steps, 1))}{_values(logs)}"
        if self._verbose == 1:
            begin = "\r" if self._live else ""
            self._write(f"{begin}{self._bar(self._steps)} {self._bold(f'{seconds:.0f}s')} {rate}", end="\n")
        else:
            self._write(f"{self._steps}/{self._steps} - {seconds:.0f}s - {rate}", end="\n")

    def _bar(self, done: int) -> str:
        full = int(_WIDTH * done / max(self._steps, 1))
        count = self._bold(f"{done:{len(str(self._steps))}d}/{self._steps}")
        if not self._live:
            return f"{count} {'━' * full}"
        return f"{count} \033[32m{'━' * full}\033[0m\033[37m{'━' * (_WIDTH - full)}\033[0m"

    def _bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self._live else text

    def _write(self, text: str, end: str = "") -> None:
        shown = len(text + end)
        sys.stdout.write(text + " " * (self._width - shown) + end)  # spaces overwrite the end of a longer line
        sys.stdout.flush()
        self._width = shown


def _clock(seconds: float) -> str:
    """Return 75 as "1:15"."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _rate(seconds: float) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/step"
    return f"{seconds * 1e3:.0f}ms/step" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/step"


def _values(logs: dict[str, float]) -> str:
    return "".join(f" - {name}: {value:{'.4f' if abs(value) > 1e-3 else '.4e'}}" for name, value in logs.items())


def verbosity(verbose: str | int) -> int:
    """Return ``verbose`` of `fit` and `evaluate` as 0, 1 or 2."""
    level = 1 if verbose == "auto" else verbose
    if level not in (0, 1, 2):
        raise ValueError(f"verbose must be 0, 1, 2 or 'auto', got {verbose!r}")
    return int(level)
