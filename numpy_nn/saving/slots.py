"""An optimizer's state in Keras's order: its count of batches, its learning rate unless a schedule, then its slots.

A slot is what a rule remembers for one variable (a kernel or a bias), such as Adam's mean of its gradient. Here the
slots of one kind are one flat vector; in Keras's list they stand variable by variable, and where a rule makes several
kinds in one pass over the variables, side by side: mean of the kernel, variance of the kernel, mean of the bias, ...
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from numpy_nn.models import Sequential
from numpy_nn.optimizers import Optimizer

# What Keras makes in more than one pass, by class; of any other optimizer, all kinds of slots are made in one.
_PASSES: dict[str, list[tuple[str, ...]]] = {
    "Adam": [("mean", "variance"), ("largest_variance",)],
    "RMSprop": [("velocity",), ("moment",), ("mean",)],
}

# What stands before and after the slots of a rule, in passes of their own.
_BEFORE = ("average", "accumulated")
_AFTER = ("momentum_product",)

Arrays = list[np.ndarray[Any, Any]]


def read(model: Sequential) -> Arrays:
    """Return copies of the state of a compiled network's optimizer, as ``keras_optimizer.variables`` lists it."""
    optimizer = model.optimizer
    state = optimizer.get_state()
    head = [np.array(state["batches"][0], np.int64)]
    if not _has_schedule(optimizer):
        head.append(np.array(optimizer.learning_rate, np.float64))  # Keras rounds it to its own type of numbers
    return head + [np.array(slot, order="C") for slot in _slots(model, state)]


def write(model: Sequential, arrays: Arrays) -> None:
    """Give the optimizer of a compiled network the state that `read` returned, or Keras listed.

    Without slots, as Keras saves an optimizer that has made no update, they keep their first values.

    Raises:
        ValueError: if an array is missing, or one too many, or has not the shape of its variable.
    """
    if not arrays:
        return
    optimizer = model.optimizer
    state = {name: np.array(vector) for name, vector in optimizer.get_state().items()}
    rates = 0 if _has_schedule(optimizer) else 1
    given = arrays[1 + rates :]
    own = list(_slots(model, state)) if given else []
    wanted, got = [(), *[()] * rates, *(slot.shape for slot in own)], [array.shape for array in arrays]
    if wanted != got or arrays[0].dtype.kind not in "iu" or int(arrays[0]) < 0:
        raise ValueError(
            f"the state of {type(optimizer).__name__} must be a count of batches, a learning rate unless it follows a "
            f"schedule, and slots, {len(wanted)} arrays of the shapes {wanted!s:.300}, got {len(got)}: {got!s:.300}"
        )
    for slot, array in zip(own, given, strict=True):
        slot[...] = array
    state["batches"][...] = arrays[0]
    optimizer.set_state(state)
    if rates:
        optimizer.learning_rate = float(arrays[1])


def _has_schedule(optimizer: Optimizer) -> bool:
    return isinstance(optimizer.get_config()["learning_rate"], dict)


def _slots(model: Sequential, state: Mapping[str, np.ndarray[Any, Any]]) -> Iterator[np.ndarray[Any, Any]]:
    """Yield views of the slots in an optimizer's state, in Keras's order."""
    optimizer = model.optimizer
    known = next((_PASSES[each.__name__] for each in type(optimizer).__mro__ if each.__name__ in _PASSES), [])
    own = known or [tuple(optimizer.state_names)]
    for kinds in [*((name,) for name in _BEFORE), *own]:
        by_kind = [model.split(state[name]) for name in kinds if name in state]
        for of_variable in zip(*by_kind, strict=True):
            yield from of_variable
    yield from (state[name].reshape(()) for name in _AFTER if name in state)
