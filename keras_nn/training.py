"""Trains in a given order of rows, with one ``fit``."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from keras_nn.data import IntArray, batches_in_order, epochs_in_order


class OrdersOfRows(Protocol):
    """One permutation of the rows, (rows,), for each epoch: a list, or an object that makes them on demand."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[IntArray]: ...


def fit(
    model: keras.Sequential,
    x: npt.NDArray[Any],
    y: npt.NDArray[Any],
    *,
    batch_size: int,
    orders: OrdersOfRows,
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> None:
    """Train for ``len(orders)`` epochs, each in its order of rows; the last batch of an epoch may be smaller.

    Raises:
        ValueError: if ``steps_per_execution`` does not divide the steps of an epoch; Keras would silently run past
            its end.
        RuntimeError: if Keras made a different number of updates.
    """
    steps = math.ceil(len(x) / batch_size)
    if steps % model.steps_per_execution:
        raise ValueError(
            f"steps_per_execution must divide the {steps} steps of an epoch, got {model.steps_per_execution}"
        )
    in_order = epochs_in_order if keras.config.backend() == "tensorflow" else batches_in_order
    before = int(model.optimizer.iterations)
    model.fit(
        in_order(x, y, orders, batch_size),
        epochs=len(orders),
        steps_per_epoch=steps,
        callbacks=list(callbacks),
        verbose=0,
    )
    made = int(model.optimizer.iterations) - before
    if made != steps * len(orders):
        raise RuntimeError(f"expected {steps * len(orders)} updates from Keras, got {made}")


def warm_up(model: keras.Sequential, x: npt.NDArray[Any], y: npt.NDArray[Any], *, batch_size: int) -> None:
    """Trace and compile for full and ragged batches, leaving weights and optimizer as they were."""
    variables = [*model.variables, *model.optimizer.variables]
    kept = [np.copy(keras.ops.convert_to_numpy(variable)) for variable in variables]
    fit(model, x, y, batch_size=batch_size, orders=[np.arange(len(x))])
    for variable, value in zip(variables, kept, strict=True):
        variable.assign(value)
