"""The parent's side of looking at a package and of probing it: a process a package, several for much work."""

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

# An import of Keras takes as long as some twenty cases.
_WORTH_A_PROCESS = 20


@dataclass(frozen=True)
class Case:
    """One thing with one set of arguments, to be probed alike in every package.

    Attributes:
        defaults: whether nothing was given that could have been left out.
        number_type: ``float64``, or ``float32`` for what the original knows in that alone.
    """

    module: str
    name: str
    kind: str
    arguments: dict[str, Any]
    seed: int
    defaults: bool
    number_type: str = "float64"


@dataclass(frozen=True)
class Outcome:
    """What a probe found in one package: its quantities, or the error that it raised."""

    quantities: Mapping[str, AnyArray] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Processes:
    """Where and how processes are run.

    Attributes:
        scratch: a folder for what they leave.
        timeout_seconds: after which one is killed.
        environment: variables that they are to have beside ours.
    """

    scratch: Path
    timeout_seconds: float
    environment: Mapping[str, str] = field(default_factory=dict)

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

    def probe(
        self, packages: Sequence[str], cases: Sequence[Case], on_progress: Callable[[int, int], None]
    ) -> list[list[Outcome]]:
        """Return the outcome of each case, package by package; as many processes a package as there are processors.

        Raises:
            BenchError: if a process does not come to its end.
        """
        parts = [(side, share) for side in range(len(packages)) for share in _shares(cases)]
        outcomes = [[Outcome()] * len(cases) for _ in packages]
        done = itertools.count(1)
        stop = threading.Event()

        def one(part: tuple[int, Sequence[int]]) -> None:
            side, numbers = part
            errors: dict[int, str] = {}

            def listen(message: Message) -> None:
                if message["event"] == "case":
                    errors[message["number"]] = message["error"]
                    on_progress(next(done), len(packages) * len(cases))

            own_cases = [asdict(cases[number]) for number in numbers]
            folder = self._run(f"cases-{side}-{numbers[0]}", packages[side], own_cases, listen, stop)
            with np.load(folder / "found.npz", allow_pickle=False) as file:
                quantities: dict[int, dict[str, AnyArray]] = {}
                for key in file.files:
                    own, _, quantity = key.partition("/")
                    quantities.setdefault(int(own), {})[quantity] = file[key]
            for own, number in enumerate(numbers):
                outcomes[side][number] = Outcome(quantities.get(own, {}), errors[own])

        with ThreadPoolExecutor(max(1, len(parts))) as pool:
            try:
                list(pool.map(one, parts))
            finally:
                stop.set()
        return outcomes

    def _run(
        self,
        name: str,
        package: str,
        cases: Sequence[Mapping[str, Any]] | None,
        on_message: Callable[[Message], None],
        stop: threading.Event,
    ) -> Path:
        """Run one process to its end, and return the folder that it wrote to."""
        folder = self.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        ended = run_worker(
            "bench.parity.child",
            {"package": package, "cases": cases},
            folder,
            threads=1,
            timeout_seconds=self.timeout_seconds,
            environment=self.environment,
            on_message=on_message,
            stop=stop,
        )
        failure = ended.failure(self.timeout_seconds)
        if failure is None and ended.last is not None and ended.last["event"] != "done":
            failure = f"failed: {ended.last['detail']}"
        if failure is not None:
            raise BenchError(f"the process that looks at {package} {failure}")
        return folder


def _shares(cases: Sequence[Case]) -> list[list[int]]:
    """Return the numbers of the cases that share a process: they have one number type, which Keras fixes at once."""
    shares: list[list[int]] = []
    for number_type in dict.fromkeys(case.number_type for case in cases):
        numbers = [number for number, case in enumerate(cases) if case.number_type == number_type]
        count = max(1, min(os.cpu_count() or 1, len(numbers) // _WORTH_A_PROCESS))
        shares += [numbers[start::count] for start in range(count)]
    return shares
