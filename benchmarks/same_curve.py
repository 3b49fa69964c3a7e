"""How often the band of rounding is wrong: ``python benchmarks/same_curve.py 2,0,1 [SCENARIO ...]``.

For every scenario and seed, correct contenders are trained, which the band must hold, and the reference with one small
fault planted, which must leave it. The old rule, curves of two contenders closer than 0.001, is counted beside it. The
table of docs/methodology.md is its output.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from trainer import contender

from bench.core import evaluate
from bench.core.markdown import markdown_table
from bench.core.randomness import Orders, initial_weights
from bench.core.spec import AnyArray, FloatArray, LayerSpec, Network, NetworkSpec, Scenario
from bench.core.words import Table, listed
from bench.datasets import Data, load
from bench.experiments.article import WIDE, as_keras_had_it
from bench.proof.rounding import Copies, race
from bench.statistics.band import Band
from bench.statistics.pairs import SAME_CURVE

# Keras on one thread, as in a trial; and NumPy with its hidden units in another order, which sums in another order.
_CONTENDERS = ("numpy", "keras", "keras_tuned")
_REORDERED = 3

_TWINS = as_keras_had_it("twins", WIDE)
_DIGITS = replace(_TWINS, dataset="digits")


def _layers(widths: Sequence[int], hidden: str, last: str) -> tuple[LayerSpec, ...]:
    activations = [hidden] * (len(widths) - 2) + [last]
    return tuple(map(LayerSpec, widths, widths[1:], activations))


def _with(scenario: Scenario, name: str, epochs: int, **network: object) -> Scenario:
    changed = replace(scenario.network, **network)  # type: ignore[arg-type] # each is a field of its own type
    return replace(scenario, name=name, epochs=epochs, network=changed)


_CLASSES = {"loss": "sparse_categorical_crossentropy"}
_DEEP = {"layers": _layers((64, 64, 32, 10), "tanh", "softmax"), **_CLASSES}
_SQUARED = {"layers": _layers((2, 16, 16, 1), "tanh", "sigmoid"), "loss": "mean_squared_error"}
SCENARIOS = (
    _TWINS,
    _with(_TWINS, "twins, momentum 0.9 at 0.05", 100, learning_rate=0.05, optimizer_options=(("momentum", 0.9),)),
    _with(_TWINS, "twins, full batches at 0.5", 300, learning_rate=0.5, batch_size=None),
    _with(_TWINS, "twins, Adam at 0.001", 100, optimizer="adam", learning_rate=0.001),
    _with(_TWINS, "twins, Adam at 0.01", 100, optimizer="adam"),
    _with(_TWINS, "twins, RMSprop at 0.001", 100, optimizer="rmsprop", learning_rate=0.001),
    _with(_TWINS, "twins, RMSprop at 0.01", 60, optimizer="rmsprop"),
    _with(_TWINS, "twins, 256 units wide", 30, layers=_layers((2, 256, 256, 1), "relu", "sigmoid")),
    _with(_TWINS, "twins, tanh, squared error at 0.5", 100, learning_rate=0.5, **_SQUARED),
    _with(_DIGITS, "digits at 0.1", 60, layers=_layers((64, 32, 10), "relu", "softmax"), learning_rate=0.1, **_CLASSES),
    _with(_DIGITS, "digits, tanh, Adam at 0.003", 40, optimizer="adam", learning_rate=0.003, **_DEEP),
    _with(_TWINS, "twins in float64", 100, dtype="float64"),
)

Curve = list[float]
Train = Callable[[Scenario, Data, int], Curve]


def correct(build: Callable[[NetworkSpec], Network], reorder: int = 0) -> Train:
    """Return how a contender is trained, with its hidden units in an order of their own if asked."""

    def train(scenario: Scenario, data: Data, seed: int) -> Curve:
        spec = scenario.network
        rng = np.random.default_rng([seed, reorder])
        units = [layer.units for layer in spec.layers[:-1]]
        orders = [rng.permutation(each) if reorder else np.arange(each) for each in units]
        x, y = data.x_train.astype(spec.dtype), data.y_train.astype(spec.dtype)
        start = _reordered([array.astype(spec.dtype) for array in initial_weights(scenario, seed)], orders)
        network = build(spec)
        if hasattr(network, "warm_up"):
            network.set_weights(start)
            network.warm_up(x, y)
        network.set_weights(start)
        left = [network.get_weights()]
        network.train(
            x,
            y,
            Orders(len(x), scenario.epochs, seed, shuffle=scenario.shuffle),
            lambda: left.append(network.get_weights()),
        )
        back = [np.argsort(order) for order in orders]
        return [_loss(spec, data, _reordered(weights, back)) for weights in left]

    return train


def _reordered(weights: Sequence[FloatArray], orders: Sequence[AnyArray]) -> list[FloatArray]:
    found = list(weights)
    for layer, order in enumerate(orders):
        found[2 * layer] = found[2 * layer][:, order]
        found[2 * layer + 1] = found[2 * layer + 1][order]
        found[2 * layer + 2] = found[2 * layer + 2][order]
    return found


def _loss(spec: NetworkSpec, data: Data, weights: Sequence[FloatArray]) -> float:
    with np.errstate(all="ignore"):
        logits = evaluate.forward(spec, weights, data.x_train)[-1]
        return evaluate.mean_loss(spec, logits, evaluate.as_targets(spec, data.y_train))


class Faulty(Copies):
    """The reference in the scenario's number type, undisturbed, with something wrong."""

    def __init__(self, spec: NetworkSpec, weights: Sequence[FloatArray]) -> None:
        super().__init__(spec, weights, copies=0, rng=np.random.default_rng(0))
        self._updates = 0

    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        self._updates += 1
        return super().gradients(x, targets)


