"""Networks: `Sequential` is the public face, `backprop` the mathematics of training."""

from __future__ import annotations  # evaluated, they would take a third of the import

from os import PathLike
from typing import Any

from numpy_nn.models.functional import Model
from numpy_nn.models.sequential import Sequential, clone_model

__all__ = ["Model", "Sequential", "clone_model", "load_model"]


def load_model(filepath: str | PathLike[str], **options: Any) -> Sequential:
    """Return the network that a file holds; see `numpy_nn.saving.load_model`."""
    from numpy_nn.saving.load import load_model as load  # imported when used: reading archives is slow to import

    return load(filepath, **options)
