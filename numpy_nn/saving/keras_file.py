"""``.keras`` files: an archive of ``config.json``, which describes the model, and ``model.weights.h5``, its arrays."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import BinaryIO

from numpy_nn.config import KERAS_VERSION
from numpy_nn.names import snake_case
from numpy_nn.saving import hdf5
from numpy_nn.saving.archive import Archive, pack, parse_json
from numpy_nn.saving.saved import Arrays, Saved, leaves_of

_METADATA = "metadata.json"
_CONFIG = "config.json"
_WEIGHTS = "model.weights.h5"


def write(saved: Saved) -> bytes:
    """Return the file's content.

    Raises:
        ImportError: if h5py is not installed.
    """
    leaves = leaves_of(saved.config)
    named = [
        (path, layer["config"]["name"], arrays) for (path, layer), arrays in zip(leaves, saved.weights, strict=True)
    ]
    optimizer = (
        (saved.config["compile_config"]["optimizer"]["class_name"], saved.optimizer) if saved.optimizer else None
    )
    metadata = {"keras_version": KERAS_VERSION, "date_saved": f"{datetime.now(UTC):%Y-%m-%d@%H:%M:%S}"}
    return pack(
        {
            _METADATA: json.dumps(metadata).encode(),
            _CONFIG: json.dumps(saved.config).encode(),
            _WEIGHTS: write_weights(saved.config["config"]["name"], named, optimizer),
        }
    )


def read(file: BinaryIO) -> Saved:
    """Return the content of an open file.

    Raises:
        ValueError: if the file is not a model saved by Keras 3; the message names the invalid member.
        ImportError: if h5py is not installed.
    """
    archive = Archive(file)
    config = parse_json(archive.read(_CONFIG), _CONFIG)
    try:
        paths = [path for path, _ in leaves_of(config)]
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(
            f"the member {_CONFIG!r} does not describe a network: {type(error).__name__}: {error}"
        ) from error
    return Saved(config, *read_weights(archive.read(_WEIGHTS), paths, f"the member {_WEIGHTS!r}"))


def write_weights(name: str, layers: Sequence[tuple[str, str, Arrays]], optimizer: tuple[str, Arrays] | None) -> bytes:
    """Return an HDF5 file of weights in Keras's layout.

    Args:
        name: the name of the network.
        layers: the path, the name and the arrays of each layer except the `Input`.
        optimizer: the class name and the arrays of the optimizer, or None.
    """
    groups: dict[str, tuple[str, Arrays]] = {"vars": (name, [])}
    for path, layer, arrays in layers:
        groups[f"{path}/vars"] = (layer, arrays)
    if optimizer is not None:
        groups["optimizer/vars"] = (snake_case(optimizer[0]), optimizer[1])
    return hdf5.write(groups)


def read_weights(content: bytes, paths: Sequence[str], where: str = "the file") -> tuple[list[Arrays], Arrays]:
    """Return the arrays of the layers at ``paths``, and those of the optimizer.

    Raises:
        ValueError: if the content is invalid; the message names the place.
    """
    with closing(hdf5.Reader(content, where)) as weights:
        return [weights.arrays(f"{path}/vars") for path in paths], weights.arrays("optimizer/vars")
