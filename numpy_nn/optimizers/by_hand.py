"""Updates of variables by hand, as custom training loops make them: between lists of arrays and flat vectors."""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import FloatArray, Variable


@contextmanager
def flattened(
    split: Callable[[FloatArray], Sequence[FloatArray]], grads: Sequence[npt.ArrayLike], variables: Sequence[Variable]
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Give the variables and their gradients as flat vectors, and assign what becomes of the variables.

    Raises:
        ValueError: if the numbers or shapes of gradients, variables and places in a vector differ.
    """
    vector, gradient = np.empty((2, sum(each.size for each in variables)), variables[0].dtype if variables else None)
    places = list(zip(split(vector), split(gradient), strict=True))
    shapes = [np.shape(each) for each in grads]
    if not shapes == [each.shape for each in variables] == [place.shape for place, _ in places]:
        raise ValueError(
            f"an update needs a gradient for each of the {len(places)} variables, of the shapes "
            f"{[place.shape for place, _ in places]}, got {len(variables)} variables and gradients of {shapes}"
        )
    for (weight, slope), variable, given in zip(places, variables, grads, strict=True):
        weight[...], slope[...] = variable, given
    yield vector, gradient
    for (weight, _), variable in zip(places, variables, strict=True):
        variable.assign(weight)


def flat(arrays: Sequence[FloatArray]) -> FloatArray:
    """Return copies of arrays in one vector."""
    return np.concatenate([each.reshape(-1) for each in arrays]) if arrays else np.empty(0)


def views(shapes: Sequence[tuple[int, ...]], vector: FloatArray) -> list[FloatArray]:
    """Return a view for each shape of a vector that holds arrays one after the other."""
    ends = np.cumsum([math.prod(shape) for shape in shapes], dtype=int)
    return [part.reshape(shape) for part, shape in zip(np.split(vector, ends[:-1]), shapes, strict=True)]


def set_state(optimizer: Any, arrays: Sequence[npt.ArrayLike]) -> None:
    """Set the number of updates, the learning rate, unless it follows a schedule, and the slots of an optimizer.

    Raises:
        ValueError: if their number or a shape differs from ``optimizer.variables``; nothing is changed then.
    """
    given, own = [np.asarray(each) for each in arrays], optimizer.variables
    if [each.shape for each in given] != [each.shape for each in own]:
        raise ValueError(
            f"the state has the shapes {[each.shape for each in own]}, got {[each.shape for each in given]}"
        )
    slots = list(optimizer.slots()) if optimizer.built else []
    heads = given[: len(given) - len(slots)]
    optimizer.batches = int(heads[0])
    if len(heads) > 1:
        optimizer.learning_rate = float(heads[1])
    for slot, array in zip(slots, given[len(heads) :], strict=True):
        slot[...] = array
