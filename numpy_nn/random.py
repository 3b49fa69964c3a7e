"""Random numbers as arrays: the functions of ``keras.random``, with its arguments; the numbers differ from Keras's.

An integer seed gives the same numbers at each call, a `SeedGenerator` new ones; without a seed they come from the
source that ``utils.set_random_seed`` seeds.
"""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from numpy_nn import randomness
from numpy_nn.arrays import Array
from numpy_nn.config import float_type
from numpy_nn.names import absent, automatic

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]

Positive: TypeAlias = float | npt.NDArray[np.floating[Any]] | Sequence[float]


class SeedGenerator:
    """A source of random numbers that continues from call to call. Matches ``keras.random.SeedGenerator``.

    Raises:
        ValueError: if ``seed`` is not an integer.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        if not isinstance(seed, int | np.integer | None):
            raise ValueError(f"seed must be an integer, got {seed!r}")
        self.name = automatic(type(self).__name__) if name is None else name
        self.seed = seed
        self.generator = randomness.generator(seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this source at its beginning."""
        return {"seed": self.seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the source that `get_config` described."""
        return cls(**config)


Seed: TypeAlias = int | SeedGenerator | None


def normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: Seed = None
) -> Array:
    """Return normal numbers, of that shape."""
    return _array(_generator(seed).normal(mean, stddev, tuple(shape)), float_type(dtype))


def truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: Seed = None
) -> Array:
    """Return normal numbers; those more than two standard deviations from the mean are drawn again."""
    rng = _generator(seed)
    numbers = rng.standard_normal(tuple(shape))
    while (far := np.abs(numbers) > 2).any():
        numbers[far] = rng.standard_normal(int(far.sum()))
    return _array(mean + stddev * numbers, float_type(dtype))


def uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: str | None = None, seed: Seed = None
) -> Array:
    """Return numbers between two bounds, ``maxval`` excluded; whole numbers for an integer ``dtype``."""
    if dtype is not None and np.dtype(dtype).kind in "iu":
        return randint(shape, int(minval), int(maxval), dtype, seed)
    return _array(_generator(seed).uniform(minval, maxval, tuple(shape)), float_type(dtype))


def randint(shape: Sequence[int], minval: int, maxval: int, dtype: str = "int32", seed: Seed = None) -> Array:
    """Return whole numbers between two bounds, ``maxval`` excluded."""
    return _array(_generator(seed).integers(minval, maxval, tuple(shape)), dtype)


def beta(
    shape: Sequence[int],
    alpha: Positive,
    beta: Positive,
    dtype: str | None = None,
    seed: Seed = None,
) -> Array:
    """Return numbers of a beta distribution."""
    return _array(_generator(seed).beta(alpha, beta, tuple(shape)), float_type(dtype))


def gamma(shape: Sequence[int], alpha: Positive, dtype: str | None = None, seed: Seed = None) -> Array:
    """Return numbers of a gamma distribution with scale 1."""
    return _array(_generator(seed).gamma(alpha, 1.0, tuple(shape)), float_type(dtype))


def binomial(
    shape: Sequence[int],
    counts: Positive,
    probabilities: Positive,
    dtype: str | None = None,
    seed: Seed = None,
) -> Array:
    """Return how many of ``counts`` trials succeed, each with its probability."""
    rng = _generator(seed)
    return _array(rng.binomial(np.asarray(counts, np.int64), probabilities, tuple(shape)), float_type(dtype))


def categorical(logits: npt.ArrayLike, num_samples: int, dtype: str = "int32", seed: Seed = None) -> Array:
    """Return classes drawn for each row of logits, (rows, classes), with the odds of their softmax: (rows, samples)."""
    scores = np.asarray(logits, np.float64)
    if scores.ndim != 2:
        raise ValueError(f"logits must have the shape (rows, classes), got {scores.shape}")
    # The largest of logits plus Gumbel noise is a draw of the softmax (Gumbel, 1954).
    noise = _generator(seed).gumbel(size=(len(scores), num_samples, scores.shape[1]))
    return _array((scores[:, np.newaxis] + noise).argmax(axis=-1), dtype)


def shuffle(x: npt.ArrayLike, axis: int = 0, seed: Seed = None) -> Array:
    """Return a copy with the elements along an axis in a random order."""
    return _array(_generator(seed).permutation(np.asarray(x), axis=axis))


def dropout(inputs: npt.ArrayLike, rate: float, noise_shape: Sequence[int] | None = None, seed: Seed = None) -> Array:
    """Return a copy in which a share ``rate`` of the elements is 0, and the others are divided by 1 - rate."""
    x = np.asarray(inputs)
    if not 0 <= rate < 1:
        raise ValueError(f"rate must be at least 0 and less than 1, got {rate!r}")
    kept = _generator(seed).random(x.shape if noise_shape is None else tuple(noise_shape)) >= rate
    return _array(np.where(kept, x / (1 - rate), 0), x.dtype if x.dtype.kind == "f" else float_type())


def _array(numbers: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> Array:
    return np.asarray(numbers, dtype).view(Array)


def _generator(seed: Seed) -> Generator:
    return seed.generator if isinstance(seed, SeedGenerator) else randomness.generator(seed)


if not TYPE_CHECKING:  # type checkers report unknown names
    __getattr__ = absent(__name__)
