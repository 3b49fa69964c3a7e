"""Every random number of a trial, from its seed: initial weights and the order of rows; and the hashes that prove it.

A contender draws nothing itself, so two trials of one seed differ in the implementation alone. The streams for weights
and for orders are independent of each other.
"""

import hashlib
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NoReturn

import numpy as np

from bench.core.spec import AnyArray, FloatArray, IntArray, NetworkSpec, Scenario

_WEIGHTS, _ORDERS = 1, 2


def initial_weights(scenario: Scenario, seed: int) -> list[FloatArray]:
    """Return float64 kernel (inputs, units) and bias (units,) of each layer, drawn by the scenario's initializer."""
    return INITIALIZERS[scenario.initializer](scenario.network, seed)


def glorot_uniform(network: NetworkSpec, seed: int) -> list[FloatArray]:
    """Draw kernels from ± sqrt(6 / (inputs + units)); biases are zero. Glorot and Bengio, 2010; Keras's default."""
    rng = np.random.default_rng([seed, _WEIGHTS])
    weights: list[FloatArray] = []
    for layer in network.layers:
        limit = math.sqrt(6.0 / (layer.inputs + layer.units))
        weights += [rng.uniform(-limit, limit, (layer.inputs, layer.units)), np.zeros(layer.units)]
    return weights


def article_normal(network: NetworkSpec, seed: int) -> list[FloatArray]:
    """Draw kernels and biases as the article does: 0.1 times a standard normal, from the legacy generator.

    The draws come layer by layer, first the weights as (units, inputs), then the biases, so a seed gives exactly the
    numbers that the article started from.
    """
    legacy = np.random.RandomState(seed)
    weights: list[FloatArray] = []
    for layer in network.layers:
        kernel = 0.1 * legacy.standard_normal((layer.units, layer.inputs))
        bias = 0.1 * legacy.standard_normal((layer.units, 1))
        weights += [np.ascontiguousarray(kernel.T), bias[:, 0]]
    return weights


def article_normal_zero_bias(network: NetworkSpec, seed: int) -> list[FloatArray]:
    """Draw the kernels that `article_normal` draws; biases are zero."""
    return [array if array.ndim == 2 else np.zeros_like(array) for array in article_normal(network, seed)]


def glorot_uniform_drawn_bias(network: NetworkSpec, seed: int) -> list[FloatArray]:
    """Draw the kernels that `glorot_uniform` draws, and the biases that `article_normal` draws."""
    return [
        *itertools.chain(*zip(glorot_uniform(network, seed)[0::2], article_normal(network, seed)[1::2], strict=True))
    ]


INITIALIZERS: dict[str, Callable[[NetworkSpec, int], list[FloatArray]]] = {
    "article_normal": article_normal,
    "article_normal_zero_bias": article_normal_zero_bias,
    "glorot_uniform": glorot_uniform,
    "glorot_uniform_drawn_bias": glorot_uniform_drawn_bias,
}


class Orders:
    """The order of rows in every epoch, one permutation at a time; iterating again yields the same permutations.

    It has no items by number: each permutation is drawn after the one before it.
    """

    def __init__(self, rows: int, epochs: int, seed: int, *, shuffle: bool) -> None:
        self._rows = rows
        self._epochs = epochs
        self._seed = seed
        self._shuffle = shuffle

    def __len__(self) -> int:
        return self._epochs

    def __getitem__(self, epoch: object) -> NoReturn:
        raise TypeError(
            f"orders[{epoch}] does not exist, since each epoch's order is drawn when its turn comes: write `for order "
            f"in orders:`"
        )

    def __iter__(self) -> Iterator[IntArray]:
        rng = np.random.default_rng([self._seed, _ORDERS])
        for _ in range(self._epochs):
            yield rng.permutation(self._rows) if self._shuffle else np.arange(self._rows)


def hash_arrays(arrays: Iterable[AnyArray]) -> str:
    """Return the sha256 of shapes, types and values, in order, as hexadecimal."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def seeds(count: int) -> Sequence[int]:
    """Return the first ``count`` seeds of every experiment: the article's own, 2, then 0, 1, 3, 4, …."""
    return [2, *(seed for seed in range(count) if seed != 2)][:count]
