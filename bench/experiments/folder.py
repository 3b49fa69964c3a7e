"""Opens a user's own experiment: a folder of the same shape as those beside this file."""

import hashlib
import importlib.util
import re
import sys
from pathlib import Path

from bench.core.errors import UsageError
from bench.core.spec import Scenario
from bench.experiments.base import Experiment

_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def open_folder(path: Path, known: dict[str, Scenario]) -> Experiment:
    """Import the folder as a package and return its ``EXPERIMENT``. Its code runs in this process.

    Args:
        path: the folder.
        known: the harness's own scenarios, whose names a different scenario must not take.

    Raises:
        UsageError: if it is not such a folder, cannot be imported, or has a plan that cannot be run; one sentence says
            what was expected.
    """
    if not path.is_dir():
        raise UsageError(f"the experiment folder {path} must be a folder, there is none")
    if not (path / "__init__.py").is_file():
        raise UsageError(
            f"the experiment folder {path} must hold an __init__.py that exports EXPERIMENT, it holds none"
        )
    if not (path / "finding.py").is_file():
        raise UsageError(f"the experiment folder {path} must hold a finding.py with find(tables), it holds none")
    experiment = getattr(_imported(path), "EXPERIMENT", None)
    if not isinstance(experiment, Experiment):
        came = "nothing of that name" if experiment is None else f"a {type(experiment).__name__}"
        raise UsageError(
            f"the experiment folder {path} must export EXPERIMENT, an Experiment; its __init__.py has {came}"
        )
    _check(experiment, path, known)
    return experiment


def _imported(path: Path) -> object:
    # a name of its own for every folder, so that folders of one name do not meet in sys.modules
    resolved = path.resolve()
    name = f"bench_experiment_{hashlib.sha256(str(resolved).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        name, resolved / "__init__.py", submodule_search_locations=[str(resolved)]
    )
    if spec is None or spec.loader is None:
        raise UsageError(f"the experiment folder {path} cannot be imported")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[each]
        raise UsageError(
            f"the experiment folder {path} must be importable, its import raised {type(error).__name__}: {error}"
        ) from error
    return module


def _check(experiment: Experiment, path: Path, known: dict[str, Scenario]) -> None:
    where = f"EXPERIMENT in {path}"
    if not _NAME.fullmatch(experiment.name):
        raise UsageError(f"{where} must have a name of letters, digits, - and _, got {experiment.name!r}")
    if not experiment.entries:
        raise UsageError(f"{where} must have at least one entry in its plan, it has none")
    scenarios: dict[str, Scenario] = {}
    for scenario in (entry.scenario for entry in experiment.entries):
        if scenarios.setdefault(scenario.name, scenario) != scenario or known.get(scenario.name, scenario) != scenario:
            raise UsageError(f"{where} must name each scenario differently, got {scenario.name!r} for two of them")
