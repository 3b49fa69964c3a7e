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
from numpy_nn.layers.symbols import Part
from numpy_nn.names import described, description, find
from numpy_nn.registration import NETWORK_MODULES, NETWORKS

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


def serialize(layer: Any) -> dict[str, Any]:
    """Return a layer, an `InputLayer` or a network as Keras writes it, without its weights."""
    kind = type(layer).__name__
    if kind not in NETWORK_MODULES:
        return described("layers", layer)
    build = {"build_config": {"input_shape": list(layer.input_shape)}} if layer.built else {}
    return description(NETWORK_MODULES[kind], kind, layer.get_config()) | build


def deserialize(config: Any) -> Any:
    """Create the layer, the `InputLayer` or the network that `serialize` described, with new weights.

    What is made already is returned as it is.

    Raises:
        ValueError: if there is no such layer; the message suggests the nearest name.
    """
    if isinstance(config, InputLayer | Part):
        return config
    known: dict[str, Any] = {name: kind for name in __all__ if isinstance(kind := globals()[name], type)}
    return find("layer", config["class_name"], known | NETWORKS).from_config(config["config"])
