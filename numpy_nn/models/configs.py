"""Configurations of the parts of a network, as Keras writes them: layers, inputs, networks."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy_nn import layers
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.symbols import Part
from numpy_nn.names import described as described_by_module
from numpy_nn.names import description

if TYPE_CHECKING:
    from numpy_nn.models.model import Model

# The modules that Keras names for its classes of networks.
MODULES = {"Sequential": "keras", "Functional": "keras.src.models.functional"}


def described(part: Any) -> dict[str, Any]:
    """Return the description of a layer, an input, or a network, without its weights."""
    kind = type(part).__name__
    if kind not in MODULES:
        return described_by_module("layers", part)
    network: Any = part
    build = {"build_config": {"input_shape": list(network.input_shape)}} if network.built else {}
    return description(MODULES[kind], kind, network.get_config()) | build


def made(config: Mapping[str, Any] | InputLayer | Part) -> Any:
    """Return the layer, the input, or the network that `described`, or Keras, describes, with new weights.

    What is made already is returned as it is.

    Raises:
        ValueError: if it names an unknown layer.
    """
    if isinstance(config, InputLayer | Part):
        return config
    kind = config.get("class_name")
    if kind in MODULES:
        return network(str(kind)).from_config(config["config"])
    return layers.deserialize(dict(config))


def network(kind: str) -> type[Model]:
    """Return the class of networks with that name."""
    from numpy_nn.models import functional, sequential  # defined above this module

    return sequential.Sequential if kind == "Sequential" else functional.Functional


def clone_model(model: Model) -> Model:
    """Return a network of the same layers with new weights, compiled alike. Matches ``keras.models.clone_model``."""
    clone = type(model).from_config(model.get_config())
    if model.is_compiled:
        clone.compile_from_config(model.get_compile_config())
    return clone
