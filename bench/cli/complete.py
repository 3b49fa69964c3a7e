"""What a shell offers where a value is typed. It waits for the answer, so nothing heavy is imported.

Where nothing fits, as for ./mine.toml, bash and zsh offer files.
"""

from collections.abc import Iterable
from pathlib import Path

# The libraries that `bench new contender` can start with.
LIBRARIES = ("numpy", "torch", "jax")

# Where runs are made unless the user says otherwise.
_RUNS = "results"


def suites(incomplete: str) -> list[str]:
    """Return the suites."""
    from bench.experiments import EXPERIMENTS

    return _beginning(incomplete, EXPERIMENTS)


def contenders(incomplete: str) -> list[tuple[str, str]]:
    """Return the contenders, each with its title."""
    from bench.contenders.registry import CONTENDERS

    return [(info.name, info.title) for info in CONTENDERS.values() if info.name.startswith(incomplete)]


def tasks(incomplete: str) -> list[str]:
    """Return what a target may be."""
    from bench.core.spec import TASKS

    return _beginning(incomplete, TASKS)


def libraries(incomplete: str) -> list[str]:
    """Return the libraries that `bench new contender` can start with."""
    return _beginning(incomplete, LIBRARIES)


def runs(incomplete: str) -> list[str]:
    """Return the folders of runs: those in the usual folder, or in the one that is typed."""
    parent = incomplete.rpartition("/")[0] or _RUNS
    return _beginning(incomplete, sorted((str(path.parent) for path in Path(parent).glob("*/run.json")), reverse=True))


def shown(incomplete: str) -> list[str]:
    """Return what `bench show` takes: suites, scenarios and runs."""
    from bench.experiments import EXPERIMENTS, SCENARIOS

    return [*_beginning(incomplete, dict.fromkeys([*EXPERIMENTS, *SCENARIOS])), *runs(incomplete)]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
