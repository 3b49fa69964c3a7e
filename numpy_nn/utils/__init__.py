"""The functions of ``keras.utils`` that training scripts use."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from collections.abc import Iterator
from itertools import count
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import names, randomness
from numpy_nn.arrays import Float64Array, FloatArray
from numpy_nn.config import floatx
from numpy_nn.registration import CustomObjectScope as CustomObjectScope  # exported, as are those below
from numpy_nn.registration import custom_object_scope as custom_object_scope
from numpy_nn.registration import get_custom_objects as get_custom_objects
from numpy_nn.registration import get_registered_name as get_registered_name
from numpy_nn.registration import get_registered_object as get_registered_object
from numpy_nn.registration import register_keras_serializable as register_keras_serializable


class PyDataset:
    """Base class of data that comes in batches: ``len(dataset)`` batches, ``dataset[i]`` gives one.

    Matches ``keras.utils.PyDataset``. A batch is ``(x, y)`` or ``(x, y, sample_weight)``. Batches are made one after
    the other: ``workers``, ``use_multiprocessing`` and ``max_queue_size`` are accepted and have no effect.
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """Return the batch of that number."""
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__, which returns a batch (x, y)")

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None for no end."""
        if not hasattr(self, "__len__"):
            raise NotImplementedError(f"{type(self).__name__} must define __len__, the number of batches")
        return len(self)

    def __iter__(self) -> Iterator[Any]:
        number = self.num_batches
        return (self[index] for index in (count() if number is None else range(number)))

    def on_epoch_begin(self) -> None:
        """Run when an epoch begins."""

    def on_epoch_end(self) -> None:
        """Run when an epoch ends, and once before the first of `fit` and `evaluate`."""


Sequence = PyDataset


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> Float64Array:
    """Return classes, (...,) or (..., 1), as one-hot vectors, (..., num_classes).

    Matches ``keras.utils.to_categorical``.

    Raises:
        ValueError: if a class is not an integer in [0, num_classes).
    """
    given = np.asarray(x)
    classes = given.astype(np.int64)
    if (classes != given).any():
        raise ValueError(f"classes must be integers, got {given[classes != given][0]!r}")
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    number = num_classes or (int(classes.max()) + 1 if classes.size else 0)
    if classes.size and not 0 <= classes.min() <= classes.max() < number:
        raise ValueError(f"classes must lie between 0 and {number - 1}, got {classes.min()} to {classes.max()}")
    return np.eye(number)[classes]


def normalize(x: npt.ArrayLike, axis: int = -1, order: int = 2) -> FloatArray:
    """Return x divided by its norm along an axis; zeros stay zeros. Matches ``keras.utils.normalize``."""
    array = np.asarray(x)
    norm = np.linalg.norm(array, order, axis, keepdims=True)
    return array / np.where(norm == 0, 1, norm)


def set_random_seed(seed: int) -> None:
    """Seed all random numbers of this package, of NumPy's global functions and of ``random``.

    Matches ``keras.utils.set_random_seed``; the numbers drawn differ from Keras's.

    Raises:
        ValueError: if ``seed`` is not an integer.
    """
    import random

    if not isinstance(seed, int):
        raise ValueError(f"seed must be an integer, got {seed!r}")
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - also seeds scripts that use the global functions
    randomness.set_source(seed)


def clear_session() -> None:
    """Restart the numbering of automatic names. Matches ``keras.utils.clear_session``."""
    names.forget()


def standardize_dtype(dtype: Any) -> str:
    """Return the name of a number type; of None, the default. Matches ``keras.utils.standardize_dtype``."""
    return floatx() if dtype is None else np.dtype(dtype).name


def plot_model(model: Any, to_file: str | PathLike[str] = "model.png", **options: Any) -> None:
    """Draw a network into a file; see `numpy_nn.utils.plotting.plot_model`."""
    from numpy_nn.utils import plotting  # imported when used: starting programs is slow to import

    plotting.plot_model(model, to_file, **options)
