"""The life of a measuring process: start, import, measure. What it measures is a module beside this one.

Imports numpy and the contender, no more, until the memory has been read.
"""

import importlib
from typing import TYPE_CHECKING

from bench.process.child import Child
from bench.trials.readings import thread_pools

if TYPE_CHECKING:
    from bench.trials.subject import Measurement


def run(child: Child) -> None:
    """Measure what the job describes."""
    job = child.job
    contender, threads = child.bounded_contender()

    from bench.core.spec import MapPoint, NetworkSpec
    from bench.trials.subject import Subject

    cases = tuple(MapPoint(**case) for case in job["cases"])
    subject = Subject(
        contender=contender,
        network=NetworkSpec.from_json(job["network"]),
        cases=cases,
        seed=job["seed"],
        distributions=tuple(job["distributions"]),
        spawned=child.spawned,
        scratch=child.scratch,
        on_case=lambda done: child.channel.send("epoch", epoch=done, epochs=len(cases)),
    )
    measurements: list[Measurement] = importlib.import_module(f"bench.trials.{job['probe']}").measure(subject)
    pools = thread_pools()
    threads += [pool["num_threads"] for pool in pools]
    most = child.check_threads(threads)
    child.laps.lap("measure")
    child.channel.send("done", seconds=child.laps.seconds, threads=most, thread_pools=pools, measurements=measurements)
