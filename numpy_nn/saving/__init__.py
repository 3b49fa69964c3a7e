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

    path = _path(filepath, _SUFFIXES, "a network's file")
    _check_free(path, overwrite)
    saved = network.describe(model)
    _replace(path, keras_file.write(saved) if path.suffix == ".keras" else npz.write(saved))


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
    path = _path(filepath, _SUFFIXES, "a network's file")
    read, kind = (keras_file.read, "Keras") if path.suffix == ".keras" else (npz.read, "numpy_nn")
    with path.open("rb") as file:
        try:
            return network.restore(read(file), compiled=compile)
        except ValueError as error:
            raise ValueError(f"{path} is not a network that {kind} saved: {error}") from error


def save_weights(model: "Sequential", filepath: str | PathLike[str], overwrite: bool = True) -> None:
    """Write the weights of a built network, and if it is compiled its optimizer's state.

    A ``.weights.h5`` file is one that ``save_weights`` and ``load_weights`` of Keras's models write and read; it needs
    h5py. A ``.weights.npz`` file is for NumPy alone. Either is complete before an older one of its name is replaced.

    Raises:
        ValueError: if the path has another ending.
        RuntimeError: if the network is not built.
        OSError: if the file cannot be written; a FileExistsError if it is there already and ``overwrite`` is false.
        ImportError: if a ``.weights.h5`` file is wanted and h5py is not installed.
    """
    from numpy_nn.saving import weights

    path = _path(filepath, weights.SUFFIXES, "a file of weights")
    _check_free(path, overwrite)
    _replace(path, weights.write(model, path))


def load_weights(model: "Sequential", filepath: str | PathLike[str], skip_mismatch: bool = False) -> None:
    """Set a built network's weights to those that `save_weights`, or Keras's method of that name, wrote.

    If the network is compiled, its optimizer goes on with the state in the file; it starts anew, with a warning, if
    that is the state of another optimizer.

    Args:
        model: the network.
        filepath: ends in ``.weights.h5`` or ``.weights.npz``.
        skip_mismatch: whether layers keep their weights, with a warning, where those in the file have other shapes.

    Raises:
        ValueError: if the file is not such a file, or its weights do not fit; nothing is changed then.
        RuntimeError: if the network is not built.
        OSError: if it cannot be read.
        ImportError: if it is a ``.weights.h5`` file and h5py is not installed.
    """
    from numpy_nn.saving import weights

    path = _path(filepath, weights.SUFFIXES, "a file of weights")
    model.get_weights()  # refuses a network that is not built
    try:
        weights.restore(model, weights.read(model, path), skip_mismatch=skip_mismatch)
    except ValueError as error:
        raise ValueError(f"{path} holds no weights for this network: {error}") from error


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


def _path(filepath: str | PathLike[str], suffixes: tuple[str, ...], what: str) -> Path:
    path = Path(filepath)
    if not path.name.endswith(suffixes):
        raise ValueError(f"{what} must end in {' or '.join(suffixes)}, got {str(path)!r}")
    return path


def _check_free(path: Path, overwrite: bool) -> None:
    if not overwrite and path.exists():
        raise FileExistsError(f"{path} is there already, and overwrite=False")


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside the one of its name, and put it in its place when it is complete."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)
