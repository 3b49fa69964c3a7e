"""Saving networks and weights, and loading weights into a network. Nothing here builds a network."""

import warnings
from os import PathLike
from pathlib import Path
from typing import Any

from numpy_nn.saving import keras_file, legacy, npz, weights
from numpy_nn.saving.describe import describe

LEGACY_SUFFIXES = (".h5", ".hdf5")
SUFFIXES = (".keras", ".npz", *LEGACY_SUFFIXES)
WEIGHTS_SUFFIXES = (".weights.h5", ".weights.npz")


def save_model(
    model: Any,
    filepath: str | PathLike[str],
    overwrite: bool = True,
    zipped: bool | None = None,
    *,
    include_optimizer: bool = True,
    save_format: str | None = None,
) -> None:
    """Write a built network: its weights and, if it is compiled, its optimizer with its state.

    Matches ``keras.saving.save_model``. Keras can open a ``.keras`` file, and the older ``.h5`` or ``.hdf5``, and
    continue training; they need h5py. An ``.npz`` file needs only NumPy. An existing file is replaced only when the
    new one is complete.

    Args:
        model: the network.
        filepath: the path; its ending selects the format.
        overwrite: whether to replace an existing file.
        zipped: must not be false: a ``.keras`` file is an archive.
        include_optimizer: whether to write how the network is compiled; a ``.keras`` file has it in any case.
        save_format: of Keras 2; the ending of the path replaces it.

    Raises:
        ValueError: if the path has another ending, an argument is not supported, or a part of the network cannot be
            saved, such as a function without a name.
        RuntimeError: if the network is not built.
        OSError: if the file cannot be written; a FileExistsError if it exists and ``overwrite`` is false.
        ImportError: if the file needs h5py, which is not installed.
    """
    if zipped is False:
        raise ValueError("zipped must be None or True: a network is saved as one file")
    if save_format:
        _check_format(save_format, str(filepath))
    path = path_ending_in(SUFFIXES, filepath, "a network's file")
    _check_free(path, overwrite)
    saved = describe(model)
    if path.suffix == ".keras":
        content = keras_file.write(saved)
    else:
        if not include_optimizer:
            saved.config.pop("compile_config", None)
            saved = saved._replace(optimizer=[])
        names = [[each.name for each in layer.specified] for layer in model.leaves]
        content = npz.write(saved) if path.suffix == ".npz" else legacy.write(saved, names)
    _replace(path, content)


def save_weights(model: weights.Network, filepath: str | PathLike[str], overwrite: bool = True) -> None:
    """Write the weights of a built network and, if it is compiled, its optimizer's state.

    A ``.weights.h5`` file has the format of Keras's ``save_weights`` and ``load_weights``; it needs h5py. A
    ``.weights.npz`` file needs only NumPy. An existing file is replaced only when the new one is complete.

    Raises:
        ValueError: if the path does not end in ``.weights.h5`` or ``.weights.npz``.
        RuntimeError: if the network is not built.
        OSError: if the file cannot be written; a FileExistsError if it exists and ``overwrite`` is false.
        ImportError: if a ``.weights.h5`` file is requested and h5py is not installed.
    """
    path = path_ending_in(WEIGHTS_SUFFIXES, filepath, "a file of weights")
    _check_free(path, overwrite)
    _replace(path, weights.write(model, path))


def load_weights(model: weights.Network, filepath: str | PathLike[str], skip_mismatch: bool = False) -> None:
    """Set the weights of a built network from a file that `save_weights` or Keras's ``save_weights`` wrote.

    If the network is compiled, its optimizer's state is restored too; if the state in the file belongs to another
    optimizer, it is ignored with a warning.

    Args:
        model: the network.
        filepath: the path, which ends in ``.weights.h5`` or ``.weights.npz``; or a file of a network, ``.keras`` or the
            older ``.h5`` and ``.hdf5``, or of weights in the older format, whose layers are taken in their order.
        skip_mismatch: whether layers keep their weights, with a warning, if the shapes in the file differ.

    Raises:
        ValueError: if the file is invalid or its weights do not fit; then nothing is changed.
        RuntimeError: if the network is not built.
        OSError: if the file cannot be read.
        ImportError: if the file needs h5py, which is not installed.
    """
    path = path_ending_in((*WEIGHTS_SUFFIXES, ".keras", *LEGACY_SUFFIXES), filepath, "a file of weights")
    model.get_weights()  # raises a RuntimeError if the network is not built
    try:
        weights.restore(model, weights.read(model, path), skip_mismatch=skip_mismatch)
    except ValueError as error:
        raise ValueError(f"{path} holds no weights for this network: {error}") from error


def path_ending_in(suffixes: tuple[str, ...], filepath: str | PathLike[str], what: str) -> Path:
    """Return the path if it has one of the endings; otherwise raise a ValueError."""
    path = Path(filepath)
    if not path.name.endswith(suffixes):
        raise ValueError(f"{what} must end in {', '.join(suffixes[:-1])} or {suffixes[-1]}, got {str(path)!r}")
    return path


def _check_format(save_format: str, path: str) -> None:
    """Raise a ValueError if the path does not end in the format, as in Keras 3; otherwise warn."""
    if not path.endswith((".keras", *LEGACY_SUFFIXES)):
        raise ValueError(
            f"save_format is gone since Keras 3: omit it, and end the path in .keras or .h5, got {save_format!r} for "
            f"{path!r}"
        )
    warnings.warn(f"save_format={save_format!r} is ignored: the ending of the path selects the format", stacklevel=3)


def _check_free(path: Path, overwrite: bool) -> None:
    if not overwrite and path.exists():
        raise FileExistsError(f"{path} exists, and overwrite=False")


def _replace(path: Path, content: bytes) -> None:
    """Write the content to a temporary file, and rename it when it is complete."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)
