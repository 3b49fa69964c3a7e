"""Backing up training, and resuming it after an interruption."""

from __future__ import annotations  # evaluated, they would take a third of the import

from os import PathLike, fspath
from pathlib import Path
from typing import Any

from numpy_nn.callbacks.base import Callback, Logs


class BackupAndRestore(Callback):
    """Backs up training to a folder, and resumes interrupted training from it.

    The folder holds the weights and the optimizer's state in Keras's format: either package can resume a backup of the
    other. Needs h5py. Matches ``keras.callbacks.BackupAndRestore``.

    Args:
        backup_dir: the folder.
        save_freq: ``"epoch"``, or a number of batches; training resumes at the beginning of the interrupted epoch.
        double_checkpoint: whether to keep the previous backup too, and use it if the latest cannot be read.
        delete_checkpoint: whether to delete the folder when training ends.

    Raises:
        ValueError: if ``backup_dir`` is empty or ``save_freq`` is not supported; in `fit`, if the backup is invalid.
    """

    def __init__(
        self,
        backup_dir: str | PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if not fspath(backup_dir):
            raise ValueError("backup_dir must name a folder, got an empty path")
        if save_freq != "epoch" and not (isinstance(save_freq, int) and save_freq >= 0):
            raise ValueError(f"save_freq must be 'epoch' or a whole number of batches, got {save_freq!r}")
        self.backup_dir = fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._weights = Path(self.backup_dir, "latest.weights.h5")
        self._metadata = Path(self.backup_dir, "training_metadata.json")
        self._epoch = self._batch = self._unsaved = 0
        if save_freq and save_freq != "epoch":
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign] # per instance, so that other instances skip batches

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Restore the backup if there is one."""
        if not self.model.built:
            raise ValueError("BackupAndRestore needs a built network: begin it with Input((features,))")
        try:
            self._restore()
        except (OSError, ValueError):
            if not Path(f"{self._weights}.bkp").exists():
                raise
            self._copy(".bkp", "")
            self._restore()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Back up if ``save_freq`` is ``"epoch"``."""
        self._epoch, self._batch = epoch + 1, 0
        if self.save_freq == "epoch":
            self._save()

    def on_train_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Delete the backup if requested."""
        from shutil import rmtree

        if self.delete_checkpoint and Path(self.backup_dir).exists():
            rmtree(self.backup_dir)

    def _after_batch(self, batch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        self._unsaved += batch + 1 if batch <= self._batch else batch - self._batch
        self._batch = batch
        if self._unsaved >= int(self.save_freq):
            self._unsaved = 0
            self._save()

    def _save(self) -> None:
        import json

        Path(self.backup_dir).mkdir(parents=True, exist_ok=True)
        if self.double_checkpoint:
            self._copy("", ".bkp")
        self.model.save_weights(self._weights)
        self._metadata.write_text(json.dumps({"epoch": self._epoch, "batch": self._batch}), encoding="utf-8")

    def _restore(self) -> None:
        from numpy_nn.saving.archive import parse_json  # slow to import

        if self._weights.exists():
            self.model.load_weights(self._weights)
        if not self._metadata.exists():
            return
        try:
            epoch = parse_json(self._metadata.read_bytes(), self._metadata.name).get("epoch")
        except ValueError as error:
            raise ValueError(f"{self.backup_dir} is not a valid backup: {error}") from error
        if not isinstance(epoch, int) or epoch < 0:
            raise ValueError(f"{self._metadata} must contain the epoch to resume at, got {epoch!r:.80}")
        self.model.initial_epoch = epoch or self.model.initial_epoch

    def _copy(self, source: str, target: str) -> None:
        """Copy the files between names that end so; Keras adds ``.bkp`` to those of the previous backup."""
        for path in (self._weights, self._metadata):
            if Path(f"{path}{source}").exists():
                Path(f"{path}{target}").write_bytes(Path(f"{path}{source}").read_bytes())
