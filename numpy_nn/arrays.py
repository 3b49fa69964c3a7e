"""The array types in the signatures of this package, and arrays with the methods of Keras's tensors and variables."""

from __future__ import annotations  # evaluated, they would take a third of the import

from functools import partial
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
Float64Array: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.integer[Any]]


class Array(np.ndarray[Any, Any]):
    """A NumPy array that also answers ``.numpy()``, as what Keras returns does; so do results computed from it."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return the result of a computation as an `Array`, also where a variable took part, unless it was changed."""
        return array if array is self else np.asarray(array).view(Array)

    def numpy(self) -> npt.NDArray[Any]:
        """Return the values as a plain array."""
        return np.array(self)


class Holder(Protocol):
    """A layer, or what else holds variables as its attributes."""

    name: str


class Variable(Array):
    """A weight with the methods of ``keras.Variable``. As an array it is a view: changing it changes the network.

    Attributes:
        name: such as ``kernel``.
        path: the names of the network and the layer too: ``sequential/dense/kernel``.
        trainable: whether it is a weight that gradients change.
    """

    name = ""
    path = ""
    trainable = True
    _holder: Holder | None = None

    def __array_finalize__(self, source: Any) -> None:
        """Take the names from what this is a copy or a part of."""
        self.name = getattr(source, "name", "")
        self.path = getattr(source, "path", "")
        self.trainable = getattr(source, "trainable", True)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the values with the names; a copy belongs to no layer."""
        return partial(type(self).viewing, trainable=self.trainable), (np.array(self), self.name, self.path)

    @classmethod
    def viewing(
        cls, array: npt.NDArray[Any], name: str, path: str, *, trainable: bool = True, holder: Holder | None = None
    ) -> Self:
        """Return a variable that is a view of an array; ``holder`` has the current one, when the array is replaced."""
        variable = array.view(cls)
        variable.name, variable.path, variable.trainable, variable._holder = name, path, trainable, holder
        return variable

    @property
    def value(self) -> Array:
        """The current values."""
        current = self if self._holder is None else getattr(self._holder, self.name)
        return np.asarray(current).view(Array)

    def numpy(self) -> npt.NDArray[Any]:
        """Return a copy of the current values as a plain array."""
        return np.array(self.value)

    def assign(self, value: npt.ArrayLike) -> Self:
        """Set the values, and return the variable.

        Raises:
            ValueError: if ``value`` has another shape.
        """
        given = np.asarray(value)
        if given.shape != self.shape:
            raise ValueError(f"{self.path or self.name} must have the shape {self.shape}, got {given.shape}")
        self.value[...] = given
        self[...] = given
        return self

    def assign_add(self, value: npt.ArrayLike) -> Self:
        """Add to the values, and return the variable."""
        return self.assign(self.value + np.asarray(value))

    def assign_sub(self, value: npt.ArrayLike) -> Self:
        """Subtract from the values, and return the variable."""
        return self.assign(self.value - np.asarray(value))


class Rate(float):
    """A learning rate, with the methods of the variable that Keras has for it."""

    _optimizer: Any

    def numpy(self) -> np.float64:
        """Return the number as NumPy's."""
        return np.float64(self)

    def assign(self, value: float) -> None:
        """Set the learning rate of the next updates; a TypeError if the optimizer follows a schedule."""
        self._optimizer.learning_rate = value


class Count(int):
    """A number of updates, with the methods of the variable that Keras has for it."""

    _optimizer: Any

    def numpy(self) -> np.int64:
        """Return the number as NumPy's."""
        return np.int64(self)

    def assign(self, value: int) -> None:
        """Set the number of updates, on which schedules and corrections depend."""
        self._optimizer.iterations = value


def scalar(value: npt.ArrayLike) -> Array:
    """Return a result as an `Array`; a number as one without axes, which computes as a number does."""
    return np.asarray(value).view(Array)
