"""The base class of callbacks, and a list of callbacks."""

from __future__ import annotations  # evaluated, they would take a third of the import

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy_nn.callbacks.network import Network

Logs = dict[str, float]


class Callback:
    """Base class for training callbacks: override the methods you need.

    ``logs`` holds the loss and the metrics by name. ``self.model.stop_training = True`` ends training.

    Attributes:
        model: the network that is trained.
        params: ``verbose``, ``epochs`` and ``steps``, the number of batches in an epoch.
    """

    model: Network
    params: dict[str, Any]

    def set_params(self, params: dict[str, Any]) -> None:
        """Store ``params``; called before training begins."""
        self.params = params

    def set_model(self, model: Network) -> None:
        """Store the network; called before training begins."""
        self.model = model

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Run when training begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Run when training ends, with the ``logs`` of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Run when an epoch begins; epochs count from zero."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Run when an epoch ends; values added to ``logs`` reach the callbacks that run later."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run when a training batch begins; an alias of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Run when a training batch ends; an alias of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run when a training batch begins; batches count from zero in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Run when a training batch ends; ``logs`` holds the means since the epoch began."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Run when an evaluation begins, including validation during `fit`."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Run when an evaluation ends, with its results."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Run when a prediction begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Run when a prediction ends."""

    def listens_to_batches(self) -> bool:
        """Return whether the callback overrides a method for training batches."""
        names = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
        return any(getattr(getattr(self, name), "__func__", None) is not getattr(Callback, name) for name in names)


class CallbackList(Callback):
    """Calls several callbacks in turn."""

    def __init__(
        self,
        callbacks: Iterable[Callback] | Callback | None = None,
        model: Network | None = None,
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
        """Pass ``params`` to every callback."""
        self._tell("set_params", params)

    def set_model(self, model: Network) -> None:
        """Pass the network to every callback."""
        self._tell("set_model", model)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Call every callback."""
        self._tell("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Call every callback."""
        self._tell("on_train_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Call every callback."""
        self._tell("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Call every callback."""
        self._tell("on_epoch_end", epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call every callback."""
        self._tell("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call every callback."""
        self._tell("on_train_batch_end", batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Call every callback."""
        self._tell("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Call every callback."""
        self._tell("on_test_end", logs)

    def listens_to_batches(self) -> bool:
        """Return whether any callback overrides a method for training batches."""
        return any(each.listens_to_batches() for each in self.callbacks)

    def _tell(self, method: str, *arguments: Any) -> None:
        for each in self.callbacks:
            getattr(each, method)(*arguments)


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
