"""The entry point of every child process: import the contender, then run the work that the job names.

Imports the standard library alone, as the module of the work must too: the memory of the process is the contender's,
and the lap ``startup`` is the start of Python.
"""

import errno
import importlib
import json
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from bench.core.raised import raised
from bench.process.channel import (
    Channel,
    bind_processors,
    die_with_parent,
    import_contender,
    is_missing_framework,
    own_folder,
)
from bench.process.laps import Laps

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Child(NamedTuple):
    """What the work is given.

    Attributes:
        contender: the imported module.
        job: the job as the parent wrote it.
        scratch: the folder of the job, for the files that the work writes.
        channel: sends messages to the parent.
        laps: ``startup`` and ``import`` are over.
        threads: the numbers of threads and processors read back so far.
        spawned: when the parent started this process, by `time.perf_counter`.
        padding: shifts what is allocated after it.
    """

    contender: Any
    job: dict[str, Any]
    scratch: Path
    channel: Channel
    laps: Laps
    threads: list[int]
    spawned: float
    padding: bytes


def main(scratch: Path, spawned: float) -> int:
    """Run the job in ``scratch/job.json``; return the exit status.

    The job's ``work`` names a module with a function ``run(child)``, and ``contender`` what to import. `run_worker`
    writes the rest.
    """
    laps = Laps(spawned)
    channel = Channel()
    die_with_parent()
    job = json.loads((scratch / "job.json").read_text(encoding="utf-8"))
    processors = bind_processors(job["threads"]) if job["bind_processors"] else None
    work = importlib.import_module(job["work"])
    padding = bytes(job["padding_bytes"])  # kept until the process ends, so that what follows lies elsewhere
    laps.lap("startup")
    contender: ModuleType | None = None
    try:
        contender = import_contender(job["contender"])
        threads = [contender.bind_threads(job["threads"])] if hasattr(contender, "bind_threads") else []
        if processors is not None:
            threads.append(processors)
        laps.lap("import")
        work.run(Child(contender, job, scratch, channel, laps, threads, spawned, padding))
    except Exception as error:
        imported = contender is not None
        absent = isinstance(error, NotImplementedError) if imported else is_missing_framework(error, job["contender"])
        event = "skipped" if absent else _event_of(error)
        told = {} if event == "skipped" else {"traceback": traceback.format_exc()}  # the log's disk may be full
        channel.send(event, detail=raised(error, own_folder(job["contender"])), imported=imported, **told)
        return 1 if event == "failed" else 0
    return 0


def _event_of(error: Exception) -> str:
    """Return the last event of a process that an error ended.

    A full disk, or a limit of the user's files, is the machine's failure, also where the contender turned it into an
    error of its own.
    """
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    if any(isinstance(cause, OSError) and cause.errno in _NO_ROOM for cause in causes):
        return "no_room"
    if isinstance(error, MemoryError):
        return "out_of_memory"
    return "failed"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
