"""Loading networks. Only the functions in this module build a network."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from numpy_nn.saving.save import SUFFIXES, path_ending_in

if TYPE_CHECKING:
    from numpy_nn.models.sequential import Sequential

# The modules that read files are imported when used, as in `numpy_nn.saving.save`.


def load_model(
    filepath: str | PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002 - Keras's name
    safe_mode: bool = True,
) -> Sequential:
    """Load a network from a file; if it was saved compiled, training continues where it stopped.

    Matches ``keras.saving.load_model`` for models that are a chain of layers. ``compile=False`` does not restore loss,
    metrics and optimizer.

    Raises:
        ValueError: if the file is not a valid model, or a part of it is not supported; the message names the file and
            the part. Also if ``custom_objects`` is given or ``safe_mode`` is false: code in a file is never run.
        OSError: if the file cannot be read.
        ImportError: if the file is a ``.keras`` file and h5py is not installed.
    """
    from numpy_nn.saving import keras_file, npz, restore

    if custom_objects or not safe_mode:
        raise ValueError("load_model supports only numpy_nn's classes: omit custom_objects and safe_mode")
    path = path_ending_in(SUFFIXES, filepath, "a network's file")
    read, kind = (keras_file.read, "Keras") if path.suffix == ".keras" else (npz.read, "numpy_nn")
    with path.open("rb") as file:
        try:
            return restore.restore(read(file), compiled=compile)
        except ValueError as error:
            raise ValueError(f"{path} is not a network that {kind} saved: {error}") from error


def from_keras(model: Any) -> Sequential:  # a Keras model; this package does not import Keras
    """Build a network with the weights of a Keras model and, if it is compiled, its optimizer's state.

    The model is a ``keras.Sequential``, or a functional ``keras.Model`` that is a chain of layers. The arrays are
    copied: training one does not change the other.

    Raises:
        TypeError: if ``model`` is not a Keras model.
        ValueError: if the model is not a chain of layers, or a part of it is not supported.
    """
    from numpy_nn.saving import live, restore

    return restore.restore(live.read(model))
