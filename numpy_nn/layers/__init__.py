"""Layers, one idea per file: ``layer`` is the base class, ``dense`` holds the mathematics of most networks."""

from typing import Any

from numpy_nn.layers.activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from numpy_nn.layers.dense import Dense
from numpy_nn.layers.dropout import AlphaDropout, Dropout, GaussianDropout, GaussianNoise
from numpy_nn.layers.input import Input, InputLayer
from numpy_nn.layers.layer import Layer
from numpy_nn.layers.normalization.batch import BatchNormalization
from numpy_nn.layers.normalization.row import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from numpy_nn.layers.preprocessing import Normalization, Rescaling
from numpy_nn.layers.regularization import ActivityRegularization
from numpy_nn.layers.shapes import Flatten, Identity, Permute, Reshape
from numpy_nn.names import described, find

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "BatchNormalization",
    "Dense",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Softmax",
    "UnitNormalization",
    "deserialize",
    "serialize",
]


def serialize(layer: Layer) -> dict[str, Any]:
    """Return the layer as Keras writes it, without its weights."""
    return described("layers", layer)


def deserialize(config: dict[str, Any]) -> Any:
    """Create the layer or `InputLayer` that `serialize` described, with new weights.

    Raises:
        ValueError: if there is no such layer; the message suggests the nearest name.
    """
    known: dict[str, Any] = {name: kind for name in __all__ if isinstance(kind := globals()[name], type)}
    return find("layer", config["class_name"], known).from_config(config["config"])
