"""The work of a probe, a process that measures: it calls ``measure`` of a module in this folder.

Until the memory is read, it imports numpy and the contender only.
"""

import importlib
from typing import TYPE_CHECKING

from bench.trials.readings import read_threads

if TYPE_CHECKING:
    from bench.process.child import Child
    from bench.trials.subject import Measurement


def run(child: "Child") -> None:
    """Measure the contender as the job's ``probe`` says.

    Raises:
        RuntimeError: if the contender uses more threads than it was asked to.
    """
    from bench.core.spec import MapPoint, NetworkSpec
    from bench.trials.subject import Subject

    job = child.job
    cases = tuple(MapPoint(**case) for case in job["cases"])
    subject = Subject(
        contender=child.contender,
        network=NetworkSpec.from_json(job["network"]),
        cases=cases,
        seed=job["seed"],
        distributions=tuple(job["distributions"]),
        spawned=child.spawned,
        scratch=child.scratch,
        on_case=lambda done: child.channel.send("epoch", epoch=done, epochs=len(cases)),
    )
    measurements: list[Measurement] = importlib.import_module(f"bench.trials.{job['probe']}").measure(subject)
    threads = read_threads(child.threads, job["threads"])
    child.laps.lap("measure")
    child.channel.send("done", seconds=child.laps.seconds, measurements=measurements, **threads)
