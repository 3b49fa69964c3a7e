"""Deciding whether a logged value has improved."""

from __future__ import annotations  # evaluated, they would take a third of the import

import warnings

from numpy_nn.callbacks.base import Callback, Logs


class Monitor(Callback):
    """Base class for callbacks that compare a logged value with the best so far.

    Args:
        monitor: the name of the value, such as ``"val_loss"``.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to infer the direction from the name.
        best: the first value to beat, or None.
        min_delta: the smallest change that counts as an improvement.
    """

    def __init__(self, monitor: str, mode: str, best: float | None, min_delta: float) -> None:
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"mode must be 'auto', 'min' or 'max', got {mode!r}: {type(self).__name__} takes 'auto' instead",
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = best
        self.min_delta = abs(min_delta)

    def improves(self, value: float, best: float | None) -> bool:
        """Return whether ``value`` beats ``best`` by more than ``min_delta``; any value beats None."""
        if best is None:
            return True
        return value - self.min_delta > best if self._wants_more() else value + self.min_delta < best

    def current(self, logs: Logs) -> float | None:
        """Return the monitored value, or None with a warning if the logs do not contain it."""
        if self.monitor not in logs:
            warnings.warn(
                f"{type(self).__name__} monitors {self.monitor!r}, which the logs lack; they contain {', '.join(logs)}",
                stacklevel=4,
            )
        return logs.get(self.monitor)

    def _wants_more(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return False
        for metric in (each for part in self.model.metrics for each in getattr(part, "metrics", [part])):
            direction = getattr(metric, "_direction", None)
            if metric.name == name and direction:
                return bool(direction == "up")
        if any(part in name for part in ("acc", "auc", "precision", "recall", "f1", "fbeta", "r2", "similarity")):
            return True
        if any(part in name for part in ("loss", "error", "entropy", "mse", "mae", "hinge", "poisson", "divergence")):
            return False
        raise ValueError(f"cannot infer the direction of {self.monitor!r}: set mode='max' or mode='min'")
