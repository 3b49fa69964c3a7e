"""The transcript of a contender: every quantity that the proof compares, read through the protocol alone.

The protocol has no gradients. They are read from one update by plain gradient descent at an enormous rate: the change
of the weights then holds the gradient to the last digit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from bench.core.randomness import Orders
from bench.core.spec import LEARNING_RATES, Contender, FloatArray, Network, NetworkSpec
from bench.proof.cases import ProofCase
from bench.proof.protocol import built

Transcript = dict[str, FloatArray]

# A power of two, so multiplying and dividing by it is exact, and so large that adding the weight loses no digits.
_GRADIENT_RATE = 2.0**30

# The quantity after one update with the optimizer's defaults; `bench.proof.compare` holds its tolerance.
DEFAULT_UPDATE = "one update with default options"

# Weights are compared after these epochs, and after the last.
_EPOCHS = (1, 2, 3, 5, 10, 20, 40, 80, 160)


def transcript(contender: Contender, case: ProofCase) -> Transcript:
    """Return every quantity by name, in the order in which a fault first shows.

    Raises:
        NotImplementedError: if the contender does not support the case.
        TypeError: if it lacks a function of the protocol, or one that takes other arguments.
        ValueError: if the contender returns arrays of the wrong shapes.
    """
    return dict(quantities(contender, case))


def quantities(contender: Contender, case: ProofCase) -> Iterator[tuple[str, FloatArray]]:
    """Yield what `transcript` returns, each quantity as soon as it is computed."""
    x, y = case.data()
    batch = slice(case.network.batch_size or len(x))
    network = _started(contender, case, case.network)
    yield from _named("initial weights", _weights(network, case))
    yield "forward pass", _forward(network, case, x)
    yield from _named("gradient", _gradient(contender, case, x[batch], y[batch]))
    yield from _named(DEFAULT_UPDATE, _one_default_update(contender, case, x[batch], y[batch]))
    yield from _training(network, case, x, y)


def as_trained(contender: Contender, case: ProofCase) -> tuple[FloatArray, FloatArray]:
    """Train in the scenario's own number type and rate; return the weights after each epoch, and the predictions.

    The shapes are (epochs, parameters) and (rows, outputs); both are empty without a scenario.
    """
    if case.drift is None:
        return np.empty((0, case.network.parameters)), np.empty((0, case.network.layers[-1].units))
    x, y = case.data()
    network = _started(contender, case, case.drift)
    kept: list[FloatArray] = []

    def keep() -> None:
        kept.append(np.concatenate([array.astype(np.float64).ravel() for array in network.get_weights()]))

    x, y = x.astype(case.drift.dtype), y.astype(case.drift.dtype)
    network.train(x, y, case.orders(), keep)
    return np.array(kept), _forward(network, case, x)


def _started(contender: Contender, case: ProofCase, spec: NetworkSpec) -> Network:
    network = built(contender, spec)
    network.set_weights([array.astype(spec.dtype) for array in case.weights()])
    return network


def _weights(network: Network, case: ProofCase) -> list[FloatArray]:
    weights = network.get_weights()
    shapes = tuple(array.shape for array in weights)
    if shapes != case.network.weight_shapes:
        raise ValueError(f"get_weights must return arrays of shapes {case.network.weight_shapes}, got {shapes}")
    return weights


def _named(quantity: str, weights: Sequence[FloatArray]) -> Iterator[tuple[str, FloatArray]]:
    for index, array in enumerate(weights):
        yield f"{quantity}: {'bias' if index % 2 else 'kernel'} of layer {index // 2 + 1}", array


def _forward(network: Network, case: ProofCase, x: FloatArray) -> FloatArray:
    predicted = np.asarray(network.predict(x))
    expected = (len(x), case.network.layers[-1].units)
    if predicted.shape != expected:
        raise ValueError(f"predict must return an array of shape {expected}, got {predicted.shape}")
    return predicted


def _gradient(contender: Contender, case: ProofCase, x: FloatArray, y: FloatArray) -> list[FloatArray]:
    descent = replace(case.network, optimizer="sgd", optimizer_options=(), learning_rate=_GRADIENT_RATE)
    try:
        after = _after_one_update(contender, case, descent, x, y)
    except NotImplementedError as error:
        raise ValueError(
            "the proof reads the gradients off one step of plain gradient descent, which build must support beside "
            f"{case.network.optimizer}, got NotImplementedError: {error}"
        ) from error
    return [(before - now) / _GRADIENT_RATE for before, now in zip(case.weights(), after, strict=True)]


def _one_default_update(contender: Contender, case: ProofCase, x: FloatArray, y: FloatArray) -> list[FloatArray]:
    flags = tuple((name, value) for name, value in case.network.optimizer_options if isinstance(value, bool))
    default = replace(case.network, optimizer_options=flags, learning_rate=LEARNING_RATES[case.network.optimizer])
    return _after_one_update(contender, case, default, x, y)


def _after_one_update(
    contender: Contender, case: ProofCase, spec: NetworkSpec, x: FloatArray, y: FloatArray
) -> list[FloatArray]:
    network = _started(contender, case, spec)
    network.train(x, y, Orders(len(x), epochs=1, seed=0, shuffle=False), lambda: None)
    return _weights(network, case)


def _training(network: Network, case: ProofCase, x: FloatArray, y: FloatArray) -> Iterator[tuple[str, FloatArray]]:
    updates_per_epoch = -(-len(x) // (case.network.batch_size or len(x)))
    found: list[tuple[str, FloatArray]] = []
    epoch = 0

    def keep() -> None:
        nonlocal epoch
        epoch += 1
        if epoch in _EPOCHS or epoch == case.epochs:
            updates = epoch * updates_per_epoch
            found.extend(_named(f"weights after {updates} updates", _weights(network, case)))

    if hasattr(network, "warm_up"):
        network.warm_up(x[::-1].copy(), y[::-1].copy())  # it must leave weights and optimizer as they were
    network.train(x, y, case.orders(), keep)
    if epoch != case.epochs:
        raise ValueError(f"train must call on_epoch_end after each of {case.epochs} epochs, got {epoch} calls")
    yield from found
