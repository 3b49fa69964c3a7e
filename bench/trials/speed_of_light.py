"""The matrix products of an update alone, in arrays made beforehand: the work that every implementation must do.

It leaves out activations, biases, the loss, the optimizer and the gathering of rows. The products are those of NumPy's
BLAS on the same number of threads; a framework with faster products could beat this time.
"""

import time

import numpy as np

from bench.core.randomness import glorot_uniform
from bench.core.spec import FloatArray, MapPoint, NetworkSpec
from bench.trials.subject import Measurement, Subject, with_quartiles
from bench.trials.update_time import network_of

_MEASURE_SECONDS = 0.1
_FEWEST_SAMPLES = 5

# The width of a product at which a machine reaches its best rate.
_LARGE = 512

# The least length of a sample, which makes the cost of reading the clock negligible.
_SAMPLE_SECONDS = 2e-3


def measure(subject: Subject) -> list[Measurement]:
    """Return ``products_seconds`` of every point of the map, with its quartiles."""
    measurements: list[Measurement] = []
    for done, case in enumerate(subject.cases, start=1):
        measurements += with_quartiles("products_seconds", _seconds(subject, case), case)
        subject.on_case(done)
    return measurements


class Products:
    """The products of one update of a dense network, in arrays made beforehand.

    Each layer has one product for its output, one for its kernel's gradient and one for its input's gradient; the first
    layer needs no gradient of its input.
    """

    def __init__(self, spec: NetworkSpec, batch: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        dtype = np.dtype(spec.dtype)
        widths = [spec.layers[0].inputs, *(layer.units for layer in spec.layers)]
        self.kernels: list[FloatArray] = [array.astype(dtype) for array in glorot_uniform(spec, seed)[::2]]
        self.values: list[FloatArray] = [rng.standard_normal((batch, width)).astype(dtype) for width in widths]
        self.kernel_gradients: list[FloatArray] = [np.empty_like(kernel) for kernel in self.kernels]
        self.gradients: list[FloatArray] = [rng.standard_normal((batch, width)).astype(dtype) for width in widths]

    def update(self) -> None:
        """Compute every product once."""
        for index, kernel in enumerate(self.kernels):
            np.matmul(self.values[index], kernel, out=self.values[index + 1])
        for index in reversed(range(len(self.kernels))):
            np.matmul(self.values[index].T, self.gradients[index + 1], out=self.kernel_gradients[index])
            if index:
                np.matmul(self.gradients[index + 1], self.kernels[index].T, out=self.gradients[index])


def epoch_seconds_at_best(network: NetworkSpec, rows: int) -> float:
    """Return the seconds that an epoch's products would take at the best rate of one large product on this machine.

    Nothing trains faster: this leaves out what small products lose, and all other work.
    """
    rng = np.random.default_rng(0)
    a, out = rng.standard_normal((_LARGE, _LARGE)).astype(network.dtype), np.empty((_LARGE, _LARGE), network.dtype)
    seconds = []
    for _ in range(_FEWEST_SAMPLES):
        start = time.perf_counter()
        np.matmul(a, a, out=out)
        seconds.append(time.perf_counter() - start)
    sizes = [layer.inputs * layer.units for layer in network.layers]
    multiplications = rows * (3 * sum(sizes) - sizes[0])  # forward, two gradients; none of the first layer's input
    return multiplications * min(seconds) / _LARGE**3


def _seconds(subject: Subject, case: MapPoint) -> FloatArray:
    """Return the seconds of one update's products, (samples,)."""
    products = Products(network_of(subject.network, case), case.batch, subject.seed)
    products.update()
    start = subject.clock()
    products.update()
    repeats = max(1, int(_SAMPLE_SECONDS / max(subject.clock() - start, 1e-9)))
    samples: list[float] = []
    until = subject.clock() + _MEASURE_SECONDS
    while len(samples) < _FEWEST_SAMPLES or subject.clock() < until:
        start = subject.clock()
        for _ in range(repeats):
            products.update()
        samples.append((subject.clock() - start) / repeats)
    return np.array(samples)
