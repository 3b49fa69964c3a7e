"""Callbacks: what `Sequential.fit` tells the outside, and what may answer.

All have the names, arguments, defaults and meaning of ``keras.callbacks``. What happens batch by batch is only told to
those that listen for it, so that nobody else pays for it.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
import sys
import warnings
from collections.abc import Callable, Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from numpy_nn.arrays import FloatArray
from numpy_nn.progress import Progress

if TYPE_CHECKING:
    from numpy_nn.models import Sequential

Logs = dict[str, float]


class Callback:
    """Something that wants to know how training goes; override what you need.

    ``logs`` holds the loss and the metrics by name. ``self.model.stop_training = True`` ends training.

    Attributes:
        model: the network that is trained.
        params: ``verbose``, ``epochs`` and ``steps``, the number of batches in an epoch.
    """

    model: Sequential
    params: dict[str, Any]

    def set_params(self, params: dict[str, Any]) -> None:
        """Hear how long training will be."""
        self.params = params

    def set_model(self, model: Sequential) -> None:
        """Hear which network is trained."""
        self.model = model

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Hear that training begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Hear that training has ended; ``logs`` is that of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Hear that ``epoch``, counted from zero, begins."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Hear that ``epoch`` is done; what is put into ``logs`` reaches those that come after."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Hear that a batch of training begins; the same as `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Hear that a batch of training is done; the same as `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Hear that a batch, counted from zero in its epoch, begins."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Hear that a batch is done; ``logs`` holds running means since the epoch began."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Hear that an evaluation begins, such as that of validation data."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Hear how an evaluation came out."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Hear that a prediction begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Hear that a prediction is done."""

    def listens_to_batches(self) -> bool:
        """Return whether any of the methods for batches is not the one of this class."""
        names = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
        return any(getattr(getattr(self, name), "__func__", None) is not getattr(Callback, name) for name in names)


class CallbackList(Callback):
    """Several callbacks as one, told in turn."""

    def __init__(
        self,
        callbacks: Iterable[Callback] | Callback | None = None,
        model: Sequential | None = None,
        params: dict[str, Any] | None = None,
    ) -> None:
        given = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or ())
        for each in given:
            if not callable(getattr(each, "on_epoch_end", None)):
                raise TypeError(f"a callback must be a Callback, got {each!r}")
        self.callbacks = given
        self.set_params(params or {})
        if model is not None:
            self.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Tell each how long training will be."""
        self._tell("set_params", params)

    def set_model(self, model: Sequential) -> None:
        """Tell each which network is trained."""
        self._tell("set_model", model)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Tell each."""
        self._tell("on_epoch_end", epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_batch_end", batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_test_end", logs)

    def listens_to_batches(self) -> bool:
        """Return whether any of them does."""
        return any(each.listens_to_batches() for each in self.callbacks)

    def _tell(self, method: str, *arguments: Any) -> None:
        for each in self.callbacks:
            getattr(each, method)(*arguments)


