"""Opens a user's own experiment: a folder of the same shape as those beside this file."""

import hashlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.core.errors import UsageError
from bench.core.raised import raised
from bench.core.spec import LEARNING_RATES, Entry, Scenario
from bench.experiments.base import Experiment, Finding, Number

_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def open_folder(path: Path, known: Mapping[str, Scenario]) -> Experiment:
    """Import the folder as a package and return its ``EXPERIMENT``. Its code runs in this process.

    Args:
        path: the folder.
        known: scenarios by name; the experiment must not give one of these names to a different scenario.

    Raises:
        UsageError: if it is not such a folder, cannot be imported, or has a plan that cannot be run; one sentence says
            what was expected.
    """
    if not path.is_dir():
        came = "got a file" if path.exists() else "nothing is there"
        raise UsageError(f"the experiment folder {path} must be a folder, {came}")
    for name, exports in (("__init__.py", "EXPERIMENT"), ("finding.py", "find(tables)")):
        if not (path / name).is_file():
            raise UsageError(
                f"the experiment folder {path} must hold {name}, which defines {exports}; the file is missing"
            )
    module = _imported(path)
    experiment = getattr(module, "EXPERIMENT", None)
    if not isinstance(experiment, Experiment):
        came = "nothing of that name" if experiment is None else f"one of type {type(experiment).__name__}"
        raise UsageError(f"{path / '__init__.py'} must export EXPERIMENT, an Experiment; got {came}")
    _check(experiment, path, known)
    # its finding and figures are those of this folder, whatever package it names
    return replace(experiment, package=module.__name__)


def _imported(path: Path) -> ModuleType:
    # the module's name comes from the path, so that two folders of the same name stay apart in sys.modules
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
    except (Exception, SystemExit) as error:
        for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[each]
        raise UsageError(
            f"the experiment folder {path} must be importable, its import raised {raised(error, path)}"
        ) from error
    return module


def _check(experiment: Any, path: Path, known: Mapping[str, Scenario]) -> None:
    # typed Any, since a user's code may be unchecked
    where = f"EXPERIMENT in {path}"
    if not isinstance(experiment.name, str) or not _NAME.fullmatch(experiment.name):
        raise UsageError(f"{where} must have a name of at most 60 letters, digits, - and _, got {experiment.name!r}")
    if not experiment.entries:
        raise UsageError(f"{where} must have at least one entry in its plan, it has none")
    for entry in experiment.entries:
        if not isinstance(entry, Entry) or not isinstance(entry.scenario, Scenario):
            raise UsageError(f"{where} must have entries of type Entry, each with a Scenario, got {entry!r}")
    named: dict[str, Scenario] = {}
    for scenario in (entry.scenario for entry in experiment.entries):
        if named.setdefault(scenario.name, scenario) != scenario:
            raise UsageError(f"{where} must name each scenario differently, got {scenario.name!r} for two of them")
        if scenario.network.learning_rate is None:
            default = LEARNING_RATES.get(scenario.network.optimizer)
            raise UsageError(
                f"{where} must give every scenario a learning rate, got None in {scenario.name!r}; Keras's default for "
                f"{scenario.network.optimizer} is {default}"
            )
        if known.get(scenario.name, scenario) != scenario:
            raise UsageError(
                f"{where} must not name a scenario {scenario.name!r}: a different scenario has this name already"
            )


def check_finding(found: Finding[Any]) -> None:
    """Check that a report can show the finding of a user's own experiment.

    Raises:
        TypeError: for the first number or text of another type.
    """
    numbers: Mapping[str, Any] = found.numbers
    for name, number in numbers.items():
        values = (number.value, number.low, number.high, number.count) if isinstance(number, Number) else (number,)
        if not isinstance(number, Number) or not all(isinstance(each, float | int | None) for each in values):
            raise TypeError(f"numbers must hold a Number of floats for each name, got {number!r} for {name!r}")
    cells: list[Any] = [
        each for table in found.tables for row in ((table.title,), table.columns, *table.rows) for each in row
    ]
    for text in (found.sentence, *found.labels.values(), *found.notes, *found.may, *found.may_not, *cells):
        if not isinstance(text, str):
            raise TypeError(f"a finding's sentences, labels and tables must hold str, got {text!r}")
