"""The state of an optimizer in Keras's order: the number of batches, the learning rate unless it is a schedule, slots.

A slot is an array that the optimizer stores for one variable (a kernel or a bias), such as Adam's mean of the gradient.
The optimizer defines the order of its slots.
"""

import numpy as np

from numpy_nn.optimizers import Optimizer
from numpy_nn.saving.saved import Arrays


def read_slots(optimizer: Optimizer) -> Arrays:
    """Return copies of the state of a built optimizer, in the order of ``variables`` of a Keras optimizer."""
    head = [np.array(optimizer.batches, np.int64)]
    if not _has_schedule(optimizer):
        head.append(np.array(optimizer.learning_rate, np.float64))  # Keras rounds it to its number type
    return head + [np.array(slot, order="C") for slot in optimizer.slots()]


def write_slots(optimizer: Optimizer, arrays: Arrays) -> None:
    """Set the state of a built optimizer to what `read_slots` or Keras returned.

    If the slots are missing, they keep their initial values: Keras saves an optimizer without updates that way.

    Raises:
        ValueError: if the number of arrays or a shape is wrong, or the learning rate is invalid; then nothing is
            changed.
    """
    if not arrays:
        return
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
        optimizer.learning_rate = float(arrays[1])  # first: if it raises, nothing has changed
    for slot, array in zip(own, given, strict=True):
        slot[...] = array
    optimizer.batches = int(arrays[0])


def _has_schedule(optimizer: Optimizer) -> bool:
    return isinstance(optimizer.get_config()["learning_rate"], dict)
