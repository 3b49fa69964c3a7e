"""A callback made of functions."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable
from typing import Any

from numpy_nn.callbacks.base import Callback


class LambdaCallback(Callback):
    """A callback made of functions, each passed under the name of the method it replaces.

    Matches ``keras.callbacks.LambdaCallback``.

    Raises:
        ValueError: if a callback has no method of that name.
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