class RateOff(Faulty):
    """Every step is too long by 0.01 %."""

    def update(self, x: FloatArray, targets: FloatArray) -> None:
        before = [array.copy() for array in self._weights]
        super().update(x, targets)
        for array, old in zip(self._weights, before, strict=True):
            array += np.float32(1e-4) * (array - old)


class HalfPrecision(Faulty):
    """Products take weights and rows in float16's precision."""

    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        kept = self._weights
        self._weights = [array.astype(np.float16).astype(array.dtype) for array in kept]
        found = super().gradients(x.astype(np.float16).astype(x.dtype), targets)
        self._weights = kept
        return found


class BiasLeftOut(Faulty):
    """The last bias misses its second update."""

    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        found = super().gradients(x, targets)
        return found if self._updates != 2 else [*found[:-1], np.zeros_like(found[-1])]


class RowLeftOut(Faulty):
    """The second update misses the gradient of one row."""

    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        if self._updates != 1:
            return super().gradients(x, targets)
        share = np.float32((len(x) - 1) / len(x))
        return [share * array for array in super().gradients(x[1:], targets[1:])]


FAULTS = {
    "rate off by 1e-4": RateOff,
    "float16 products": HalfPrecision,
    "bias left out once": BiasLeftOut,
    "row left out once": RowLeftOut,
}


def faulty(kind: type[Faulty]) -> Train:
    """Return how the reference is trained with a fault."""

    def train(scenario: Scenario, data: Data, seed: int) -> Curve:
        spec = scenario.network
        network = kind(spec, initial_weights(scenario, seed))
        targets = evaluate.as_targets(spec, data.y_train)
        curve = network.losses(data.x_train, targets)
        with np.errstate(all="ignore"):
            for order in Orders(len(data.x_train), scenario.epochs, seed, shuffle=scenario.shuffle):
                network.train(data.x_train, targets, order)
                curve += network.losses(data.x_train, targets)
        return curve

    return train


@dataclass
class Judged:
    """What both rules called curves, and the largest share of what the band allows."""

    curves: int = 0
    outside: int = 0
    failed_before: int = 0
    undecided_before: int = 0
    largest_share: float = 0.0

    def judge(self, band: Band, curve: Curve, twin: Curve) -> None:
        self.curves += 1
        self.outside += band.departure([int(epoch) for epoch in band.epochs], curve) is not None
        share = np.abs(np.array(curve) - band.reference)[1:] / band.allowed[1:]
        self.largest_share = max(self.largest_share, float(share.max()))
        gaps = np.abs(np.array(curve) - np.array(twin))
        failed = not np.median(gaps) < SAME_CURVE
        self.failed_before += failed
        self.undecided_before += not failed and not gaps.max() < SAME_CURVE


def measure(scenario: Scenario, numbers: Sequence[int], contenders: dict[str, Train]) -> tuple[str, ...]:
    """Return the row of a scenario: its correct contenders together, and each fault."""
    data = load(scenario.dataset)
    right, wrong = Judged(), {name: Judged() for name in FAULTS}
    ends = []
    for seed in numbers:
        epochs, losses = race(scenario, data, initial_weights(scenario, seed), seed)
        assert len(epochs) == scenario.epochs + 1
        band = Band(epochs, losses, float(np.finfo(scenario.network.dtype).eps))
        ends.append((float(band.allowed[1]), float(band.allowed[-1])))
        curves = {name: train(scenario, data, seed) for name, train in contenders.items()}
        for curve in curves.values():
            right.judge(band, curve, curves["numpy"])
        for name, kind in FAULTS.items():
            wrong[name].judge(band, faulty(kind)(scenario, data, seed), curves["numpy"])
    first, last = np.median(ends, axis=0)
    return (
        scenario.name,
        f"{first:.0e} to {last:.0e}",
        f"{right.outside} of {right.curves}, {right.largest_share:.2f}",
        f"{right.failed_before}, {right.undecided_before}",
        *(f"{each.outside} of {each.curves} ({each.failed_before})" for each in wrong.values()),
    )


def main(numbers: Sequence[int], names: Sequence[str]) -> None:
    """Print the table."""
    modules = {name: contender(name, threads=1) for name in _CONTENDERS}
    contenders = {name: correct(module.build) for name, module in modules.items() if module is not None}
    build = modules["numpy"]
    assert build is not None
    contenders |= {f"numpy {number}": correct(build.build, number) for number in range(1, _REORDERED + 1)}
    rows: list[tuple[str, ...]] = []
    for scenario in SCENARIOS:
        if not names or scenario.name in names:
            rows.append(measure(scenario, numbers, contenders))
            print(*rows[-1], sep=" | ", file=sys.stderr, flush=True)
    columns = (
        "scenario",
        "allowed, first epoch to last",
        "correct: outside, largest share",
        "by 0.001: failed, undecided",
        *FAULTS,
    )
    title = f"Seeds {listed([str(each) for each in numbers])}; in brackets, how many faults 0.001 finds"
    print(markdown_table(Table(title, columns, tuple(rows))))


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    main([int(each) for each in sys.argv[1].split(",")], sys.argv[2:])