class History(Callback):
    """Keeps the loss and the metrics of every epoch; ``fit`` returns one.

    Attributes:
        epoch: the epochs, counted from zero.
        history: for each of ``loss`` and the metrics, one value an epoch.
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Begin the list of epochs anew."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the epoch's loss and metrics."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class ProgbarLogger(Callback):
    """Shows how training goes; ``fit`` adds one unless it is to be silent. See `numpy_nn.progress`."""

    progress: Progress

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Begin a bar."""
        if self.params["epochs"] > 1:
            _say(f"Epoch {epoch + 1}/{self.params['epochs']}")
        self.progress = Progress(self.params["steps"], self.params["verbose"])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Finish the bar."""
        self.progress.finish(logs or {})


class Monitor(Callback):
    """A callback that asks after every epoch whether a value is better than the best so far.

    Args:
        monitor: the name of the value, such as ``"val_loss"``.
        mode: ``"min"``, ``"max"``, or ``"auto"``: by what the name means.
        best: the value to beat at first, if there is one.
        min_delta: how much better it must be.
    """

    def __init__(self, monitor: str, mode: str, best: float | None, min_delta: float) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be 'auto', 'min' or 'max', got {mode!r}")
        self.monitor = monitor
        self.mode = mode
        self.best = best
        self.min_delta = abs(min_delta)

    def improves(self, value: float, best: float | None) -> bool:
        """Return whether ``value`` is better than ``best`` by more than ``min_delta``; anything is better than None."""
        if best is None:
            return True
        return value - self.min_delta > best if self._wants_more() else value + self.min_delta < best

    def current(self, logs: Logs) -> float | None:
        """Return the monitored value; None, with a warning, if there is none."""
        if self.monitor not in logs:
            warnings.warn(
                f"{type(self).__name__} monitors {self.monitor!r}, which is not there; there are {', '.join(logs)}",
                stacklevel=4,
            )
        return logs.get(self.monitor)

    def _wants_more(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return False
        for metric in self.model.metrics:
            direction = getattr(metric, "_direction", None)
            if metric.name == name and direction:
                return bool(direction == "up")
        if any(part in name for part in ("acc", "auc", "precision", "recall", "f1", "fbeta", "r2", "similarity")):
            return True
        if any(part in name for part in ("loss", "error", "entropy", "mse", "mae", "hinge", "poisson", "divergence")):
            return False
        raise ValueError(f"whether more or less {self.monitor!r} is better is not known: say mode='max' or mode='min'")


class EarlyStopping(Monitor):
    """Ends training when a value has not become better for ``patience`` epochs.

    Matches ``keras.callbacks.EarlyStopping``.

    Args:
        monitor: the name of the value.
        min_delta: how much better it must become to count.
        patience: how many epochs to wait.
        verbose: 1 to say when it happens.
        mode: ``"min"``, ``"max"``, or ``"auto"``: by what the name means.
        baseline: what the value must beat, or else waiting goes on.
        restore_best_weights: whether to end with the weights of the best epoch.
        start_from_epoch: how many epochs to let pass first.
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
        """Forget earlier trainings."""
        self.best = None
        self.best_epoch = self.stopped_epoch = self.wait = 0
        self.best_weights: list[FloatArray] | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare, and end training when patience does."""
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
        """Go back to the best weights, if that is wanted."""
        if self.stopped_epoch and self.verbose:
            _say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                _say(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class ModelCheckpoint(Monitor):
    """Saves the network, or its weights alone, after every epoch or whenever a value is the best so far.

    Matches ``keras.callbacks.ModelCheckpoint``.

    Args:
        filepath: where; ``{epoch:02d}`` and the names in the logs are filled in. For a whole network it ends in
            ``.keras`` or ``.npz``, for weights in ``.weights.h5`` or ``.weights.npz``.
        monitor: the name of the value.
        verbose: 1 to say when it happens.
        save_best_only: whether to save only what is better than before.
        save_weights_only: whether to save the weights alone.
        mode: ``"min"``, ``"max"``, or ``"auto"``: by what the name means.
        save_freq: ``"epoch"``, or after how many batches.
        initial_value_threshold: what the first value must beat.

    Raises:
        ValueError: if the path's ending or ``save_freq`` is none of those.
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
        endings = (".weights.h5", ".weights.npz") if save_weights_only else (".keras", ".npz")
        if not self.filepath.endswith(endings):
            raise ValueError(f"filepath must end in {' or '.join(endings)}, got {self.filepath!r}")
        if save_freq != "epoch" and not (isinstance(save_freq, int) and save_freq > 0):
            raise ValueError(f"save_freq must be 'epoch' or a positive whole number, got {save_freq!r}")
        self._epoch = self._batches = 0
        if save_freq != "epoch":
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign] # else no batch is listened to

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Remember the epoch, for the file's name."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save, if this is an epoch to be saved."""
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
                f"filepath {self.filepath!r} names {error}, which is not among {', '.join(logs)}"
            ) from error
        if self.save_best_only:
            value = self.current(logs)
            if value is not None:
                if not self.improves(value, self.best):
                    self._tell(epoch, f"{self.monitor} did not improve from {self.best:.5f}")
                    return
                self.best = value
        self._tell(epoch, f"saving model to {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)

    def _tell(self, epoch: int, text: str) -> None:
        if self.verbose:
            _say(f"\nEpoch {epoch + 1}: {text}")


class BackupAndRestore(Callback):
    """Keeps what training has come to in a folder, and goes on from there when it was interrupted.

    The folder holds the weights and the optimizer's state as Keras keeps them, so that either package continues what
    the other began; it needs h5py. Matches ``keras.callbacks.BackupAndRestore``.

    Args:
        backup_dir: the folder.
        save_freq: ``"epoch"``, or after how many batches; training goes on at the beginning of that epoch.
        double_checkpoint: whether to keep the backup before the last too, for when the last cannot be read.
        delete_checkpoint: whether to delete the folder when training has ended.

    Raises:
        ValueError: if ``backup_dir`` is empty, or ``save_freq`` none of those.
    """

    def __init__(
        self,
        backup_dir: str | PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if not fspath(backup_dir):
            raise ValueError("backup_dir must name a folder, got nothing")
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
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign] # else no batch is listened to

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Go on from the backup, if there is one."""
        if not self.model.built:
            raise ValueError("BackupAndRestore needs a network that is built: begin it with Input((features,))")
        try:
            self._restore()
        except (OSError, ValueError):
            if not _before(self._weights).exists():
                raise
            for path in (self._weights, self._metadata):
                _copy(_before(path), path)
            self._restore()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Back up, if this is the time."""
        self._epoch, self._batch = epoch + 1, 0
        if self.save_freq == "epoch":
            self._save()

    def on_train_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Delete the backup, which nobody needs any more."""
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
            for path in (self._weights, self._metadata):
                _copy(path, _before(path))
        self.model.save_weights(self._weights)
        self._metadata.write_text(json.dumps({"epoch": self._epoch, "batch": self._batch}), encoding="utf-8")

    def _restore(self) -> None:
        from numpy_nn.saving.archive import parse_json  # saving makes models, which tell callbacks

        if self._weights.exists():
            self.model.load_weights(self._weights)
        if not self._metadata.exists():
            return
        try:
            epoch = parse_json(self._metadata.read_bytes(), self._metadata.name).get("epoch")
        except ValueError as error:
            raise ValueError(f"{self.backup_dir} holds no backup: {error}") from error
        if not isinstance(epoch, int) or epoch < 0:
            raise ValueError(f"{self._metadata} must hold the epoch to go on with, got {epoch!r:.80}")
        self.model.initial_epoch = epoch or self.model.initial_epoch


class SwapEMAWeights(Callback):
    """Evaluates, predicts and saves with the moving average of the weights, and trains with the weights themselves.

    The optimizer must have ``use_ema=True``. Matches ``keras.callbacks.SwapEMAWeights``, but that after a prediction
    the weights are put back, which Keras's forgets.

    Args:
        swap_on_epoch: whether callbacks that come later see the average when an epoch ends, as `ModelCheckpoint` does.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Put the weights back."""
        if self.swap_on_epoch:
            self._put_average(False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Put the average in, and after the last epoch keep it there."""
        if not self.swap_on_epoch:
            return
        self._put_average(True)
        if epoch == self.params["epochs"] - 1:  # fit will put the average in the weights' place once more
            for weight, average in self._pairs():
                average[...] = weight

    def on_test_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Put the average in."""
        self._put_average(True)

    def on_test_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Put the weights back."""
        self._put_average(False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Put the average in."""
        self._put_average(True)

    def on_predict_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Put the weights back."""
        self._put_average(False)

    def _put_average(self, wanted: bool) -> None:
        """Have the average in the weights' place, or the weights themselves."""
        if wanted is self._swapped:
            return
        for weight, average in self._pairs():
            weight[...], average[...] = average.copy(), weight.copy()
        self._swapped = wanted

    def _pairs(self) -> Iterable[tuple[FloatArray, FloatArray]]:
        average = self.model.optimizer.average
        if average is None:
            raise ValueError("SwapEMAWeights needs an optimizer with use_ema=True, as in SGD(use_ema=True)")
        return zip(self.model.trainable_weights, self.model.split(average), strict=True)


class ReduceLROnPlateau(Monitor):
    """Multiplies the learning rate by ``factor`` when a value has not become better for ``patience`` epochs.

    Matches ``keras.callbacks.ReduceLROnPlateau``.

    Args:
        monitor: the name of the value.
        factor: what to multiply by.
        patience: how many epochs to wait.
        verbose: 1 to say when it happens.
        mode: ``"min"``, ``"max"``, or ``"auto"``: by what the name means.
        min_delta: how much better it must become to count.
        cooldown: how many epochs to let pass before waiting begins anew.
        min_lr: what the rate stays above.

    Raises:
        ValueError: if ``factor`` is not less than one.
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
        """Forget earlier trainings."""
        self.best = None
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare, and reduce the rate when patience ends; ``learning_rate`` joins the logs."""
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
                    _say(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {lower}.")


class LearningRateScheduler(Callback):
    """Sets the learning rate before every epoch to ``schedule(epoch, learning_rate)``.

    Matches ``keras.callbacks.LearningRateScheduler``.

    Args:
        schedule: takes the epoch, counted from zero, and the present rate; one that takes the epoch alone will do.
        verbose: 1 to say what the rate becomes.
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Set the rate."""
        from inspect import signature  # slow to import

        wants = len(signature(self.schedule).parameters)
        arguments = (epoch, _rate_of(self.model)) if wants != 1 else (epoch,)
        rate = self.schedule(*arguments)
        self.model.optimizer.learning_rate = _as_number(rate)
        if self.verbose:
            _say(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Let ``learning_rate`` join the logs."""
        if logs is not None:
            logs["learning_rate"] = _rate_of(self.model)


class CSVLogger(Callback):
    """Writes a line of comma-separated values an epoch. Matches ``keras.callbacks.CSVLogger``.

    Args:
        filename: where.
        separator: what stands between values.
        append: whether to go on behind what the file holds.
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
        """Write a line; before the first one of the names, unless there is one."""
        import csv

        logs = logs or {}
        if not self._names:
            self._names = sorted(logs)
            if not any(name.startswith("val_") for name in self._names):
                self._names += [f"val_{name}" for name in self._names]  # as Keras does: validation may begin later
        if self._file is None:
            raise RuntimeError("CSVLogger opens its file in on_train_begin, which was not called")
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


class TerminateOnNaN(Callback):
    """Ends training at the first batch with which the loss is no finite number.

    Matches ``keras.callbacks.TerminateOnNaN``; with ``raise_error`` it is a RuntimeError.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss", 0.0)
        if math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"the loss is {loss} at batch {batch}")
        _say(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True


class LambdaCallback(Callback):
    """A callback of functions, each under the name of the method that it takes the place of.

    Matches ``keras.callbacks.LambdaCallback``.

    Raises:
        ValueError: if there is no method of a name.
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **others: Callable[..., Any],
    ) -> None:
        functions = others | {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name, function in functions.items():
            if not hasattr(Callback, name):
                raise ValueError(f"a callback has no method named {name!r}")
            if function is not None:
                setattr(self, name, function)


def _before(path: Path) -> Path:
    """Return where the backup before the last one is kept, as Keras names it."""
    return path.with_name(f"{path.name}.bkp")


def _copy(source: Path, target: Path) -> None:
    """Copy a file, if there is one."""
    if source.exists():
        target.write_bytes(source.read_bytes())


def _rate_of(model: Sequential) -> float:
    """Return the optimizer's rate, of a schedule the one of now."""
    rate: Any = model.optimizer.learning_rate
    return float(rate(model.optimizer.iterations) if callable(rate) else rate)


def _as_number(rate: Any) -> float:
    """Return what a schedule gave, if it is a number of some kind: a NumPy scalar, an array of no dimension."""
    try:
        return float(rate)
    except (TypeError, ValueError) as error:
        raise TypeError(f"schedule must return a number, got {rate!r}") from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
