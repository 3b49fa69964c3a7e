"""Saving and loading: an ``.npz`` of plain arrays, a description in JSON among them. Nothing is ever unpickled."""

import json
import zipfile
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn.models import Sequential

FORMAT = "numpy_nn.Sequential"
VERSION = 2


def save_model(model: Sequential, filepath: str | PathLike[str], overwrite: bool = True) -> None:
    """Write a built network, its weights and, if it is compiled, its loss, metrics and optimizer with all state.

    Raises:
        RuntimeError: if the network is not built.
        ValueError: if it holds something of the user's own, which no file can describe.
        FileExistsError: if there is such a file, and ``overwrite`` is False.
        OSError: if the file cannot be written.
    """
    arrays: dict[str, Any] = {f"weight_{index}": array for index, array in enumerate(model.get_weights())}
    description: dict[str, Any] = {"format": FORMAT, "version": VERSION, "model": model.get_config()}
    if model.is_compiled:
        description["compile"] = model.get_compile_config()
        arrays |= {f"state_{name}": array for name, array in model.optimizer.get_state().items()}
    try:
        arrays["description"] = np.frombuffer(json.dumps(description).encode(), np.uint8)
    except TypeError as error:
        raise ValueError(f"only what numpy_nn itself offers can be saved: {error}") from error
    with Path(filepath).open("wb" if overwrite else "xb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_model(filepath: str | PathLike[str]) -> Sequential:
    """Return the network that `save_model` wrote; if it was compiled it goes on training where it stopped.

    A file is data: what it names is looked up among numpy_nn's own layers, losses and so on, and no code of it runs.

    Raises:
        ValueError: if the file is not one that `save_model` wrote.
        OSError: if it cannot be read.
    """
    try:
        # opened here, since np.load leaves a file open that it cannot read
        with Path(filepath).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        description = json.loads(arrays.pop("description").tobytes())
        if description["format"] != FORMAT or description["version"] != VERSION:
            raise ValueError(f"expected format {FORMAT}, version {VERSION}")
        return _build(description, arrays)
    except (KeyError, TypeError, AttributeError, ValueError, EOFError, RecursionError, zipfile.BadZipFile) as error:
        raise ValueError(f"{filepath} is not a network that numpy_nn saved: {error}") from error


def _build(description: dict[str, Any], arrays: dict[str, Any]) -> Sequential:
    model = Sequential.from_config(description["model"])
    model.set_weights([arrays[f"weight_{index}"] for index in range(len(model.weights))])
    if "compile" not in description:
        return model
    chosen = {name: description["compile"][name] for name in ("optimizer", "loss", "metrics", "weighted_metrics")}
    model.compile(**chosen)
    model.optimizer.set_state({name.removeprefix("state_"): array for name, array in arrays.items()})
    return model
