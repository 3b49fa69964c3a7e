"""An optimizer's state in Keras's order: its count of batches, its learning rate unless a schedule, then its slots.

A slot is what a rule remembers for one variable (a kernel or a bias), such as Adam's mean of its gradient; in which
order they come, the optimizer knows.
"""

from typing import Any

import numpy as np

from numpy_nn.models import Sequential
from numpy_nn.optimizers import Optimizer

Arrays = list[np.ndarray[Any, Any]]


def read(model: Sequential) -> Arrays:
    """Return copies of the state of a compiled network's optimizer, as ``keras_optimizer.variables`` lists it."""
    optimizer = model.optimizer
    head = [np.array(optimizer.batches, np.int64)]
    if not _has_schedule(optimizer):
        head.append(np.array(optimizer.learning_rate, np.float64))  # Keras rounds it to its own type of numbers
    return head + [np.array(slot, order="C") for slot in optimizer.slots()]


def write(model: Sequential, arrays: Arrays) -> None:
    """Give the optimizer of a compiled network the state that `read` returned, or Keras listed.

    Without slots, as Keras saves an optimizer that has made no update, they keep their first values.

    Raises:
        ValueError: if an array is missing, or one too many, or has not the shape of its variable, or the rate is none;
            nothing is changed then.
    """
    if not arrays:
        return
    optimizer = model.optimizer
    heads = 1 if _has_schedule(optimizer) else 2
    given = arrays[heads:]
    own = list(optimizer.slots()) if given else []
    wanted, got = [*[()] * heads, *(slot.shape for slot in own)], [array.shape for array in arrays]
    if wanted != got or arrays[0].dtype.kind not in "iu" or int(arrays[0]) < 0:
        raise ValueError(
            f"the state of {type(optimizer).__name__} must be a count of batches, a learning rate unless it follows a "
            f"schedule, and slots, {len(wanted)} arrays of the shapes {wanted!s:.300}, got {len(got)}: {got!s:.300}"
        )
    if heads == 2:
        optimizer.learning_rate = float(arrays[1])  # first, since it may refuse: then nothing is changed
    for slot, array in zip(own, given, strict=True):
        slot[...] = array
    optimizer.batches = int(arrays[0])


def _has_schedule(optimizer: Optimizer) -> bool:
    return isinstance(optimizer.get_config()["learning_rate"], dict)
