"""The harness: twins proven equal, then timed.

    import bench

    run = bench.run("twins", seeds=6)
    run.trials, run.curves      # pandas tables, described in the run's columns.md
    run.summary()               # one row for each contender
    run.findings[0].sentence    # the answer in a sentence

`bench.load` opens a run that was made before. Nothing heavy is imported until one of these is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.report.reported import load, run
    from bench.runs.record import Run

__all__ = ["Run", "load", "run"]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name == "Run":
        from bench.runs.record import Run

        return Run
    if name in __all__:
        from bench.report import reported

        return getattr(reported, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
