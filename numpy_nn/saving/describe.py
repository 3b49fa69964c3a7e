"""Describing a built network: everything that a file stores."""

from typing import Any

from numpy_nn.names import description
from numpy_nn.saving.saved import Saved
from numpy_nn.saving.serialization import check_known, module_of, serialize
from numpy_nn.saving.weights import arrays_of


def describe(model: Any) -> Saved:  # a `Sequential`, which is defined above this module
    """Return everything that a file stores of a built network.

    Raises:
        RuntimeError: if the network is not built.
        ValueError: if a part of the network is not a class of this package.
    """
    weights, optimizer = arrays_of(model)
    shape, policy = list(model.input_shape), description("keras", "DTypePolicy", {"name": model.dtype.name})
    inner = serialize(model.get_config()) | {"dtype": policy, "build_input_shape": shape}
    for layer in inner["layers"]:
        layer["config"]["dtype"] = model.dtype.name if layer["class_name"] == "InputLayer" else policy
    config = description("keras", "Sequential", inner) | {"build_config": {"input_shape": shape}}
    if model.is_compiled:
        config["compile_config"] = serialize(model.get_compile_config())
    for part in (*model.layers, *([model.optimizer] if model.is_compiled else [])):
        module_of(type(part))  # raises a ValueError if the class is not this package's
    check_known(config["config"]["layers"])
    check_known(config.get("compile_config"))
    return Saved(config, weights, optimizer)
