"""Networks: `Sequential` and `Model` are the public face, `backprop` the mathematics of training."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Mapping
from os import PathLike
from typing import Any

from numpy_nn.models.functional import Functional
from numpy_nn.models.model import Model, clone_model
from numpy_nn.models.sequential import Sequential

__all__ = ["Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]


def load_model(filepath: str | PathLike[str], **options: Any) -> Model:
    """Return the network that a file holds; see `numpy_nn.saving.load_model`."""
    from numpy_nn.saving.load import load_model as load  # imported when used: reading archives is slow to import

    return load(filepath, **options)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Model:
    """Return the network that ``to_json`` describes, with new weights; see `numpy_nn.saving.model_from_json`."""
    from numpy_nn.saving.load import model_from_json as build

    return build(json_string, custom_objects)


def save_model(model: Model, filepath: str | PathLike[str], overwrite: bool = True, **options: Any) -> None:
    """Write a network to a file; see `numpy_nn.saving.save_model`."""
    model.save(filepath, overwrite, **options)
