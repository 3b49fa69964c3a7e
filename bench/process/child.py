"""The one process in which a contender is imported: it trains, measures or proves, as its job says.

Started by `bench.process.spawn.run_child` as ``python -m bench.process.child SCRATCH SPAWNED``. The job names a module;
its function ``run(child)`` does the work. Only the standard library is imported before that, so the process's memory is
the contender's.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.process.channel import Channel, attempt, bind_processors, die_with_parent, import_contender
from bench.process.clock import Laps


@dataclass(frozen=True)
class Child:
    """What the work is given.

    Attributes:
        job: what the parent asks for.
        scratch: a folder for files.
        channel: for messages to the parent.
        laps: the phases of the process's life; ``startup`` is over.
        spawned: when the parent started this process, by ``time.perf_counter``.
        processors: how many this process is bound to; None where it is not bound.
    """

    job: dict[str, Any]
    scratch: Path
    channel: Channel
    laps: Laps
    spawned: float
    processors: int | None

    def contender(self) -> ModuleType:
        """Import the job's contender, and return it."""
        return import_contender(self.job["contender"])

    def bounded_contender(self) -> tuple[ModuleType, list[int]]:
        """Import the job's contender, and return it with the numbers of threads read back so far."""
        contender = self.contender()
        threads = [contender.bind_threads(self.job["threads"])] if hasattr(contender, "bind_threads") else []
        self.laps.lap("import")
        return contender, threads + ([] if self.processors is None else [self.processors])

    def check_threads(self, read_back: list[int]) -> int:
        """Return the most threads that were read back.

        Raises:
            RuntimeError: if they are more than the job allows.
        """
        if max(read_back) > self.job["threads"]:
            raise RuntimeError(f"asked for {self.job['threads']} threads, read back {max(read_back)}")
        return max(read_back)


def main(scratch: Path, spawned: float) -> int:
    """Do the work that ``scratch/job.json`` describes; return the exit status."""
    laps = Laps(spawned)
    channel = Channel()
    die_with_parent()
    job = json.loads((scratch / "job.json").read_text(encoding="utf-8"))
    processors = bind_processors(job["threads"]) if job.get("bind_processors") else None
    run: Callable[[Child], None] = importlib.import_module(job["work"]).run
    laps.lap("startup")
    return attempt(channel, lambda: run(Child(job, scratch, channel, laps, spawned, processors)))


if __name__ == "__main__":
    status = main(Path(sys.argv[1]), float(sys.argv[2]))
    if json.loads((Path(sys.argv[1]) / "job.json").read_text(encoding="utf-8")).get("leave_at_once"):
        sys.stderr.flush()
        os._exit(status)  # Keras takes half a minute to free hundreds of networks
    sys.exit(status)
