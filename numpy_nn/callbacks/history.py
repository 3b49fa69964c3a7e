"""Recording the loss of every epoch, and showing it."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

from numpy_nn.callbacks.base import Callback, Logs, say
from numpy_nn.progress import Progress


class History(Callback):
    """Records the loss and the metrics of every epoch; ``fit`` returns one.

    Attributes:
        epoch: the epoch numbers, counted from zero.
        history: one value per epoch for ``loss`` and for each metric.
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Clear the list of epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the loss and the metrics of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class ProgbarLogger(Callback):
    """Shows a progress bar; ``fit`` adds one unless ``verbose=0``. See `numpy_nn.progress`."""

    progress: Progress

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Start a new bar."""
        if self.params["epochs"] > 1:
            say(f"Epoch {epoch + 1}/{self.params['epochs']}")
        self.progress = Progress(self.params["steps"], self.params["verbose"])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Finish the bar."""
        self.progress.finish(logs or {})
