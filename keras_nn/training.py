"""Training in a given order of rows, through one ``fit``."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from keras_nn.data import batches_in_order, epochs_in_order

IntArray = npt.NDArray[np.integer[Any]]


class OrdersOfRows(Protocol):
    """One permutation of the rows, (rows,), for each epoch: a list, or something that makes them as it is asked."""

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
        ValueError: if ``steps_per_execution`` does not divide the steps of an epoch: Keras would run past its end
            without a word.
        RuntimeError: if Keras did not make the updates asked for.
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
        raise RuntimeError(f"Keras made {made} updates, not {steps * len(orders)}")


def warm_up(model: keras.Sequential, x: npt.NDArray[Any], y: npt.NDArray[Any], *, batch_size: int) -> None:
    """Have Keras trace and compile for full and ragged batches; weights and optimizer end as they began."""
    variables = [*model.variables, *model.optimizer.variables]
    kept = [np.copy(keras.ops.convert_to_numpy(variable)) for variable in variables]
    fit(model, x, y, batch_size=batch_size, orders=[np.arange(len(x))])
    for variable, value in zip(variables, kept, strict=True):
        variable.assign(value)
