"""Describing a built network: everything that a file stores."""

from typing import Any, Protocol

import numpy as np

from numpy_nn.saving.saved import Saved, described
from numpy_nn.saving.serialization import check_known, module_of, serialize
from numpy_nn.saving.slots import read_slots
from numpy_nn.saving.weights import Network


class CompleteNetwork(Network, Protocol):
    """What describing a network uses of it, in addition to its weights."""

    dtype: np.dtype[np.floating[Any]]

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of the input, (None, ...)."""

    def get_config(self) -> dict[str, Any]:
        """Return the description of the layers."""

    def get_compile_config(self) -> dict[str, Any]:
        """Return the arguments of ``compile``."""


def describe(model: CompleteNetwork) -> Saved:
    """Return everything that a file stores of a built network.

    Raises:
        RuntimeError: if the network is not built.
        ValueError: if a part of the network is not a class of this package.
    """
    model.get_weights()  # raises a RuntimeError if the network is not built
    shape, policy = list(model.input_shape), described("keras", "DTypePolicy", {"name": model.dtype.name})
    inner = serialize(model.get_config()) | {"dtype": policy, "build_input_shape": shape}
    for layer in inner["layers"]:
        layer["config"]["dtype"] = model.dtype.name if layer["class_name"] == "InputLayer" else policy
    config = described("keras", "Sequential", inner) | {"build_config": {"input_shape": shape}}
    if model.is_compiled:
        config["compile_config"] = serialize(model.get_compile_config())
    for part in (*model.layers, *([model.optimizer] if model.is_compiled else [])):
        module_of(type(part))  # raises a ValueError if the class is not this package's
    check_known(config["config"]["layers"])
    check_known(config.get("compile_config"))
    weights = [layer.get_weights() for layer in model.layers]
    return Saved(config, weights, read_slots(model.optimizer) if model.is_compiled else [])
