"""``.keras`` files: an archive of ``config.json``, which describes the model, and ``model.weights.h5``, its arrays."""

import json
from datetime import UTC, datetime
from typing import BinaryIO

from numpy_nn.names import snake_case
from numpy_nn.saving import hdf5
from numpy_nn.saving.archive import Archive, pack
from numpy_nn.saving.network import Arrays, Saved, layer_paths

# Written for Keras's eyes: files of this version of its format are what these are like.
_KERAS_VERSION = "3.15.1"

_METADATA = "metadata.json"
_CONFIG = "config.json"
_WEIGHTS = "model.weights.h5"


def write(saved: Saved) -> bytes:
    """Return the file's content.

    Raises:
        ImportError: if h5py is not installed.
    """
    inner = saved.config["config"]
    groups: dict[str, tuple[str, Arrays]] = {"vars": (inner["name"], [])}
    names = [layer["config"]["name"] for layer in inner["layers"][1:]]
    for path, name, arrays in zip(layer_paths(saved.config), names, saved.weights, strict=True):
        groups[f"{path}/vars"] = (name, arrays)
    if saved.optimizer:
        optimizer = saved.config["compile_config"]["optimizer"]
        groups["optimizer/vars"] = (snake_case(optimizer["class_name"]), saved.optimizer)
    metadata = {"keras_version": _KERAS_VERSION, "date_saved": f"{datetime.now(UTC):%Y-%m-%d@%H:%M:%S}"}
    return pack(
        {
            _METADATA: json.dumps(metadata).encode(),
            _CONFIG: json.dumps(saved.config).encode(),
            _WEIGHTS: hdf5.write(groups),
        }
    )


def read(file: BinaryIO) -> Saved:
    """Return what an open file holds.

    Raises:
        ValueError: if it is not a model that Keras 3 saved; the message says which member is wrong.
        ImportError: if h5py is not installed.
    """
    archive = Archive(file)
    config = archive.read_json(_CONFIG)
    try:
        paths = layer_paths(config)
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"its member {_CONFIG!r} describes no network: {type(error).__name__}: {error}") from error
    with hdf5.Reader(archive.read(_WEIGHTS), _WEIGHTS) as weights:
        return Saved(config, [weights.arrays(f"{path}/vars") for path in paths], weights.arrays("optimizer/vars"))
