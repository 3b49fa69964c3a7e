"""The life of a measuring process: start, import, measure. What it measures is a module beside this one.

Imports numpy and the contender, no more, until the memory has been read.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.process.channel import Channel, attempt, bind_processors, die_with_parent, import_contender
from bench.trials.clock import Laps
from bench.trials.readings import thread_pools

if TYPE_CHECKING:
    from bench.trials.subject import Measurement


def main(scratch: Path, spawned: float) -> int:
    """Measure what ``scratch/job.json`` describes; return the exit status."""
    laps = Laps(spawned)
    channel = Channel()
    die_with_parent()
    job = json.loads((scratch / "job.json").read_text(encoding="utf-8"))
    processors = bind_processors(job["threads"])
    laps.lap("startup")
    return attempt(channel, lambda: _live(job, scratch, spawned, laps, channel, processors))


def _live(
    job: Mapping[str, Any], scratch: Path, spawned: float, laps: Laps, channel: Channel, processors: int | None
) -> None:
    contender = import_contender(job["contender"])
    threads = [contender.bind_threads(job["threads"])] if hasattr(contender, "bind_threads") else []
    if processors is not None:
        threads.append(processors)
    laps.lap("import")

    from bench.core.spec import MapPoint, NetworkSpec
    from bench.trials.subject import Subject

    cases = tuple(MapPoint(**case) for case in job["cases"])
    subject = Subject(
        contender=contender,
        network=NetworkSpec.from_json(job["network"]),
        cases=cases,
        seed=job["seed"],
        distributions=tuple(job["distributions"]),
        spawned=spawned,
        scratch=scratch,
        on_case=lambda done: channel.send("epoch", epoch=done, epochs=len(cases)),
    )
    measurements: list[Measurement] = importlib.import_module(f"bench.trials.{job['probe']}").measure(subject)
    pools = thread_pools()
    threads += [pool["num_threads"] for pool in pools]
    if max(threads) > job["threads"]:
        raise RuntimeError(f"asked for {job['threads']} threads, read back {max(threads)}")
    laps.lap("measure")
    channel.send(
        "done",
        seconds=laps.seconds,
        threads=max(threads),
        thread_pools=pools,
        measurements=measurements,
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
