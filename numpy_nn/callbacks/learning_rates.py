"""Changing the learning rate between epochs."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpy_nn.callbacks.base import Callback, Logs, say
from numpy_nn.callbacks.monitor import Monitor

if TYPE_CHECKING:
    from numpy_nn.callbacks.base import Network


class ReduceLROnPlateau(Monitor):
    """Multiplies the learning rate by ``factor`` when a value has not improved for ``patience`` epochs.

    Matches ``keras.callbacks.ReduceLROnPlateau``.

    Args:
        monitor: the name of the value to watch.
        factor: the multiplier, less than 1.
        patience: how many epochs without improvement to allow.
        verbose: 1 to print a message when the callback acts.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to infer the direction from the name.
        min_delta: the smallest change that counts as an improvement.
        cooldown: how many epochs to pause after a reduction.
        min_lr: the lower bound of the learning rate.

    Raises:
        ValueError: if ``factor`` is not less than 1.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, None, min_delta)
        if not factor < 1:
            raise ValueError(f"factor must be less than 1, got {factor!r}")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.on_train_begin()

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Reset the state left by earlier training."""
        self.best = None
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Log ``learning_rate``, and reduce it when patience runs out."""
        logs = {} if logs is None else logs
        rate = logs["learning_rate"] = _rate_of(self.model)
        value = self.current(logs)
        if value is None:
            return
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improves(value, self.best):
            self.best = value
            self.wait = 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                lower = max(rate * self.factor, self.min_lr)
                self.model.optimizer.learning_rate = lower
                self.cooldown_counter = self.cooldown
                self.wait = 0
                if self.verbose:
                    say(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {lower}.")


class LearningRateScheduler(Callback):
    """Sets the learning rate to ``schedule(epoch, learning_rate)`` before every epoch.

    Matches ``keras.callbacks.LearningRateScheduler``.

    Args:
        schedule: takes the epoch, counted from zero, and the current rate, or only the epoch; returns the new rate.
        verbose: 1 to print the new rate.
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Set the learning rate."""
        from inspect import signature  # slow to import

        wants = len(signature(self.schedule).parameters)
        arguments = (epoch, _rate_of(self.model)) if wants != 1 else (epoch,)
        rate = self.schedule(*arguments)
        try:
            number = float(rate)  # also of a NumPy scalar or a 0-d array
        except (TypeError, ValueError) as error:
            raise TypeError(f"schedule must return a number, got {rate!r}") from error
        self.model.optimizer.learning_rate = number
        if self.verbose:
            say(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Add ``learning_rate`` to the logs."""
        if logs is not None:
            logs["learning_rate"] = _rate_of(self.model)


def _rate_of(model: Network) -> float:
    """Return the optimizer's learning rate; of a schedule, its current value."""
    rate: Any = model.optimizer.learning_rate
    return float(rate(model.optimizer.iterations) if callable(rate) else rate)
