"""``.npz`` files: NumPy's archives of arrays, one of which holds the description as JSON."""

import io
import json
import tokenize
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from numpy_nn.saving.archive import Archive, parse_json
from numpy_nn.saving.saved import Arrays, Saved

FORMAT = "numpy_nn.Sequential"
WEIGHTS_FORMAT = "numpy_nn.weights"
VERSION = 3


def write(saved: Saved) -> bytes:
    """Return the file's content; without a config, that of a file of weights."""
    description = {
        "format": FORMAT if saved.config else WEIGHTS_FORMAT,
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


def read(file: BinaryIO, form: str = FORMAT) -> Saved:
    """Return the content of an open file of one of the two formats.

    Raises:
        ValueError: if `write` did not create the file in this format; the message names the invalid member.
    """
    archive = Archive(file)
    description = parse_json(_array(archive, "description").tobytes(), "description.npy")
    if (description.get("format"), description.get("version")) != (form, VERSION):
        raise ValueError(f"expected the format {form!r} of version {VERSION}")
    counts, states = description.get("weights"), description.get("optimizer")
    if not isinstance(counts, list) or not all(isinstance(each, int) and each >= 0 for each in [*counts, states]):
        raise ValueError("the description must contain the number of weights of each layer and of the optimizer")
    weights: list[Arrays] = [
        [_array(archive, f"layer_{layer}_{index}") for index in range(number)] for layer, number in enumerate(counts)
    ]
    optimizer = [_array(archive, f"optimizer_{index}") for index in range(states or 0)]
    config = description.get("model", {})
    if not isinstance(config, dict):
        raise ValueError("the description must contain a model")
    return Saved(config, weights, optimizer)


def _array(archive: Archive, name: str) -> np.ndarray[Any, Any]:
    """Return the array in a member; its shape is compared with its bytes before memory is allocated."""
    stream = io.BytesIO(archive.read(f"{name}.npy"))
    try:
        if npy.read_magic(stream) != (1, 0):
            raise ValueError("another version of the npy format")
        shape, by_columns, dtype = npy.read_array_header_1_0(stream)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError, Warning) as error:
        raise ValueError(f"the member '{name}.npy' is not an array: {error}") from error
    data = stream.read()
    if dtype.kind not in "fiu":
        raise ValueError(f"the member '{name}.npy' must contain real numbers, got the type {dtype}")
    if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"the member '{name}.npy' has the shape {shape} of {dtype}, but {len(data)} bytes")
    values = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))
    return values.reshape(shape, order="F" if by_columns else "C")
