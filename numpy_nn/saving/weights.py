"""Files of weights, with the optimizer's state: ``.weights.h5``, Keras's format, and ``.weights.npz``."""

import warnings
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Protocol

from numpy_nn.arrays import FloatArray
from numpy_nn.layers import serialize as described
from numpy_nn.layers.layer import Layer
from numpy_nn.optimizers import Optimizer
from numpy_nn.saving import keras_file, legacy, npz
from numpy_nn.saving.saved import Arrays, Saved, leaves_of
from numpy_nn.saving.slots import read_slots, write_slots


class Network(Protocol):
    """What reading and writing weights uses of a network."""

    name: str

    @property
    def leaves(self) -> Sequence[Layer]:
        """The layers, without the `Input`, with those of inner networks."""

    @property
    def is_compiled(self) -> bool:
        """Whether the network has an optimizer."""

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer of a compiled network."""

    def get_weights(self) -> list[FloatArray]:
        """Return copies of all weights; a RuntimeError if the network is not built."""

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set all weights."""


def arrays_of(model: Network) -> tuple[list[Arrays], Arrays]:
    """Return the weights of each layer, and the optimizer's state; a RuntimeError if the network is not built."""
    model.get_weights()  # raises the error
    return [layer.get_weights() for layer in model.leaves], read_slots(model.optimizer) if model.is_compiled else []


def write(model: Network, path: Path) -> bytes:
    """Return the content of a file; the ending of ``path`` selects the format.

    Raises:
        RuntimeError: if the network is not built.
        ImportError: if h5py is needed and not installed.
    """
    weights, state = arrays_of(model)
    if path.name.endswith(".npz"):
        return npz.write(Saved({}, weights, state))
    names = [layer.name for layer in model.leaves]
    layers = list(zip(_paths(model), names, weights, strict=True))
    optimizer = (type(model.optimizer).__name__, state) if model.is_compiled else None
    return keras_file.write_weights(model.name, layers, optimizer)


def read(model: Network, path: Path) -> Saved:
    """Return the weights and, if present, the optimizer's state that a file holds for a network.

    Raises:
        ValueError: if the file is invalid.
        OSError: if the file cannot be read.
        ImportError: if h5py is needed and not installed.
    """
    if path.name.endswith(".npz"):
        with path.open("rb") as file:
            return npz.read(file, npz.WEIGHTS_FORMAT)
    if path.suffix == ".keras":
        with path.open("rb") as file:
            return keras_file.read(file)
    if not path.name.endswith(".weights.h5"):
        return Saved({}, _of_layers(model, legacy.read_weights(path.read_bytes())), [])
    return Saved({}, *keras_file.read_weights(path.read_bytes(), _paths(model)))


def _paths(model: Network) -> list[str]:
    """Return the place of each layer's weights in Keras's files."""
    return [path for path, _ in leaves_of(described(model))]


def _of_layers(model: Network, found: Sequence[Arrays]) -> list[Arrays]:
    """Return arrays for each layer of a network, from those of layers that have some."""
    having = [layer for layer in model.leaves if layer.specified]
    if len(found) != len(having):
        raise ValueError(f"it has weights for {len(found)} layers, and the network has {len(having)} with weights")
    arrays = iter(found)
    return [next(arrays) if layer.specified else [] for layer in model.leaves]


def set_weights(model: Network, by_layer: Sequence[Arrays], *, skip_mismatch: bool = False) -> None:
    """Set the network's weights; with ``skip_mismatch``, layers that they do not fit keep theirs, with a warning.

    Raises:
        ValueError: if weights do not fit and ``skip_mismatch`` is false; then nothing is changed.
    """
    if len(by_layer) != len(model.leaves):
        raise ValueError(f"it has weights for {len(by_layer)} layers, and the network has {len(model.leaves)}")
    weights: list[Arrays] = []
    for layer, given in zip(model.leaves, by_layer, strict=True):
        own = layer.get_weights()
        wanted, got = [each.shape for each in own], [each.shape for each in given]
        if wanted != got and not skip_mismatch:
            raise ValueError(f"the weights of {layer.name:.60} must have the shapes {wanted}, got {got}")
        if wanted != got:
            warnings.warn(f"skipped the weights of {layer.name}: expected the shapes {wanted}, got {got}", stacklevel=5)
        weights.append(given if wanted == got else own)
    model.set_weights(list(chain.from_iterable(weights)))


def restore(model: Network, saved: Saved, *, skip_mismatch: bool) -> None:
    """Set the network's weights and, if it is compiled and the state fits, its optimizer's state; see `set_weights`."""
    set_weights(model, saved.weights, skip_mismatch=skip_mismatch)
    if model.is_compiled:
        try:
            write_slots(model.optimizer, saved.optimizer)
        except ValueError as error:  # of another optimizer; the weights are restored all the same
            warnings.warn(f"the optimizer's state was not restored: {error}", stacklevel=4)
