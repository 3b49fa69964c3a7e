"""Saving and loading: an ``.npz`` of plain arrays, a description in JSON among them. Nothing is ever unpickled."""

import json
import zipfile
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn.layers import Dense, Input
from numpy_nn.losses import LOSSES
from numpy_nn.models import Sequential
from numpy_nn.names import find
from numpy_nn.optimizers import OPTIMIZERS

FORMAT = "numpy_nn.Sequential"
VERSION = 1


def save_model(model: Sequential, path: str | PathLike[str], overwrite: bool = True) -> None:
    """Write a built network, its weights and, if it is compiled, its optimizer with all state.

    Raises:
        RuntimeError: if the network is not built.
        OSError: if the file cannot be written.
    """
    weights = model.get_weights()
    dense = [layer for layer in model.layers if isinstance(layer, Dense)]
    if len(dense) != len(model.layers):
        raise ValueError("an .npz file holds networks of dense layers alone")
    description: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "dtype": model.dtype.name,
        "inputs": model.input_shape[1],
        "layers": [{"units": layer.units, "activation": layer.activation.name} for layer in dense],
    }
    arrays: dict[str, Any] = {f"weight_{index}": array for index, array in enumerate(weights)}
    if model.is_compiled:
        optimizer, loss = model.optimizer, model.loss
        description["loss"] = {"name": loss.name, "from_logits": loss.from_logits}
        description["optimizer"] = {"name": optimizer.name, **optimizer.get_config()}
        description["iterations"] = optimizer.iterations
        description["metrics"] = [metric.name for metric in model.metrics]
        arrays |= {f"state_{name}": getattr(optimizer, name) for name in optimizer.state_names}
    arrays["description"] = np.frombuffer(json.dumps(description).encode(), np.uint8)
    with Path(path).open("wb" if overwrite else "xb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_model(path: str | PathLike[str]) -> Sequential:
    """Return the network that `save_model` wrote; if it was compiled it goes on training where it stopped.

    Raises:
        ValueError: if the file is not one that `save_model` wrote.
        OSError: if it cannot be read.
    """
    try:
        # opened here, since np.load leaves a file open that it cannot read
        with Path(path).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        description = json.loads(arrays.pop("description").tobytes())
        if description["format"] != FORMAT or description["version"] != VERSION:
            raise ValueError(f"expected format {FORMAT}, version {VERSION}")
        return _build(description, arrays)
    except (KeyError, TypeError, AttributeError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a network that numpy_nn saved: {error}") from error


def _build(description: dict[str, Any], arrays: dict[str, Any]) -> Sequential:
    layers = [Dense(layer["units"], layer["activation"]) for layer in description["layers"]]
    model = Sequential([Input((description["inputs"],)), *layers], dtype=description["dtype"])
    model.set_weights([arrays[f"weight_{index}"] for index in range(2 * len(layers))])
    if "optimizer" not in description:
        return model
    options = dict(description["optimizer"])
    optimizer = find("optimizer", options.pop("name"), OPTIMIZERS)(**options)
    loss = find("loss", description["loss"]["name"], LOSSES)()
    loss.from_logits = description["loss"]["from_logits"]
    model.compile(optimizer, loss, metrics=description["metrics"])
    optimizer.iterations = int(description["iterations"])
    for name in optimizer.state_names:
        getattr(optimizer, name)[...] = arrays[f"state_{name}"]
    return model
