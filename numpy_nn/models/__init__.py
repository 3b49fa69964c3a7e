"""Networks: `Sequential` and `Model` are the public face, `backprop` the mathematics of training."""

from __future__ import annotations  # evaluated, they would take a third of the import

from os import PathLike
from typing import Any

from numpy_nn.models.configs import clone_model
from numpy_nn.models.functional import Functional
from numpy_nn.models.model import Model
from numpy_nn.models.sequential import Sequential

__all__ = ["Functional", "Model", "Sequential", "clone_model", "load_model"]


def load_model(filepath: str | PathLike[str], **options: Any) -> Model:
    """Return the network that a file holds; see `numpy_nn.saving.load_model`."""
    from numpy_nn.saving.load import load_model as load  # imported when used: reading archives is slow to import

    return load(filepath, **options)
