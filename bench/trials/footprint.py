"""The cost of a contender beyond training: cold start, memory, predictions, energy, and size on the disk."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from bench.core.randomness import glorot_uniform
from bench.trials.installed import installed
from bench.trials.readings import EnergyMeter, peak_rss_bytes, rss_bytes
from bench.trials.subject import Measurement, Subject, measurement

if TYPE_CHECKING:
    from bench.core.spec import FloatArray, Network

# The sizes of the predictions whose throughput is measured, in rows.
SIZES = (1, 32, 1024, 65_536)

# Seconds, least and most repetitions of a call: for the 99th percentile, and for a median.
_TAIL = (2.0, 100, 2000)
_MEDIAN = (0.3, 2, 200)


def measure(subject: Subject) -> list[Measurement]:
    """Return every quantity that the machine reports.

    Quantities of a fresh process come first, then predictions, then the saved network. The packages on the disk come
    last, because reading them takes memory.
    """
    found: dict[str, float | None] = {"rss_after_import_bytes": rss_bytes()}
    meter = EnergyMeter()
    network = subject.contender.build(subject.network)
    network.set_weights(
        [array.astype(subject.network.dtype) for array in glorot_uniform(subject.network, subject.seed)]
    )
    rng = np.random.default_rng(subject.seed)
    rows = rng.standard_normal((SIZES[-1], subject.network.layers[0].inputs)).astype(subject.network.dtype)
    first = network.predict(rows[:1])
    found["cold_start_seconds"] = subject.clock() - subject.spawned
    found["start_joules"] = meter.joules()
    if first.shape != (1, subject.network.layers[-1].units):
        raise ValueError(f"predict must return (1, {subject.network.layers[-1].units}) for one row, got {first.shape}")
    by_size = _predictions(subject, network, rows)
    if hasattr(network, "save"):
        found["saved_bytes"] = network.save(subject.scratch / "network").stat().st_size
    found["peak_rss_bytes"] = peak_rss_bytes()
    packages, found["installed_bytes"] = installed(subject.distributions)
    found["installed_distributions"] = len(packages)
    card = [measurement(quantity, value) for quantity, value in found.items() if value is not None]
    return [*card, *by_size]


def _predictions(subject: Subject, network: "Network", rows: "FloatArray") -> list[Measurement]:
    """Return latency at one row, throughput at every size, and the energy of a million rows."""
    times = _call_seconds(subject.clock, lambda: network.predict(rows[:1]), *_TAIL)
    found = [
        measurement("predict_p50_seconds", float(np.quantile(times, 0.5)), batch=1),
        measurement("predict_p99_seconds", float(np.quantile(times, 0.99)), batch=1),
    ]
    for size in SIZES:
        batch = rows[:size]
        meter = EnergyMeter()
        times = _call_seconds(subject.clock, partial(network.predict, batch), *_MEDIAN)
        joules = meter.joules()
        found.append(measurement("rows_per_second", size / float(np.median(times)), batch=size))
        if joules is not None:
            calls = len(times) + 1  # the first call is not timed
            found.append(measurement("joules_per_million_rows", 1e6 * joules / (calls * size), batch=size))
    return found


def _call_seconds(
    clock: Callable[[], float], call: Callable[[], object], seconds: float, least: int, most: int
) -> "FloatArray":
    """Return the seconds of each call, (calls,), after one call that is not timed."""
    call()
    samples: list[float] = []
    until = clock() + seconds
    while len(samples) < least or (len(samples) < most and clock() < until):
        start = clock()
        call()
        samples.append(clock() - start)
    return np.array(samples)
