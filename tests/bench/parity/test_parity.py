"""Parity: two made-up packages with planted faults, and the whole of Keras beside numpy_nn."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import numpy_nn
from bench.cli import app as cli
from bench.core.errors import BenchError, UsageError
from bench.parity import reasons
from bench.parity.draws import draw
from bench.parity.measure import ParityRow, compare_all, difference
from bench.parity.names import CLASSES, Parameter, PublicName
from bench.parity.page import parity_page, parity_sentence
from bench.parity.processes import Processes
from bench.parity.reasons import BOUNDS, Bound
from numpy_nn.missing import REASONS, Reason

PAGE = Path(__file__).parents[3] / "docs" / "parity.md"

CONFIG = "def set_floatx(name): pass\ndef floatx(): return 'float64'\n"

# Functions of labels and predictions need no network, so that the made-up packages can be short.
ORIGINAL = """
import numpy as np
def mean_squared_error(y_true, y_pred): return np.square(y_true - y_pred).mean(axis=-1)
def huber(y_true, y_pred, delta=1.0):
    gap = np.abs(y_true - y_pred)
    return np.where(gap <= delta, gap**2 / 2, delta * gap - delta**2 / 2).mean(axis=-1)
def dice(y_true, y_pred): return 0.0
mse = mean_squared_error
"""


def packages(tmp_path: Path, original: Mapping[str, str], twin: Mapping[str, str]) -> list[ParityRow]:
    """Return the rows of two packages with these modules, named goliath and david."""
    for package, modules in (("goliath", original), ("david", twin)):
        (tmp_path / package).mkdir(parents=True)
        for module, source in {"__init__": "", "config": CONFIG, **modules}.items():
            (tmp_path / package / f"{module}.py").write_text(source)
    processes = Processes(tmp_path / "scratch", 60.0, {"PYTHONPATH": str(tmp_path)})
    return compare_all(processes, original="goliath", twin="david")


def rows_of_losses(tmp_path: Path, *changes: tuple[str, str], added: str = "") -> dict[str, ParityRow]:
    """Return the rows of the made-up losses, whose twin is a copy but for the changes."""
    twin = ORIGINAL
    for old, new in changes:
        assert old in twin
        twin = twin.replace(old, new)
    return {row.name: row for row in packages(tmp_path, {"losses": ORIGINAL + added}, {"losses": twin})}


def test_a_copy_is_equal_and_an_alias_names_its_original(tmp_path: Path) -> None:
    rows = rows_of_losses(tmp_path)
    assert {row.status for row in rows.values()} == {"equal"}
    assert rows["huber"].largest == 0.0
    assert rows["huber"].uses == 5
    assert rows["mse"].detail == "another name of mean_squared_error"


def test_a_name_that_the_original_adds_is_missing_without_a_reason(tmp_path: Path) -> None:
    rows = rows_of_losses(tmp_path, added="def entropy_of_tomorrow(y_true, y_pred): return 0.0\n")
    assert rows["entropy_of_tomorrow"] == ParityRow("losses", "entropy_of_tomorrow", "missing")
    assert not rows["entropy_of_tomorrow"].is_sound


def test_a_missing_name_gives_its_reason(tmp_path: Path) -> None:
    rows = rows_of_losses(tmp_path, ("def dice(y_true, y_pred): return 0.0\n", ""))
    assert (rows["dice"].status, rows["dice"].detail) == ("missing", "segmentation")
    assert rows["dice"].is_sound


def test_an_alias_must_exist_and_mean_the_same(tmp_path: Path) -> None:
    rows = rows_of_losses(tmp_path, ("mse = mean_squared_error\n", ""))
    assert rows["mean_squared_error"].is_sound
    assert not rows["mse"].is_sound
    rows = rows_of_losses(tmp_path / "second", ("mse = mean_squared_error", "mse = huber"))
    assert (rows["mse"].status, rows["mse"].detail) == ("differs", "is not the same thing as mean_squared_error")


def test_a_wrong_twin_is_caught_with_its_difference_and_its_arguments(tmp_path: Path) -> None:
    rows = rows_of_losses(tmp_path, ("gap**2 / 2, ", "gap**2, "))
    row = rows["huber"]
    assert (row.status, row.is_sound) == ("differs", False)
    assert row.largest is not None
    assert 0.01 < row.largest <= 1.0
    assert re.match(r"values differs by [\d.e+-]+ with default arguments", row.detail)


def test_a_twin_that_is_wrong_with_drawn_arguments_alone_is_caught(tmp_path: Path) -> None:
    rows = rows_of_losses(tmp_path, ("gap <= delta", "gap <= 1.0"))
    assert rows["huber"].status == "differs"
    assert re.match(r"values differs by [\d.e+-]+ with delta=", rows["huber"].detail)


def test_a_twin_that_raises_is_broken_and_one_that_lacks_an_argument_says_so(tmp_path: Path) -> None:
    rows = rows_of_losses(tmp_path, ("    gap = ", "    assert delta == 1.0, 'only one'\n    gap = "))
    assert rows["huber"].status == "broken"
    assert rows["huber"].detail.startswith("AssertionError: only one, with delta=")
    rows = rows_of_losses(tmp_path / "second", ("delta=1.0", "epsilon=1.0, **options"), ("delta", "epsilon"))
    assert rows["huber"].detail.endswith("does not take delta") or not rows["huber"].is_sound


def test_a_bound_is_reported_and_enforced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nearly = ("np.square(y_true - y_pred)", "1.000001 * np.square(y_true - y_pred)")
    monkeypatch.setattr(reasons, "BOUNDS", (Bound(1e-5, "float32 within", ("losses.mean_*",)),))
    row = rows_of_losses(tmp_path, nearly)["mean_squared_error"]
    assert (row.status, row.largest) == ("equal", 0.0)
    (allowed,) = row.allowed
    assert (allowed.quantity, allowed.limit, allowed.words) == ("values", 1e-5, "float32 within")
    assert allowed.difference == pytest.approx(1e-6, rel=1e-3)
    assert "values 1e-06, allowed 1e-05: float32 within" in parity_page([row], {})
    monkeypatch.setattr(reasons, "BOUNDS", (Bound(1e-7, "float32 within", ("losses.mean_*",)),))
    assert rows_of_losses(tmp_path / "second", nearly)["mean_squared_error"].status == "differs"


def test_a_package_that_cannot_be_imported_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="the parity process of david failed: ZeroDivisionError"):
        packages(tmp_path, {}, {"__init__": "1 / 0"})


def test_a_thing_without_a_comparison_is_reported(tmp_path: Path) -> None:
    classes = "class Loss: pass\nclass Odd: pass\nclass Asking(Loss):\n    def __init__(self, riddle): pass\n"
    rows = {row.name: row for row in packages(tmp_path, {"losses": classes}, {"losses": classes})}
    assert rows["Loss"].status == "there"
    assert (rows["Odd"].status, rows["Odd"].detail) == ("not compared", "no comparison fits it")
    assert (rows["Asking"].status, rows["Asking"].detail) == ("not compared", "no values are known for riddle")
    assert not rows["Odd"].is_sound


def test_the_difference_is_relative_and_infinite_if_undefined() -> None:
    a = np.array([1.0, -4.0])
    assert difference(a, np.array([1.0, -3.0])) == 0.25
    assert difference(np.zeros(2), np.zeros(2)) == 0.0
    assert difference(np.zeros(2), np.array([0.0, 1e-300])) == np.inf
    assert difference(a, a[:1]) == np.inf
    assert difference(a, np.array([1.0, np.nan])) == np.inf
    assert difference(np.array([np.nan, np.inf, 2.0]), np.array([np.nan, np.inf, 1.0])) == 0.5
    assert difference(np.array([np.inf]), np.array([-np.inf])) == np.inf
    assert difference(np.array("relu"), np.array("relu")) == 0.0
    assert difference(np.array("relu"), np.array("tanh")) == np.inf


def test_draws_begin_with_the_defaults_are_the_same_each_time_and_exact_in_float32() -> None:
    parameters = tuple(Parameter(each, "0") for each in ("learning_rate", "momentum", "clipnorm", "clipvalue", "name"))
    sgd = PublicName("optimizers", "SGD", "optimizer", None, parameters)
    first, *others = drawn = draw(sgd, 5)
    assert first == {}
    assert len(others) == 4
    assert draw(sgd, 5) == drawn
    for arguments in others:
        assert "name" not in arguments
        assert not {"clipnorm", "clipvalue"} <= {name for name, value in arguments.items() if value is not None}
        numbers = [value for value in arguments.values() if value is not None]
        assert numbers == [float(np.float32(value)) for value in numbers]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[list[PublicName]]:
    """Return the public names of Keras and of its twin."""
    return Processes(tmp_path_factory.mktemp("names"), 120.0).names("keras", "numpy_nn")


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda each: each.words[:20])
def test_every_pattern_matches_a_name(bound: Bound, names: list[list[PublicName]]) -> None:
    for pattern in bound.patterns:
        assert any(fnmatchcase(name.path, pattern) for name in names[0]), pattern


# The modules of Keras that numpy_nn has; the rest are names of the first.
MODULES = [
    *("", ".activations", ".backend", ".callbacks", ".config", ".constraints", ".initializers", ".layers", ".losses"),
    *(".metrics", ".models", ".optimizers", ".optimizers.schedules", ".random", ".regularizers", ".saving", ".utils"),
]
LIST = """
import importlib, json, sys
modules = [importlib.import_module(f"keras{each}") for each in json.loads(sys.argv[1])]
print(json.dumps([[name for name in dir(module) if name[0] != "_"] for module in modules]))
"""


@pytest.fixture(scope="module")
def missing() -> dict[str, str]:
    """Return what numpy_nn says of each name of Keras that it lacks."""
    command = [sys.executable, "-c", LIST, json.dumps(MODULES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = {}
    for module, names in zip(MODULES, json.loads(done.stdout.splitlines()[-1]), strict=True):
        twin = import_module(f"numpy_nn{module}")
        for name in set(names) - {"src"}:
            try:
                getattr(twin, name)
            except AttributeError as error:
                said[f"{module}.{name}"[1:] if module else name] = str(error)
    return said


def test_each_name_of_keras_that_is_missing_says_why(missing: dict[str, str]) -> None:
    assert len(missing) > 100
    for path, said in missing.items():
        assert re.fullmatch(rf"numpy_nn has no {re.escape(path)} \(.+\): (use .+|omit it)", said), said
    for statement, path in {
        "from numpy_nn.layers import Conv2D": "layers.Conv2D",
        "from numpy_nn.utils import get_file": "utils.get_file",
        "from numpy_nn.datasets import mnist": "datasets",
        "import numpy_nn.ops as ops": "ops",
    }.items():
        with pytest.raises(ImportError, match=re.escape(f"numpy_nn has no {path} (")):
            exec(statement)  # noqa: S102 - the statements above
    with pytest.raises(AttributeError, match=r"module 'numpy_nn\.layers' has no attribute 'Densee'"):
        getattr(numpy_nn.layers, "Densee")  # noqa: B009 - type checkers see that it is missing


@pytest.mark.parametrize("reason", REASONS, ids=lambda each: each.words[:20])
def test_every_reason_is_that_of_a_missing_name(
    reason: Reason, missing: dict[str, str], names: list[list[PublicName]]
) -> None:
    members = {name.path for name in names[0] if name.kind == "member"} - {name.path for name in names[1]}
    for pattern in reason.patterns:
        assert any(fnmatchcase(path, pattern) for path in {*missing, *members}), pattern


def test_the_members_of_six_classes_are_listed(names: list[list[PublicName]]) -> None:
    for package in names:
        owners = {name.module for name in package if name.kind == "member"}
        assert owners == set(CLASSES)
    theirs, ours = ({name.path for name in package if name.kind == "member"} for package in names)
    assert {"Model.fit", "Sequential.add", "layers.Layer.add_weight", "optimizers.Optimizer.apply"} <= theirs & ours
    assert {"Model.export", "Model.train_step"} <= theirs - ours


def test_a_name_of_each_kind_is_equal(names: list[list[PublicName]], tmp_path: Path) -> None:
    ours = {name.path for name in names[1]}
    kinds = {
        name.kind: name.path
        for name in reversed(names[0])
        if name.path in ours and name.kind not in (None, "base", "member")
    }
    rows = compare_all(Processes(tmp_path, 600.0), only=set(kinds.values()).__contains__)
    assert {row.path: row.status for row in rows} == dict.fromkeys(kinds.values(), "equal")


@pytest.mark.whole
def test_every_name_of_keras_is_equal_or_missing_for_a_reason_and_the_page_says_so(
    names: list[list[PublicName]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Processes, "names", lambda *_: names)  # as listed above
    rows = compare_all(Processes(tmp_path, 600.0))
    assert [f"{row.path}: {row.status}: {row.detail}" for row in rows if not row.is_sound] == []
    page = PAGE.read_text(encoding="utf-8")
    assert without_differences(parity_page(rows, versions())) == without_differences(page), (
        "docs/parity.md is out of date: python -m bench verify --all --write docs/parity.md"
    )


def versions() -> dict[str, str]:
    return {"Keras": version("keras"), "NumPy": version("numpy")}


def without_differences(page: str) -> str:
    """Return a page without sizes of differences, which depend on the machine's arithmetic, and without versions."""
    page = re.sub(r"with Keras [\d.]+ and NumPy [\d.]+", "", page)
    return re.sub(r"[\w ]+ \d+e[-+]\d+, allowed|\| (\d+e[-+]\d+|0) \|", "", page)


