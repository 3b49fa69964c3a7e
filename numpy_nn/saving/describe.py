"""Describing a built network: everything that a file stores."""

from typing import Any

from numpy_nn.layers import serialize as described
from numpy_nn.saving.saved import Saved
from numpy_nn.saving.serialization import check_known, serialize
from numpy_nn.saving.weights import arrays_of


def describe(model: Any) -> Saved:  # a `Sequential`, which is defined above this module
    """Return everything that a file stores of a built network.

    Raises:
        RuntimeError: if the network is not built.
        ValueError: if a part of the network cannot be named in a file.
    """
    weights, optimizer = arrays_of(model)
    return Saved(configuration(model), weights, optimizer)


def configuration(model: Any) -> dict[str, Any]:
    """Return a network without its weights as Keras's ``config.json`` describes it.

    Raises:
        ValueError: if a part of the network cannot be named in a file.
    """
    config: dict[str, Any] = serialize(described(model))
    for layer in config["config"]["layers"]:
        if layer["class_name"] == "InputLayer":
            layer["config"]["dtype"] = model.dtype.name
    if model.is_compiled:
        config["compile_config"] = serialize(model.get_compile_config())
    check_known(config["config"]["layers"])
    check_known(config.get("compile_config"))
    return config
