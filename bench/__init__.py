"""The harness: twins proven equal, then timed.

    import bench

    run = bench.run("twins", seeds=6)
    run.trials, run.curves      # pandas tables, described in the run's columns.md
    run.summary()               # one row for each contender
    run.findings[0].sentence    # what it comes to

`bench.load` opens a run that was made before. Nothing heavy is imported until one of these is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.runs.session import Run, load, run

__all__ = ["Run", "load", "run"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from bench.runs import session

        return getattr(session, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
