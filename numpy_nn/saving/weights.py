"""Weights alone, and the optimizer's state with them: ``.weights.h5`` as Keras has it, and ``.weights.npz``."""

import warnings
from itertools import chain
from pathlib import Path

from numpy_nn.models import Sequential
from numpy_nn.saving import keras_file, npz, slots
from numpy_nn.saving.network import Arrays, Saved

SUFFIXES = (".weights.h5", ".weights.npz")


def write(model: Sequential, path: Path) -> bytes:
    """Return the content of a file of that name.

    Raises:
        RuntimeError: if the network is not built.
        ImportError: if h5py is wanted and not installed.
    """
    model.get_weights()  # refuses a network that is not built
    weights = [layer.get_weights() for layer in model.layers]
    state = slots.read(model) if model.is_compiled else []
    if path.name.endswith(".npz"):
        return npz.write_arrays(weights, state)
    layers = [(type(layer).__name__, layer.name, arrays) for layer, arrays in zip(model.layers, weights, strict=True)]
    optimizer = (type(model.optimizer).__name__, state) if model.is_compiled else None
    return keras_file.write_weights(model.name, layers, optimizer)


def read(model: Sequential, path: Path) -> Saved:
    """Return the weights, and the optimizer's state if there is one, that the file holds for such a network.

    Raises:
        ValueError: if it is not such a file.
        OSError: if it cannot be read.
        ImportError: if h5py is needed and not installed.
    """
    if path.name.endswith(".npz"):
        with path.open("rb") as file:
            return Saved({}, *npz.read_arrays(file))
    paths = keras_file.layer_paths([type(layer).__name__ for layer in model.layers])
    return Saved({}, *keras_file.read_weights(path.read_bytes(), paths))


def restore(model: Sequential, saved: Saved, *, skip_mismatch: bool) -> None:
    """Give the network the weights, and its optimizer the state, if it is compiled and the state is one of its kind.

    Raises:
        ValueError: if weights do not fit and are not to be skipped; nothing is changed then.
    """
    if len(saved.weights) != len(model.layers):
        raise ValueError(f"it has weights for {len(saved.weights)} layers, and the network has {len(model.layers)}")
    weights: list[Arrays] = []
    for layer, given in zip(model.layers, saved.weights, strict=True):
        own = layer.get_weights()
        wanted, got = [each.shape for each in own], [each.shape for each in given]
        if wanted != got and not skip_mismatch:
            raise ValueError(f"the weights of {layer.name} must have the shapes {wanted}, got {got}")
        if wanted != got:
            warnings.warn(f"the weights of {layer.name} stay: they have the shapes {wanted}, not {got}", stacklevel=4)
        weights.append(given if wanted == got else own)
    model.set_weights(list(chain.from_iterable(weights)))
    if model.is_compiled:
        try:
            slots.write(model, saved.optimizer)
        except ValueError as error:  # that of another optimizer; the weights are what was asked for
            warnings.warn(f"the optimizer starts anew: {error}", stacklevel=4)
