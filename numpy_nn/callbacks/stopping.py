"""Ending training early: when a value stops improving, or when the loss is not finite."""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
from typing import Any

from numpy_nn.arrays import FloatArray
from numpy_nn.callbacks.base import Callback, Logs, say
from numpy_nn.callbacks.monitor import Monitor


class EarlyStopping(Monitor):
    """Stops training when a value has not improved for ``patience`` epochs.

    Matches ``keras.callbacks.EarlyStopping``.

    Args:
        monitor: the name of the value to watch.
        min_delta: the smallest change that counts as an improvement.
        patience: how many epochs without improvement to allow.
        verbose: 1 to print a message when the callback acts.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to infer the direction from the name.
        baseline: a value that an improvement must also beat to reset the wait.
        restore_best_weights: whether to restore the weights of the best epoch when training ends.
        start_from_epoch: how many epochs to skip before watching the value.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, None, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.on_train_begin()

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Reset the state left by earlier training."""
        self.best = None
        self.best_epoch = self.stopped_epoch = self.wait = 0
        self.best_weights: list[FloatArray] | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare the value, and stop training when patience runs out."""
        value = self.current(logs or {})
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        better = self.improves(value, self.best)
        if better:
            self.best, self.best_epoch = value, epoch
        if self.restore_best_weights and (better or self.best_weights is None):
            self.best_weights = self.model.get_weights()
            self.best_epoch = epoch
        if better and (self.baseline is None or self.improves(value, self.baseline)):
            self.wait = 0
        elif not better and self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Restore the best weights if requested."""
        if self.stopped_epoch and self.verbose:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                say(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class TerminateOnNaN(Callback):
    """Stops training at the first batch whose loss is not finite.

    Matches ``keras.callbacks.TerminateOnNaN``; ``raise_error=True`` raises a RuntimeError instead.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Check the loss."""
        loss = (logs or {}).get("loss", 0.0)
        if math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"the loss must be finite, got {loss} at batch {batch}")
        say(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
