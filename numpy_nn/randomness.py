"""The source of random numbers without a seed, which ``utils.set_random_seed`` can set."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # numpy.random is imported when first used: it takes a third of the time of importing numpy
    from numpy.random import Generator

_source: Generator | None = None


def generator(seed: int | None = None) -> Generator:
    """Return a generator that starts at ``seed``; without a seed, each call returns a different generator."""
    global _source
    if seed is not None:
        return np.random.default_rng(seed)
    if _source is None:
        _source = np.random.default_rng()
    return _source.spawn(1)[0]


def set_source(seed: int) -> None:
    """Set the seed from which every later `generator` without a seed is derived."""
    global _source
    _source = np.random.default_rng(seed)
