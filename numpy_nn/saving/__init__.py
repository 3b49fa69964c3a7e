"""Saving and loading: ``.keras`` files, which Keras reads and writes too, and ``.npz`` files, for which NumPy suffices.

    save_model(model, "model.keras")
    model = load_model("model.keras")        # weights, and if it is compiled the optimizer with all its state
    model = from_keras(keras_model)          # the same of a model that Keras holds in memory

A file is data: nothing in it is unpickled, imported or run, and what it claims to hold is compared with its size before
memory is set aside for it. Where to look: ``serialization`` for objects as Keras's dictionaries, ``network`` for whole
networks, ``slots`` for the order of an optimizer's state, ``archive`` and ``hdf5`` for what is refused.
"""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy_nn.models import Sequential

# What reads and writes files is imported when it is used: importing numpy_nn is to take little longer than NumPy.

_SUFFIXES = (".keras", ".npz")


def save_model(model: "Sequential", filepath: str | PathLike[str], overwrite: bool = True) -> None:
    """Write a built network, its weights and, if it is compiled, its optimizer with all state.

    Matches ``keras.saving.save_model``. A ``.keras`` file opens in Keras, and goes on training there; it needs h5py. An
    ``.npz`` file is for NumPy alone. Either is complete before an older one of its name is replaced.

    Raises:
        ValueError: if the path ends in neither ``.keras`` nor ``.npz``, or the network has a part that no file can
            describe, such as a layer of your own.
        RuntimeError: if the network is not built.
        OSError: if the file cannot be written; a FileExistsError if it is there already and ``overwrite`` is false.
        ImportError: if a ``.keras`` file is wanted and h5py is not installed.
    """
    from numpy_nn.saving import keras_file, network, npz

    path = _path(filepath)
    if not overwrite and path.exists():
        raise FileExistsError(f"{path} is there already, and overwrite=False")
    saved = network.describe(model)
    content = keras_file.write(saved) if path.suffix == ".keras" else npz.write(saved)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def load_model(
    filepath: str | PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002 - Keras's name
    safe_mode: bool = True,
) -> "Sequential":
    """Return the network that a file holds; if it was compiled there, it goes on training where it stopped.

    Matches ``keras.saving.load_model``, for models that are a chain of layers, with one input and one output. With
    ``compile=False`` loss, metrics and optimizer are left in the file.

    Raises:
        ValueError: if the file is no such model, or a part of it is not known here; the message names the file and
            what in it. Also if there are ``custom_objects``, or ``safe_mode`` is off: code in a file is never run.
        OSError: if it cannot be read.
        ImportError: if it is a ``.keras`` file and h5py is not installed.
    """
    from numpy_nn.saving import keras_file, network, npz

    if custom_objects or not safe_mode:
        raise ValueError("load_model knows numpy_nn's own classes alone: leave out custom_objects and safe_mode")
    path = _path(filepath)
    read, kind = (keras_file.read, "Keras") if path.suffix == ".keras" else (npz.read, "numpy_nn")
    with path.open("rb") as file:
        try:
            return network.restore(read(file), compiled=compile)
        except ValueError as error:
            raise ValueError(f"{path} is not a network that {kind} saved: {error}") from error


def from_keras(model: Any) -> "Sequential":  # of Keras, which this package does not import
    """Return a network with the weights of a Keras model, and its optimizer's state if it is compiled.

    The model is a ``keras.Sequential``, or a functional ``keras.Model`` that is one chain of layers. The two share no
    memory: training one leaves the other as it is.

    Raises:
        TypeError: if it is no model of Keras's.
        ValueError: if it is no chain, or a part of it is not known here.
    """
    from numpy_nn.saving import live, network

    return network.restore(live.read(model))


def _path(filepath: str | PathLike[str]) -> Path:
    path = Path(filepath)
    if path.suffix not in _SUFFIXES:
        raise ValueError(f"a network's file must end in .keras or .npz, got {str(path)!r}")
    return path
