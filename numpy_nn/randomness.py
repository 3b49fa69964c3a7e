"""Where chance comes from when nobody names a seed: one source, which ``utils.set_random_seed`` can set."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # numpy.random is imported when it is first wanted: it costs a third of what importing numpy does
    from numpy.random import Generator

_source: Generator | None = None


def generator(seed: int | None = None) -> Generator:
    """Return a generator that starts at ``seed``; unset, one that differs from all others of this source."""
    global _source
    if seed is not None:
        return np.random.default_rng(seed)
    if _source is None:
        _source = np.random.default_rng()
    return _source.spawn(1)[0]


def set_source(seed: int) -> None:
    """Let every later `generator` without a seed follow from this one."""
    global _source
    _source = np.random.default_rng(seed)
