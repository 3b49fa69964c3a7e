"""The time of one update in steady state for every point of the map, one network after another in one process.

A process for each point would add a framework's start and little information. Costs paid once a process are kept apart
from costs paid for each network; together they give the time of a whole job at any point.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.core.randomness import Orders, glorot_uniform
from bench.core.spec import LayerSpec, MapPoint, NetworkSpec
from bench.trials.subject import Measurement, Subject, measurement, with_quartiles

if TYPE_CHECKING:
    from bench.core.spec import FloatArray, Network

# Long enough for a median over many short epochs or a few long ones.
_MEASURE_SECONDS = 0.1
_EPOCHS = (3, 1000)

# An epoch has enough updates to spread its own costs; fewer where an update takes many operations.
_UPDATES = (2, 32)
_EPOCH_OPERATIONS = 5e9


def measure(subject: Subject) -> list[Measurement]:
    """Return ``update_seconds`` with quartiles and ``build_seconds`` of every case, and ``once_seconds``.

    The first network is built twice: the extra time of the first build is paid once a process.
    """
    cold_seconds = _build(subject, subject.cases[0])[-1]
    measurements: list[Measurement] = []
    for done, case in enumerate(subject.cases, start=1):
        network, x, y, build_seconds = _build(subject, case)
        if done == 1:
            measurements.append(measurement("once_seconds", max(0.0, cold_seconds - build_seconds)))
        measurements.append(measurement("build_seconds", build_seconds, case))
        measurements += with_quartiles("update_seconds", _update_seconds(subject, network, x, y, case), case)
        subject.on_case(done)
    return measurements


def network_of(family: NetworkSpec, case: MapPoint) -> NetworkSpec:
    """Return the family's network with the width, depth and batch of a case."""
    widths = [case.width] * (case.depth + 1) + [family.layers[-1].units]
    activations = [family.layers[0].activation] * case.depth + [family.layers[-1].activation]
    return replace(family, layers=tuple(map(LayerSpec, widths, widths[1:], activations)), batch_size=case.batch)


def updates_per_epoch(case: MapPoint) -> int:
    """Return how many updates an epoch of a case has, the same for every contender."""
    operations = 6 * case.batch * case.width**2 * case.depth  # three products, a multiplication and an addition each
    least, most = _UPDATES
    return min(most, max(least, int(_EPOCH_OPERATIONS / operations)))


def _build(subject: Subject, case: MapPoint) -> "tuple[Network, FloatArray, FloatArray, float]":
    """Return a network that is ready to train, its rows, (rows, width), their labels, (rows, 1), and its seconds."""
    spec = network_of(subject.network, case)
    rng = np.random.default_rng([subject.seed, case.width, case.depth, case.batch])
    rows = case.batch * updates_per_epoch(case)
    x = rng.standard_normal((rows, case.width)).astype(spec.dtype)
    y = rng.integers(0, 2, (rows, spec.layers[-1].units)).astype(spec.dtype)
    weights = [array.astype(spec.dtype) for array in glorot_uniform(spec, subject.seed)]
    start = subject.clock()
    network = subject.contender.build(spec)
    network.set_weights(weights)
    if hasattr(network, "warm_up"):
        network.warm_up(x, y)
    return network, x, y, subject.clock() - start


def _update_seconds(
    subject: Subject, network: "Network", x: "FloatArray", y: "FloatArray", case: MapPoint
) -> "FloatArray":
    """Return the mean seconds of an update in each of many epochs of one ``train``, (epochs,).

    Each runs from the end of one epoch to the end of the next, which leaves out the fixed cost of a call of ``train``.

    Raises:
        RuntimeError: if the contender skips updates or its weights are not finite.
    """
    trial_run = _epoch_seconds(subject, network, x, y, epochs=2)
    least, most = _EPOCHS
    epochs = min(most, max(least, int(_MEASURE_SECONDS / max(float(trial_run[-1]), 1e-9))))
    before = network.get_weights()
    seconds = _epoch_seconds(subject, network, x, y, epochs + 1)
    after = network.get_weights()
    if any(np.array_equal(old, new) for old, new in zip(before[::2], after[::2], strict=True)):
        raise RuntimeError("train must change every layer's kernel, one is unchanged")
    if not all(np.isfinite(array).all() for array in after):
        raise RuntimeError("a measured network must stay finite, its weights are not")
    return seconds / updates_per_epoch(case)


def _epoch_seconds(subject: Subject, network: "Network", x: "FloatArray", y: "FloatArray", epochs: int) -> "FloatArray":
    """Return the seconds from the end of each epoch to the end of the next, (epochs - 1,)."""
    ends: list[float] = []
    orders = Orders(len(x), epochs, subject.seed, shuffle=True)
    network.train(x, y, orders, lambda: ends.append(subject.clock()))
    if len(ends) != epochs:
        raise RuntimeError(f"train must call on_epoch_end {epochs} times, it did {len(ends)} times")
    return np.diff(ends)
