"""``.h5`` files as Keras 2 wrote them and Keras 3 still does: a network, or weights alone.

The attributes ``model_config`` and ``training_config`` describe the network as JSON; the group ``model_weights`` has a
group for each layer, and ``optimizer_weights`` the optimizer's state. A file of weights is the content of
``model_weights``. Attributes ``layer_names`` and ``weight_names`` say in which order they were.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from numpy_nn.config import KERAS_VERSION
from numpy_nn.names import description
from numpy_nn.registration import NETWORK_MODULES
from numpy_nn.saving import hdf5
from numpy_nn.saving.archive import parse_json
from numpy_nn.saving.saved import Arrays, Saved, chain_of

_WEIGHTS = "model_weights"
_STATE = "optimizer_weights"

# The module of an object without one, by the last word of the key under which it is described.
_MODULES = {
    "activation": "activations",
    "constraint": "constraints",
    "initializer": "initializers",
    "layers": "layers",
    "loss": "losses",
    "metrics": "metrics",
    "optimizer": "optimizers",
    "rate": "optimizers.schedules",
    "regularizer": "regularizers",
}


def write(saved: Saved, names: Sequence[Sequence[str]]) -> bytes:
    """Return the file's content.

    Args:
        saved: the network.
        names: the names of each layer's weights.

    Raises:
        ImportError: if h5py is not installed.
    """
    config = saved.config
    texts = {
        "keras_version": KERAS_VERSION,
        "backend": "numpy",
        "model_config": json.dumps({name: config[name] for name in ("class_name", "config")}),
    }
    layers = _layer_names(config)
    groups = {
        f"{_WEIGHTS}/{layer}": {f"{layer}/{name}": array for name, array in zip(of_layer, arrays, strict=True)}
        for layer, of_layer, arrays in zip(layers, names, saved.weights, strict=True)
    }
    groups[f"{_WEIGHTS}/top_level_model_weights"] = {}
    if "compile_config" in config:
        training = dict(config["compile_config"])
        optimizer = training.pop("optimizer")
        training["optimizer_config"] = {name: optimizer[name] for name in ("class_name", "config")}
        texts["training_config"] = json.dumps(training)
        groups[_STATE] = {f"{index}": array for index, array in enumerate(saved.optimizer)}
    return hdf5.write_named(texts, {_WEIGHTS: ("layer_names", layers)}, groups)


def read(content: bytes) -> Saved:
    """Return the network in a file.

    Raises:
        ValueError: if the file has no network; the message names the invalid part.
        ImportError: if h5py is not installed.
    """
    with closing(hdf5.Reader(content, "the file")) as file:
        described = file.text("model_config")
        if described is None:
            raise ValueError("it has no attribute 'model_config': a file of weights is read by load_weights")
        given = _modern(parse_json(described.encode(), "model_config"))
        config = description("keras", given.get("class_name", ""), given.get("config"))
        training = file.text("training_config")
        if training is not None:
            compiling = parse_json(training.encode(), "training_config")
            if "optimizer_config" not in compiling:
                raise ValueError("the part 'training_config' has no 'optimizer_config'")
            config["compile_config"] = _modern({"optimizer": compiling.pop("optimizer_config"), **compiling})
        try:
            names = _layer_names(config)
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"'model_config' does not describe a network: {type(error).__name__}: {error}") from error
        weights = [file.named_arrays(f"{_WEIGHTS}/{name}") for name in names]
        return Saved(config, weights, file.named_arrays(_STATE) if file.has(_STATE, "weight_names") else [])


def read_weights(content: bytes) -> list[Arrays]:
    """Return the weights of each layer that has some, from a file of weights or of a network.

    Raises:
        ValueError: if the file has none; the message names the invalid part.
        ImportError: if h5py is not installed.
    """
    with closing(hdf5.Reader(content, "the file")) as file:
        root = "" if file.has("", "layer_names") else _WEIGHTS
        layers = [file.named_arrays(f"{root}/{name}") for name in file.names(root, "layer_names")]
        return [arrays for arrays in layers if arrays]


def _layer_names(config: dict[str, Any]) -> list[str]:
    """Return the names of the layers; a ValueError if one is a network, whose weights are in another order here."""
    layers = chain_of(config)[1]
    for layer in layers:
        if layer["class_name"] in NETWORK_MODULES:
            raise ValueError(
                f"an .h5 file takes a network of plain layers, got {layer['config']['name']!r:.60}: use .keras"
            )
    return [str(layer["config"]["name"]) for layer in layers]


def _modern(value: Any, key: str = "") -> Any:
    """Return a description of Keras 2 in the words of Keras 3, in which every object has a module."""
    if isinstance(value, list):
        return [_modern(each, key) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _modern(each, name) for name, each in value.items()}
    kind, config, module = made.get("class_name"), made.get("config"), _MODULES.get(key.rpartition("_")[2])
    if kind is None or not isinstance(config, dict) or "module" in made or module is None:
        return made
    if "batch_input_shape" in config:  # of Keras 2
        shape = config.pop("batch_input_shape")
        config |= {"batch_shape": shape} if kind == "InputLayer" else {"input_shape": shape[1:]}
    return made | description(f"keras.{module}", kind, config)
