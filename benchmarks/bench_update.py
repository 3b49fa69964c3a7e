"""The time of an update for each contender, in one run, at one thread, the start of each fit included: ``make bench``.

Contenders take turns, round by round, so that a machine that slows down slows all alike; compare the ratios within a
table, not the times between two. ``plain`` is ``fit(x, y, shuffle=True)``: the pipelines must not be slower.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.randomness import Orders, glorot_uniform
from bench.scenarios import classifier
from bench.spec import Network, NetworkSpec
from bench.worker import bind_processors, import_contender

NAMES = ("numpy", "keras_tuned", "keras", "keras_plain")
SHAPES = [((2, 4, 6, 6, 4, 1), 32), ((2, 25, 50, 50, 25, 1), 32), ((2, 25, 50, 50, 25, 1), 900)]
ROWS = 900
EPOCHS = 30
ROUNDS = 7

Train = Callable[[], float]


def spec(widths: tuple[int, ...], batch_size: int) -> NetworkSpec:
    return classifier(widths, batch_size=batch_size, dtype="float32")


def trainer(name: str, network: NetworkSpec) -> Train:
    """Return what trains for some epochs, from where it is, and returns the seconds."""
    module = import_contender({"module": f"bench.contenders.{name}_adapter", "file": None})
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, network.layers[0].inputs)).astype(np.float32)
    y = rng.integers(0, 2, (ROWS, 1)).astype(np.float32)
    built: Network = module.build(network)
    built.set_weights([array.astype(np.float32) for array in glorot_uniform(network, 0)])
    if hasattr(built, "warm_up"):
        built.warm_up(x, y)

    def train() -> float:
        start = time.perf_counter()
        built.train(x, y, Orders(ROWS, EPOCHS, 0, shuffle=True), lambda: None)
        return time.perf_counter() - start

    train()
    return train


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{'-'.join(map(str, shape[0]))} batch {shape[1]}")
def seconds(request: pytest.FixtureRequest) -> dict[str, list[float]]:
    """Train all contenders in turns on one shape, and return each one's seconds, round by round."""
    bind_processors(1)
    trainers = {name: trainer(name, spec(*request.param)) for name in NAMES}
    found: dict[str, list[float]] = {name: [] for name in NAMES}
    for number in range(ROUNDS):
        for name in NAMES if number % 2 == 0 else NAMES[::-1]:
            found[name].append(trainers[name]())
    updates = EPOCHS * -(-ROWS // request.param[1])
    shape = "-".join(map(str, request.param[0]))
    print(f"\n{shape}, batch {request.param[1]}: microseconds an update, and how many times NumPy's (medians)")
    for name in NAMES:
        middle = statistics.median(found[name])
        times = statistics.median(a / b for a, b in zip(found[name], found["numpy"], strict=True))
        print(f"  {name:12} {middle / updates * 1e6:9.1f} {times:7.2f}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_epochs(benchmark: BenchmarkFixture, seconds: dict[str, list[float]], name: str) -> None:
    """Put the interleaved times of a contender into pytest-benchmark's table, as it found them."""
    rounds = iter(seconds[name])
    clock = iter(np.cumsum([0.0, *(value for taken in seconds[name] for value in (taken, 0.0))]).tolist())
    benchmark._timer = lambda: next(clock)
    benchmark.pedantic(lambda: next(rounds), rounds=ROUNDS)  # type: ignore[no-untyped-call] # it has no types


def test_the_pipeline_is_not_slower_than_a_plain_fit(seconds: dict[str, list[float]]) -> None:
    """Compare medians of paired ratios: nobody is to say that Goliath was held down by his food."""
    for name in ("keras", "keras_tuned"):
        ratios = [ours / plain for ours, plain in zip(seconds[name], seconds["keras_plain"], strict=True)]
        assert statistics.median(ratios) <= 1.0, (
            f"{name} takes {statistics.median(ratios):.2f} times as long as plain fit"
        )
