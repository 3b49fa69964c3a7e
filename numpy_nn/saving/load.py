"""Loading networks, and reading a Keras model in memory through its methods, without importing Keras."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from numpy_nn.models.model import Model
from numpy_nn.names import description
from numpy_nn.registration import NETWORK_MODULES, custom_object_scope
from numpy_nn.saving import keras_file, legacy, npz
from numpy_nn.saving.archive import parse_json
from numpy_nn.saving.restore import from_description, restore
from numpy_nn.saving.save import LEGACY_SUFFIXES, SUFFIXES, path_ending_in
from numpy_nn.saving.saved import Saved

# An error may quote what the file holds.
_MOST_WORDS = 500


def load_model(
    filepath: str | PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002 - Keras's name
    safe_mode: bool = True,
) -> Model:
    """Load a network from a file; if it was saved compiled, training continues where it stopped.

    Matches ``keras.saving.load_model`` for models that are a chain of layers.

    Args:
        filepath: the path, which ends in ``.keras``, ``.npz``, or ``.h5`` or ``.hdf5``, Keras's older format.
        custom_objects: classes and functions that the file names, by their names; others can be registered with
            `register_keras_serializable`.
        compile: whether to restore loss, metrics and optimizer.
        safe_mode: must be true: code in a file is never run.

    Raises:
        ValueError: if the file is not a valid model, or a part of it is not supported; the message names the file and
            the part.
        OSError: if the file cannot be read.
        ImportError: if the file needs h5py, which is not installed.
    """
    if not safe_mode:
        raise ValueError("safe_mode must be true: code in a file is never run")
    path = path_ending_in(SUFFIXES, filepath, "a network's file")
    with path.open("rb") as file, custom_object_scope(custom_objects):
        try:
            if path.suffix in LEGACY_SUFFIXES:
                saved = legacy.read(file.read())
            else:
                saved = keras_file.read(file) if path.suffix == ".keras" else npz.read(file)
            return restore(saved, compiled=compile)
        except (ValueError, OSError) as error:  # h5py raises OSErrors that do not name the file
            raise ValueError(f"cannot load a network from {path}: {str(error)[:_MOST_WORDS]}") from error


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Model:
    """Build the network that ``to_json``, or Keras's, describes, with new weights.

    Matches ``keras.models.model_from_json``: the network is compiled if the one described was.

    Raises:
        ValueError: if the text does not describe a network, or a part of it is not supported.
    """
    with custom_object_scope(custom_objects):
        return from_description(parse_json(json_string.encode(), "json_string"))


def from_keras(model: Any) -> Model:  # a Keras model; this package does not import Keras
    """Build a network with the weights of a Keras model and, if it is compiled, its optimizer's state.

    The model is a ``keras.Sequential``, or a functional ``keras.Model`` that is a chain of layers. The arrays are
    copied: training one does not change the other.

    Raises:
        TypeError: if ``model`` is not a Keras model.
        ValueError: if the model is not a chain of layers, or a part of it is not supported.
    """
    kind = type(model)
    if not f"{kind.__module__}.".startswith("keras.") or kind.__name__ not in NETWORK_MODULES:
        raise TypeError(f"from_keras expects a keras.Sequential or a functional keras.Model, got {model!r:.200}")
    if not model.built:
        raise ValueError("the Keras model is not built: give it an Input, or call it once")
    config = description(NETWORK_MODULES[kind.__name__], kind.__name__, model.get_config())
    config["compile_config"] = model.get_compile_config()
    optimizer = getattr(model, "optimizer", None)
    saved = Saved(
        _plain(config),
        [[np.array(array) for array in layer.get_weights()] for layer in _leaves(model)],
        [] if optimizer is None else [np.array(variable.numpy()) for variable in optimizer.variables],
    )
    return restore(saved)


def _leaves(model: Any) -> list[Any]:
    """Return the layers of a Keras model, except the `Input`, with those of inner networks."""
    layers: list[Any] = []
    for layer in model.layers:
        if type(layer).__name__ != "InputLayer":
            layers += _leaves(layer) if hasattr(layer, "layers") else [layer]
    return layers


def _plain(value: Any) -> Any:
    """Return a config converted to JSON types."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
