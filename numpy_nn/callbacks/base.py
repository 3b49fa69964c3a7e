"""The base class of callbacks, and a list of callbacks."""

from __future__ import annotations  # evaluated, they would take a third of the import

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

Logs = dict[str, float]


if TYPE_CHECKING:  # so that it costs no import time
    from collections.abc import Sequence
    from os import PathLike
    from typing import Protocol

    from numpy_nn.arrays import FloatArray
    from numpy_nn.optimizers import Optimizer

    class Network(Protocol):
        """What callbacks use of the network that is trained."""

        built: bool
        stop_training: bool
        initial_epoch: int

        @property
        def optimizer(self) -> Optimizer:
            """The optimizer given to ``compile``."""

        @property
        def metrics(self) -> Sequence[Any]:
            """The mean loss, and the metrics given to ``compile``, which are one."""

        @property
        def trainable_weights(self) -> Sequence[FloatArray]:
            """Views of the weights that training changes."""

        def split(self, vector: FloatArray) -> list[FloatArray]:
            """Return a view for each trainable weight of a vector laid out like the parameters."""

        def get_weights(self) -> list[FloatArray]:
            """Return copies of all weights."""

        def set_weights(self, weights: Sequence[FloatArray]) -> None:
            """Set all weights."""

        def save(self, filepath: str | PathLike[str]) -> None:
            """Write the network to a file."""

        def save_weights(self, filepath: str | PathLike[str]) -> None:
            """Write the weights and the optimizer's state to a file."""

        def load_weights(self, filepath: str | PathLike[str]) -> None:
            """Read what `save_weights` wrote."""


class Callback:
    """Base class for training callbacks: override the methods you need.

    ``logs`` holds the loss and the metrics by name. ``self.model.stop_training = True`` ends training.

    Attributes:
        model: the network that is trained.
        params: ``verbose``, ``epochs`` and ``steps``, the number of batches in an epoch.
    """

    model: Any = None  # a `Network`, while it trains
    params: Any = None

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

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run when a batch of an evaluation begins."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Run when a batch of an evaluation ends; ``logs`` holds the means since the evaluation began."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Run when a prediction begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Run when a prediction ends."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run when a batch of a prediction begins."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Run when a batch of a prediction ends; ``logs["outputs"]`` holds its predictions."""

    def listens_to_batches(self, of: str = "train") -> bool:
        """Return whether the callback overrides a method for batches of "train", "test" or "predict"."""
        names = [f"on_{of}_batch_begin", f"on_{of}_batch_end"]
        names += ["on_batch_begin", "on_batch_end"] if of == "train" else []
        return any(getattr(getattr(self, name), "__func__", None) is not getattr(Callback, name) for name in names)


class CallbackList(Callback):
    """Calls several callbacks in turn: each method of `Callback` calls that method of every one."""

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

    def listens_to_batches(self, of: str = "train") -> bool:
        """Return whether any callback overrides a method for batches of "train", "test" or "predict"."""
        return any(each.listens_to_batches(of) for each in self.callbacks)


def _to_all(method: str) -> Callable[..., None]:
    """Return a method of `CallbackList` that calls the method of that name of every callback, with logs, if empty."""
    before_logs = 1 if "epoch" in method or "batch" in method else 0

    def call(self: CallbackList, *arguments: Any) -> None:
        if method.startswith("on_"):
            given = arguments[before_logs] if len(arguments) > before_logs else None
            arguments = (*arguments[:before_logs], {} if given is None else given)
        for each in self.callbacks:
            getattr(each, method)(*arguments)

    call.__name__ = method
    call.__doc__ = f"Call ``{method}`` of every callback."
    return call


for _method in vars(Callback):
    if _method.startswith(("on_", "set_")):
        setattr(CallbackList, _method, _to_all(_method))


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
