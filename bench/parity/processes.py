"""The parent's side: starts the processes that list names and measure uses, several a package for many uses."""

import itertools
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bench.core.errors import BenchError
from bench.core.spec import AnyArray
from bench.parity.names import PublicName
from bench.process.spawn import Message, run_worker

# Importing Keras takes about as long as measuring twenty uses.
_WORTH_A_PROCESS = 20


@dataclass(frozen=True)
class Use:
    """One thing with one set of arguments, used alike in both packages.

    Attributes:
        defaults: whether every optional argument keeps its default.
        number_type: ``float64``, or ``float32`` where the original computes in float32 only.
    """

    module: str
    name: str
    kind: str
    arguments: dict[str, Any]
    seed: int
    defaults: bool
    number_type: str = "float64"


@dataclass(frozen=True)
class Observation:
    """What one use gave in one package: its quantities, or the error that it raised."""

    quantities: Mapping[str, AnyArray] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Processes:
    """Where and how the processes run.

    Attributes:
        scratch: the folder for their files.
        timeout_seconds: the time after which a process is killed.
        environment: variables added to the parent's environment.
        memory_limit: the most bytes that a process may have; None for most of the machine's.
    """

    scratch: Path
    timeout_seconds: float
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_limit: int | None = None

    def names(self, *packages: str) -> list[list[PublicName]]:
        """Return the public names of each package.

        Raises:
            BenchError: if a package cannot be imported.
        """

        def one(side: int) -> list[PublicName]:
            heard: list[Message] = []
            self._run(f"names-{side}", packages[side], None, heard.append, threading.Event())
            told = next(message for message in heard if message["event"] == "names")
            return [PublicName.from_json(name) for name in told["names"]]

        with ThreadPoolExecutor(len(packages)) as pool:
            return list(pool.map(one, range(len(packages))))

    def observe(
        self, packages: Sequence[str], uses: Sequence[Use], on_progress: Callable[[int, int], None]
    ) -> list[list[Observation]]:
        """Return the observation of each use, package by package, from one process a processor and package.

        Raises:
            BenchError: if a process fails or takes longer than `timeout_seconds`.
        """
        parts = [(side, share) for side in range(len(packages)) for share in _shares(uses)]
        observations = [[Observation()] * len(uses) for _ in packages]
        done = itertools.count(1)
        stop = threading.Event()

        def one(part: tuple[int, Sequence[int]]) -> None:
            side, numbers = part
            errors: dict[int, str] = {}

            def listen(message: Message) -> None:
                if message["event"] == "case":
                    errors[message["number"]] = message["error"]
                    on_progress(next(done), len(packages) * len(uses))

            own_uses = [asdict(uses[number]) for number in numbers]
            folder = self._run(f"uses-{side}-{numbers[0]}", packages[side], own_uses, listen, stop)
            with np.load(folder / "found.npz", allow_pickle=False) as file:
                quantities: dict[int, dict[str, AnyArray]] = {}
                for key in file.files:
                    own, _, quantity = key.partition("/")
                    quantities.setdefault(int(own), {})[quantity] = file[key]
            for own, number in enumerate(numbers):
                observations[side][number] = Observation(quantities.get(own, {}), errors[own])

        with ThreadPoolExecutor(max(1, len(parts))) as pool:
            try:
                list(pool.map(one, parts))
            finally:
                stop.set()
        return observations

    def _run(
        self,
        name: str,
        package: str,
        uses: Sequence[Mapping[str, Any]] | None,
        on_message: Callable[[Message], None],
        stop: threading.Event,
    ) -> Path:
        """Run one process to its end and return the folder with its files."""
        folder = self.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        ended = run_worker(
            "bench.parity.child",
            {"contender": {"module": package, "file": None, "extra": None}, "cases": uses},
            folder,
            threads=1,
            timeout_seconds=self.timeout_seconds,
            memory_limit=self.memory_limit,
            environment=self.environment,
            on_message=on_message,
            stop=stop,
        )
        failure = ended.failure()
        if failure is None and ended.last is not None and ended.last["event"] != "done":
            failure = f"failed: {ended.last['detail']}"
        if failure is not None:
            raise BenchError(f"the parity process of {package} {failure}")
        return folder


def _shares(uses: Sequence[Use]) -> list[list[int]]:
    """Return the numbers of the uses that share a process; Keras has one number type a process."""
    shares: list[list[int]] = []
    for number_type in dict.fromkeys(use.number_type for use in uses):
        numbers = [number for number, use in enumerate(uses) if use.number_type == number_type]
        count = max(1, min(os.cpu_count() or 1, len(numbers) // _WORTH_A_PROCESS))
        shares += [numbers[start::count] for start in range(count)]
    return shares
