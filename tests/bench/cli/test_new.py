"""`bench new`: what it writes runs as it stands, and nothing is overwritten."""

import re
import shlex
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from command_line import invoke

import bench
from bench.contenders.registry import find
from bench.core.evaluate import ACTIVATIONS, LOSSES
from bench.core.randomness import INITIALIZERS
from bench.experiments import SCENARIOS
from bench.proof.cases import EXACT_OPTIONS, all_cases, cases_of
from bench.proof.prove import prove
from bench.proof.reference import OPTIMIZERS
from bench.runs.scenario_file import ScenarioFile, read_scenario
from bench.runs.settings import make_settings

TEMPLATES = Path(bench.__file__).parent / "cli" / "templates"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command_after(*words: str) -> list[str]:
    """Run `bench new` and return the words of the command that it prints last."""
    done = invoke("new", *words)
    assert done.exit_code == 0, done.output
    python, dash_m, package, *command = shlex.split(done.stdout.splitlines()[-1])
    assert (python, dash_m, package) == ("python", "-m", "bench")
    return command


def test_a_new_contender_passes_the_proof_as_it_stands(here: Path) -> None:
    command = command_after("contender", "my net.py")
    assert command == ["verify", "./my net.py"]
    done = invoke(*command)
    assert done.exit_code == 0, done.output
    assert "proven: 6 cases" in done.stdout
    assert "bench verify ./my net.py" in (here / "my net.py").read_text()


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["scenario", "mine.toml"], ["run", "./mine.toml", "--quick"]),
        (["experiment", "my_experiment/"], ["run", "./my_experiment/", "--quick"]),
    ],
)
def test_what_is_written_runs_by_the_command_printed_last(words: list[str], command: list[str], here: Path) -> None:
    assert command_after(*words) == command
    done = invoke(*command, "--contender", "numpy")
    assert done.exit_code == 0, done.output
    assert (here / done.stdout.splitlines()[-1]).is_file()


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("contender", "mine.py", "mine.py must be a new file in a folder that can be written: File exists"),
        ("scenario", "mine.toml", "mine.toml must be a new file in a folder that can be written: File exists"),
        ("experiment", "mine/", "mine must be a new folder in one that can be written: File exists"),
    ],
)
def test_what_is_there_is_never_overwritten(kind: str, name: str, said: str, here: Path) -> None:
    command_after(kind, name)
    files = [path for path in here.rglob("*") if path.is_file()]
    for path in files:
        path.write_text("mine")
    done = invoke("new", kind, name)
    assert (done.exit_code, done.stderr) == (2, f"{said}\n")
    assert [path.read_text() for path in files] == ["mine"] * len(files)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["contender", "keras.py"], "must not have the name of a built-in contender"),
        (["contender", "mine"], "mine must be the name of a file that ends in .py, such as mine.py"),
        (["contender", "mine.py", "--like", "pytorch"], "did you mean 'torch'?"),
        (["contender", "no/mine.py"], "in a folder that can be written: No such file or directory"),
        (["scenario", "mine.yaml"], "mine.yaml must be the name of a file that ends in .toml, such as mine.toml"),
        (["scenario", "twins.toml"], "name: must not be that of a scenario of the harness"),
        (["experiment", "twins"], "must not have the name of a built-in one, got 'twins'"),
        (["experiment", "a.b"], "must have a name of at most 60 letters, digits, - and _, got 'a.b'"),
        (["scenario", "my scenario.toml"], "name: string should match pattern"),
    ],
)
def test_a_name_that_cannot_run_is_refused_and_nothing_is_written(words: list[str], said: str, here: Path) -> None:
    done = invoke("new", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not list(here.iterdir())


def test_a_new_experiment_has_the_name_of_its_folder(here: Path) -> None:
    command_after("experiment", "my_own")
    assert make_settings(["./my_own/"]).suites == ["my_own"]


# The scenario file


def test_the_scenario_to_start_from_is_that_of_the_fair_duel(here: Path) -> None:
    command_after("scenario", "mine.toml")
    assert replace(read_scenario(here / "mine.toml"), name="twins") == SCENARIOS["twins"]


def test_the_scenario_file_has_every_key_below_a_line_that_explains_it() -> None:
    text = (TEMPLATES / "scenario.toml").read_text(encoding="utf-8")
    keys = re.findall(r"(?<=^# )(?:[^\n]+)\n(?:# )?\[?(\w+)(?: = |\]$)", text, re.MULTILINE)
    assert sorted(keys) == sorted(ScenarioFile.model_fields)
    assert set(tomllib.loads(text)) <= set(keys)


def test_the_scenario_file_names_everything_that_may_be_chosen() -> None:
    text = (TEMPLATES / "scenario.toml").read_text(encoding="utf-8")
    options = [name for each in OPTIMIZERS.values() for name in signature(each).parameters]
    for name in (*ACTIVATIONS, *LOSSES, *INITIALIZERS, *OPTIMIZERS, *options, "float32", "float64"):
        assert re.search(rf"\b{name}\b", text), name


# The contenders in frameworks


def needs(library: str) -> Any:
    return pytest.param(library, marks=pytest.mark.skipif(find_spec(library) is None, reason=f"{library} is missing"))


@pytest.mark.parametrize("library", [needs("torch"), needs("jax")])
def test_a_contender_in_a_framework_is_equal_in_every_case(library: str, here: Path) -> None:
    command_after("contender", "mine.py", "--like", library)
    cases = [*all_cases(), *cases_of([SCENARIOS["twins"]])]
    verdicts = prove([(find("mine.py"), cases)], here / "scratch", timeout_seconds=300)
    assert {verdict.case: verdict.status for verdict in verdicts} == {case.name: "equal" for case in cases}


def template(library: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a template with NumPy in the framework's place, for the few functions that its optimizers call."""
    framework = MagicMock(sqrt=np.sqrt, maximum=np.maximum, numpy=np, jit=lambda function, **_: function)
    monkeypatch.setitem(sys.modules, library, framework)
    monkeypatch.setitem(sys.modules, f"{library}.numpy", np)
    spec = spec_from_file_location(f"template_{library}", TEMPLATES / f"contender_{library}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("sgd", {}),
        ("sgd", {"momentum": 0.875}),
        ("sgd", {"momentum": 0.875, "nesterov": True}),
        ("sgd", {"nesterov": True}),
        ("rmsprop", {}),
        ("rmsprop", {**dict(EXACT_OPTIONS["rmsprop"]), "momentum": 0.875}),
        ("rmsprop", {"centered": True}),
        ("adam", {}),
        ("adam", dict(EXACT_OPTIONS["adam"])),
        ("adam", {"amsgrad": True}),
    ],
)
def test_the_optimizers_of_a_template_follow_keras_rules(
    library: str, optimizer: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    step: Callable[..., Any] = template(library, monkeypatch).STEPS[optimizer]
    reference = OPTIMIZERS[optimizer](0.03, **options)
    rng = np.random.default_rng(3)
    expected = rng.normal(size=(3, 2))
    weight, moments = expected.copy(), tuple(np.zeros((3, 2)) for _ in range(3))
    for t in range(1, 30):
        gradient = rng.normal(size=(3, 2)) / t
        expected = expected - reference(gradient)
        stepped = step(weight, gradient, moments, t, 0.03, **options)
        if stepped is not None:  # PyTorch's are in place
            weight, moments = stepped
        np.testing.assert_allclose(weight, expected, rtol=0, atol=1e-14)
