"""``.npz`` files: an archive of plain arrays, NumPy's own, with the description in JSON among them."""

import io
import json
import tokenize
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from numpy_nn.saving.archive import Archive, parse_json
from numpy_nn.saving.network import Arrays, Saved

FORMAT = "numpy_nn.Sequential"
VERSION = 3


def write(saved: Saved) -> bytes:
    """Return the file's content."""
    description = {
        "format": FORMAT,
        "version": VERSION,
        "model": saved.config,
        "weights": [len(arrays) for arrays in saved.weights],
        "optimizer": len(saved.optimizer),
    }
    arrays: dict[str, Any] = {"description": np.frombuffer(json.dumps(description).encode(), np.uint8)}
    for layer, of_layer in enumerate(saved.weights):
        arrays |= {f"layer_{layer}_{index}": array for index, array in enumerate(of_layer)}
    arrays |= {f"optimizer_{index}": array for index, array in enumerate(saved.optimizer)}
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def read(file: BinaryIO) -> Saved:
    """Return what an open file holds.

    Raises:
        ValueError: if it is not what `write` returned; the message says which member is wrong.
    """
    archive = Archive(file)
    description = parse_json(_array(archive, "description").tobytes(), "description.npy")
    if (description.get("format"), description.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"expected the format {FORMAT!r} of version {VERSION}")
    config, counts, states = (description.get(key) for key in ("model", "weights", "optimizer"))
    if not isinstance(config, dict) or not isinstance(counts, list) or not _are_counts([*counts, states]):
        raise ValueError("its description must hold a model, the number of its weights by layer and of its state")
    weights: list[Arrays] = [
        [_array(archive, f"layer_{layer}_{index}") for index in range(number)] for layer, number in enumerate(counts)
    ]
    return Saved(config, weights, [_array(archive, f"optimizer_{index}") for index in range(states or 0)])


def _are_counts(values: list[Any]) -> bool:
    return all(isinstance(value, int) and value >= 0 for value in values)


def _array(archive: Archive, name: str) -> np.ndarray[Any, Any]:
    """Return a member's array of numbers; nothing is set aside for it before its shape is compared with its bytes."""
    stream = io.BytesIO(archive.read(f"{name}.npy"))
    try:
        if npy.read_magic(stream) != (1, 0):
            raise ValueError("another version of the npy format")
        shape, by_columns, dtype = npy.read_array_header_1_0(stream)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError, Warning) as error:
        raise ValueError(f"its member '{name}.npy' is no array: {error}") from error
    data = stream.read()
    if dtype.kind not in "fiu":
        raise ValueError(f"its member '{name}.npy' must hold real numbers, got the type {dtype}")
    if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"its member '{name}.npy' has the shape {shape} of {dtype}, but {len(data)} bytes")
    values = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))
    return values.reshape(shape, order="F" if by_columns else "C")
