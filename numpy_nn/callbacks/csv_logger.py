"""Writing the logs of every epoch to a CSV file."""

from __future__ import annotations  # evaluated, they would take a third of the import

from os import PathLike, fspath
from pathlib import Path
from typing import IO, Any

from numpy_nn.callbacks.base import Callback, Logs


class CSVLogger(Callback):
    """Writes one row of a CSV file per epoch. Matches ``keras.callbacks.CSVLogger``.

    Args:
        filename: the path of the file.
        separator: the text between two values.
        append: whether to add to an existing file.
    """

    def __init__(self, filename: str | PathLike[str], separator: str = ",", append: bool = False) -> None:
        self.filename = fspath(filename)
        self.sep = separator
        self.append = append
        self._file: IO[str] | None = None
        self._names: list[str] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Open the file."""
        path = Path(self.filename)
        self._headed = self.append and path.exists() and path.stat().st_size > 0
        self._file = path.open("a" if self.append else "w", newline="", encoding="utf-8")
        self._names = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write a row, preceded by the header if the file has none."""
        import csv

        logs = logs or {}
        if not self._names:
            self._names = sorted(logs)
            if not any(name.startswith("val_") for name in self._names):
                self._names += [f"val_{name}" for name in self._names]  # as in Keras: validation may begin later
        if self._file is None:
            raise RuntimeError("CSVLogger must be started with on_train_begin before on_epoch_end")
        writer = csv.writer(self._file, delimiter=self.sep)
        if not self._headed:
            writer.writerow(["epoch", *self._names])
            self._headed = True
        writer.writerow([epoch, *(logs.get(name, "NA") for name in self._names)])
        self._file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Close the file."""
        if self._file is not None:
            self._file.close()
        self._file = None