def test_the_command_ends_with_1_and_lists_the_names_that_are_not_equal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [ParityRow("losses", "Huber", "equal", 1e-16, 5), ParityRow("losses", "CTC", "missing", detail="sequences")]
    made = rows
    monkeypatch.setattr("bench.parity.measure.compare_all", lambda *_, **__: made)
    page = tmp_path / "parity.md"
    done = CliRunner().invoke(cli.app, ["verify", "--all", "--write", str(page)])
    assert done.exit_code == 0, done.output
    assert parity_sentence(rows) in done.output
    assert "| Huber | 1e-16 |  |" in page.read_text()
    assert "| CTC | – | missing: sequences |" in page.read_text()
    made = [*rows, ParityRow("losses", "New", "missing")]
    done = CliRunner().invoke(cli.app, ["verify", "--all", "--format", "markdown"])
    assert done.exit_code == 1
    assert "not equal to Keras: losses.New" in done.output
    assert "| New | – | missing without a reason |" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "numpy"], "--all compares numpy_nn with Keras; give no contenders with it"),
        (["--only", "losses.*"], "--only and --write belong to --all"),
        (["--all", "--format", "jsn"], "did you mean 'json'?"),
        (["--all", "--only", "losses.*", "--write", "x.md"], "--write writes the page of all names"),
    ],
)
def test_options_that_do_not_go_together_are_refused(words: list[str], said: str) -> None:
    done = CliRunner().invoke(cli.app, ["verify", *words])
    assert done.exit_code == 2
    assert said in done.output


def test_a_pattern_that_fits_no_name_is_refused() -> None:
    nothing: Any = SimpleNamespace(names=lambda *_: [[], []])
    with pytest.raises(UsageError, match="expected at least one public name of keras to compare, got none"):
        compare_all(nothing, only=lambda _: False)
