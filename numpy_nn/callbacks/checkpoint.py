"""Saving the network during training."""

from __future__ import annotations  # evaluated, they would take a third of the import

from os import PathLike, fspath
from pathlib import Path
from typing import Any

from numpy_nn.callbacks.base import Logs, say
from numpy_nn.callbacks.monitor import Monitor


class ModelCheckpoint(Monitor):
    """Saves the network, or only its weights, after every epoch or when a value improves.

    Matches ``keras.callbacks.ModelCheckpoint``.

    Args:
        filepath: the file's path, formatted with ``epoch`` and the values in the logs, as in ``{epoch:02d}``. It ends
            in ``.keras``, ``.h5`` or ``.npz`` for a whole network, in ``.weights.h5`` or ``.weights.npz`` for weights.
        monitor: the name of the value to watch.
        verbose: 1 to print a message when the callback acts.
        save_best_only: whether to save only when the value improves.
        save_weights_only: whether to save only the weights.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to infer the direction from the name.
        save_freq: ``"epoch"``, or a number of batches.
        initial_value_threshold: the value that the first one must beat.

    Raises:
        ValueError: if the ending of ``filepath``, ``mode`` or ``save_freq`` is not supported.
    """

    def __init__(
        self,
        filepath: str | PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold, 0)
        self.filepath = fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        endings = (".weights.h5", ".weights.npz") if save_weights_only else (".keras", ".h5", ".npz")
        if not self.filepath.endswith(endings):
            raise ValueError(f"filepath must end in {' or '.join(endings)}, got {self.filepath!r}")
        if save_freq != "epoch" and not (isinstance(save_freq, int) and save_freq > 0):
            raise ValueError(f"save_freq must be 'epoch' or a positive whole number, got {save_freq!r}")
        self._epoch = self._batches = 0
        if save_freq != "epoch":
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign] # per instance, so that other instances skip batches

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Store the epoch for the file's name."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save if ``save_freq`` is ``"epoch"``."""
        if self.save_freq == "epoch":
            self._save(epoch, logs or {})

    def _after_batch(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        if self._batches >= int(self.save_freq):
            self._batches = 0
            self._save(self._epoch, {"batch": batch + 1} | (logs or {}))

    def _save(self, epoch: int, logs: Logs) -> None:
        try:
            path = Path(self.filepath.format(epoch=epoch + 1, **logs))
        except KeyError as error:
            raise ValueError(
                f"filepath {self.filepath!r} contains {error}, expected one of epoch, {', '.join(logs)}"
            ) from error
        if self.save_best_only:
            value = self.current(logs)
            if value is not None:
                if not self.improves(value, self.best):
                    self._report(epoch, f"{self.monitor} did not improve from {self.best:.5f}")
                    return
                self.best = value
        self._report(epoch, f"saving model to {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)

    def _report(self, epoch: int, text: str) -> None:
        if self.verbose:
            say(f"\nEpoch {epoch + 1}: {text}")
