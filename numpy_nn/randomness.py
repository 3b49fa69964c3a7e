"""Random generators. Those without a seed derive from one source, which ``utils.set_random_seed`` seeds."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # numpy.random is imported when first used: it takes a third of the time of importing numpy
    from numpy.random import Generator

_source: Generator | None = None


def generator(seed: int | None = None) -> Generator:
    """Return a generator with a seed; without one, a new generator that is independent of all earlier ones."""
    global _source
    if seed is not None:
        return np.random.default_rng(seed)
    if _source is None:
        _source = np.random.default_rng()
    return _source.spawn(1)[0]


def set_source(seed: int) -> None:
    """Seed the source of every later `generator` without a seed."""
    global _source
    _source = np.random.default_rng(seed)
