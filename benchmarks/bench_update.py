"""The time of an update for each contender, measured together, at one thread and at two: ``make bench``.

Every contender trains in a separate process with the same number of threads and processors. They take turns, round by
round, so a slowdown of the machine affects all: compare ratios within a table, not times between tables. The start of
each ``fit`` is included. ``keras_plain`` is ``fit(x, y, shuffle=True)``; the harness's pipelines must not be slower.
``products`` are only the matrix products of an update, in NumPy, into preallocated arrays: the speed of light. JAX and
PyTorch are included if installed.
"""

import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from trainer import LIGHT

from bench.process.spawn import environment_of

ROUNDS = 7
THREADS = [threads for threads in (1, 2) if threads <= (os.cpu_count() or 1)]
GUESTS = [name for name in ("jax", "torch") if find_spec(name)]
KERAS = ("keras_tuned", "keras", "keras_plain")
ADAM = "numpy, adam"
NAMES = ("numpy", ADAM, LIGHT, *KERAS, *GUESTS)


@dataclass(frozen=True)
class Shape:
    """A network with its batch size, how it is timed, and its goals.

    Attributes:
        rows: rows of the data.
        epochs: epochs in a sample.
        plain, tuned: the goals for the ratios of ``keras_plain`` and ``keras_tuned`` to numpy, at least.
        light: the goal for the share of the speed of light, at least.
        pipeline: the largest ratio of the pipelines to ``keras_plain``; above 1 for shapes whose matrix products
            dominate, where the two tie.
    """

    widths: tuple[int, ...]
    batch_size: int
    rows: int
    epochs: int
    plain: float
    tuned: float
    light: float
    pipeline: float = 1.0

    @property
    def updates(self) -> int:
        """The number of updates in a sample."""
        return self.epochs * -(-self.rows // self.batch_size)

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch_size}"


SHAPES = [
    Shape((2, 4, 6, 6, 4, 1), 32, 900, 30, plain=20, tuned=6, light=0.55),
    Shape((2, 25, 50, 50, 25, 1), 32, 900, 30, plain=15, tuned=4, light=0.6),
    Shape((2, 25, 50, 50, 25, 1), 900, 9000, 10, plain=2, tuned=1.5, light=0.6),
    Shape((64, 128, 64, 10), 32, 1600, 10, plain=10, tuned=3, light=0.6),
    Shape((784, 512, 512, 10), 128, 6400, 1, plain=1.4, tuned=1.2, light=0.85, pipeline=1.1),
    Shape((1024, 2048, 2048, 10), 256, 2048, 1, plain=1.2, tuned=1.1, light=0.9, pipeline=1.1),
]


class Trainer:
    """A process that trains one contender; see trainer.py."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        contender, _, self._optimizer = name.partition(", ")
        self._log = TemporaryFile("w+")  # noqa: SIM115 - `close` closes it
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("trainer.py")), contender, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment_of(threads),
            text=True,
        )

    def build(self, shape: Shape) -> None:
        """Build a network of this shape, and wait until it has trained once."""
        given = {"widths": shape.widths, "batch_size": shape.batch_size, "rows": shape.rows, "updates": shape.updates}
        self._ask({"build": {**given, "optimizer": self._optimizer or "sgd"}})

    def seconds(self, updates: int) -> float:
        """Return the seconds of this many updates."""
        return float(self._ask({"updates": updates}))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def _ask(self, question: dict[str, object]) -> float:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            self._log.seek(0)
            pytest.fail(f"{self.name} ended before it answered:\n{self._log.read()[-3000:]}")
        return json.loads(answer) or 0.0


@pytest.fixture(scope="session", params=THREADS, ids=lambda threads: f"{threads} thread{'s' * (threads > 1)}")
def trainers(request: pytest.FixtureRequest) -> Iterator[list[Trainer]]:
    """Start a process for each contender, once for each number of threads."""
    started = [Trainer(name, request.param) for name in NAMES]
    print(f"\n\n{request.param} thread{'s' * (request.param > 1)}: µs an update (medians), times numpy's (paired)")
    yield started
    for each in started:
        each.close()


Seconds = dict[str, list[float]]


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def shape(request: pytest.FixtureRequest) -> Shape:
    """Return a network with its batch size."""
    given: Shape = request.param
    return given


@pytest.fixture(scope="module")
def seconds(shape: Shape, trainers: list[Trainer]) -> Seconds:
    """Train all contenders in turns on one shape; return each one's seconds per update, round by round."""
    for each in trainers:
        each.build(shape)
    found: Seconds = {each.name: [] for each in trainers}
    for number in range(ROUNDS):
        for each in trainers if number % 2 == 0 else trainers[::-1]:
            found[each.name].append(each.seconds(shape.updates) / shape.updates)
    wanted = {"keras_plain": shape.plain, "keras_tuned": shape.tuned, LIGHT: shape.light}
    print(f"\n{shape}")
    for name in found:
        asked = ""
        if name in wanted:
            reached = "reached" if ratio(found, name) >= wanted[name] else "missed"
            asked = f"   asked for {wanted[name]:g}: {reached}"
        print(f"  {name:12} {statistics.median(found[name]) * 1e6:10.1f} {ratio(found, name):8.2f}{asked}")
    return found


def ratio(found: Seconds, name: str) -> float:
    """Return the time of an update relative to numpy's: the median over rounds of each round's ratio."""
    return statistics.median(a / b for a, b in zip(found[name], found["numpy"], strict=True))


RATIOS: dict[str, list[float]] = {name: [] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_update(benchmark: BenchmarkFixture, seconds: Seconds, name: str) -> None:
    """Put a contender's interleaved times into pytest-benchmark's table, as measured."""
    RATIOS[name].append(ratio(seconds, name))
    rounds = iter(seconds[name])
    clock = iter(np.cumsum([0.0, *(value for taken in seconds[name] for value in (taken, 0.0))]).tolist())
    benchmark._timer = lambda: next(clock)
    benchmark.pedantic(lambda: next(rounds), rounds=ROUNDS)  # type: ignore[no-untyped-call] # it has no types


def test_the_pipeline_is_not_slower_than_a_plain_fit(shape: Shape, seconds: Seconds) -> None:
    """Compare medians of paired ratios, since a slow pipeline would put Goliath at a disadvantage."""
    for name in ("keras", "keras_tuned"):
        times = statistics.median(a / b for a, b in zip(seconds[name], seconds["keras_plain"], strict=True))
        assert times <= shape.pipeline, f"{name} takes {times:.2f} times as long as plain fit"


def test_over_all_shapes() -> None:
    """Print the geometric mean of each contender's ratios."""
    print("\nover all shapes and threads, times numpy's (geometric means)")
    for name, ratios in RATIOS.items():
        print(f"  {name:12} {math.exp(statistics.fmean(map(math.log, ratios))):8.2f}")
