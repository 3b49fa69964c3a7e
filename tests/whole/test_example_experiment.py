"""A user's own experiment: the documentation's runs from anywhere, and a bad folder is reported in one sentence."""

import json
import math
import re
import subprocess
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from made_up import drawers, trial_row, write_folder
from typer.testing import CliRunner

import bench
from bench.cli import app as cli
from bench.core.errors import UsageError
from bench.core.markdown import escape
from bench.report import reported
from bench.report.reported import ReportedRun
from bench.runs.plan import plan_trials
from bench.runs.settings import make_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "bench" / "cli" / "templates" / "experiment"
PAGE = ROOT / "docs" / "experiments.md"


@pytest.fixture
def example_folder(tmp_path: Path) -> Path:
    """Return a copy of the documentation's experiment outside the repository."""
    return copytree(EXAMPLE, tmp_path / "copied", ignore=lambda *_: ["__pycache__"])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return the folder that the documentation's page builds, block by block."""
    folder = tmp_path / "small"
    folder.mkdir()
    blocks = re.findall(r"^`(\w+\.py)`:\n\n```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    for name, source in blocks:
        (folder / name).write_text(source, encoding="utf-8")
    return folder


def change(path: Path, old: str, new: str) -> None:
    """Replace text in a file."""
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")


def made_up(path: Path, folder: Path, trials: Sequence[Mapping[str, Any]]) -> ReportedRun:
    """Write the folder of a run of a user's own experiment with these trials, and load it."""
    left = {f"{row['scenario']}-{row['contender']}-{row['seed']}": ({**row, "epochs": None}, None) for row in trials}
    name = trials[0]["suite"]
    settings = {"seeds": {name: sorted({row["seed"] for row in trials})}, "folders": {name: str(folder)}}
    return write_folder(path, left, [], {"settings": settings})


def timed(scenario: str, contender: str, seed: int, seconds: float, suite: str = "batch_size") -> dict[str, Any]:
    """Return the row of a trial that took so long to train."""
    row = trial_row(suite=suite, scenario=scenario, pair=scenario, contender=contender, seed=seed)
    return row | {"train_seconds": seconds}


def small_run(path: Path, folder: Path) -> ReportedRun:
    """Return a made-up run of the page's experiment."""
    sides = (("numpy", 0.5), ("keras", 2.0))
    trials = [timed("large_batches", contender, 2, seconds, "my_experiment") for contender, seconds in sides]
    return made_up(path, folder, trials)


def sources() -> dict[Path, int]:
    """Return every file of the repository that a run could touch, with the time of its last change."""
    folders = ("bench", "numpy_nn", "keras_nn", "docs", "results", "tests")
    found = [path for name in folders for path in (ROOT / name).rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in found if "__pycache__" not in path.parts}


def test_the_example_has_at_most_120_lines() -> None:
    lines = [line for path in EXAMPLE.glob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    assert 60 < len(lines) <= 120


def test_the_example_runs_outside_the_repository_and_is_reported_like_a_built_in_one(
    example_folder: Path, tmp_path: Path
) -> None:
    before = sources()
    words = [sys.executable, "-m", "bench", "run", "./copied/", "--quick", "--out", "made"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert sources() == before
    (path,) = (tmp_path / "made").iterdir()
    assert done.stdout.splitlines()[-1] == f"made/{path.name}/report.html"
    (finding,) = json.loads((path / "findings.json").read_text())["findings"]
    assert finding["sentence"].startswith("Keras's training time over NumPy's is ")
    assert set(finding["numbers"]) == {"ratio.8", "ratio.128"}
    for number in finding["numbers"].values():
        assert number["value"] > 0
        assert {**number, "value": 0} == {"value": 0, "unit": "times", "low": None, "high": None, "count": 1}
    assert f"batch_size: {finding['sentence']}" in done.stdout
    page, report = (path / "report.html").read_text(), (path / "report.md").read_text()
    assert f"\n\n**{finding['sentence']}**\n" in report
    assert "| rows an update | Keras / NumPy |" in report
    assert "](plots/ratio-batch_size.png)" in report
    assert re.search(r"<th[^>]*>.*rows an update", page, re.DOTALL)
    assert "Batch size: what it does to the ratio" in page
    assert (path / "plots" / "ratio-batch_size.svg").read_text().startswith("<?xml")
    assert (path / "plots" / "ratio-batch_size.png").read_bytes().startswith(b"\x89PNG")
    proven = json.loads((path / "proof.json").read_text())["verdicts"]
    assert {(each["contender"], each["status"]) for each in proven} == {("numpy", "equal"), ("keras", "equal")}


def test_the_examples_ratios_come_with_their_intervals(example_folder: Path, tmp_path: Path) -> None:
    trials = [
        timed("batch_8", contender, seed, seconds)
        for seed, ratio in ((0, 2.0), (1, 8.0))
        for contender, seconds in (("numpy", 0.5), ("keras", 0.5 * ratio))
    ]
    run = made_up(tmp_path / "run", example_folder, trials)
    ratio = run.findings[0].numbers["ratio.8"]
    assert (ratio.unit, ratio.count) == ("times", 2)
    assert ratio.value == pytest.approx(4.0)  # the geometric mean of 2 and 8
    assert ratio.low is not None
    assert ratio.high is not None
    # t with one degree of freedom is 12.706 at 97.5 %, and the logarithms' standard error is ln(8 / 2) / 2
    assert math.log(ratio.high / 4.0) == pytest.approx(12.706 * math.log(2.0), rel=1e-4)
    assert ratio.low * ratio.high == pytest.approx(16.0)
    assert "is 4 (95 % interval" in run.findings[0].sentence
    run.report()
    assert "2 pairs" in (run.path / "report.md").read_text()
    assert run.plot("ratio").axes[0].get_ylabel() == "Keras / NumPy"


@pytest.mark.parametrize("contender", ["numpy", "keras"])
def test_the_examples_sentence_stays_true_without_one_side(
    contender: str, example_folder: Path, tmp_path: Path
) -> None:
    run = made_up(tmp_path / "run", example_folder, [timed("batch_8", contender, 2, 1.0)])
    run.report()
    assert run.findings[0].sentence == (
        "There is nothing to compare: at no batch size did NumPy and Keras both train to the end at one seed."
    )
    assert not run.findings[0].numbers
    assert "No batch size has a pair to draw." in (run.path / "report.md").read_text()


def test_an_own_experiment_runs_beside_a_built_in_one_resumes_and_is_shown(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench.run(f"{small}/", "twins", contenders=["numpy"], seeds=1, quick=True, out=tmp_path / "out")
    assert [finding.suite for finding in run.findings] == ["twins", "my_experiment"]
    assert list(run.trials["status"]) == ["ok", "ok"]
    assert f"run twins {small}/" in run.command
    own = next((run.path / "trials").glob("my_experiment-*.json"))
    own.unlink()
    assert bench.load(run.path).missing == 1
    assert reported.resume(run.path, trust=True).missing == 0
    assert own.exists()
    sentence = bench.load(run.path).findings[1].sentence
    assert sentence.startswith("Median training time: numpy ")
    monkeypatch.setattr(webbrowser, "open", lambda _address: True)
    (run.path / "report.md").unlink()
    for verb in ("report", "show", "view"):
        done = CliRunner().invoke(cli.app, [verb, str(run.path)])
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines()[-1].endswith("report.html")
        assert (sentence in done.stdout) == (verb == "show")
    assert sentence in (run.path / "report.md").read_text()


def test_a_dry_run_plans_an_own_experiment(small: Path) -> None:
    done = CliRunner().invoke(cli.app, ["run", str(small), "--dry-run", "--seeds", "2"])
    assert done.exit_code == 0
    assert done.output.count("large_batches") == 5


# What is changed in the plan of the small experiment, and what the error says.
BAD_PLANS = {
    "a wrong type": (
        "EXPERIMENT = Experiment(",
        "EXPERIMENT = dict(",
        r"must export EXPERIMENT, an Experiment; got one of type dict",
    ),
    "an import that raises": (
        "EXPERIMENT =",
        "1 / 0\nEXPERIMENT =",
        r"its import raised ZeroDivisionError: division by zero \(plan\.py, line 10: 1 / 0\)",
    ),
    "an import that exits": ("EXPERIMENT =", "exit()\nEXPERIMENT =", r"raised SystemExit: None \(plan\.py, line"),
    "no Python": ("EXPERIMENT =", "EXPERIMENT", r"raised SyntaxError: .*\(plan\.py, line"),
    "no learning rate": (
        "batch_size=128)",
        "batch_size=128, learning_rate=None)",
        "give every scenario a learning rate, got None in 'large_batches'; Keras's default for sgd is 0.01",
    ),
    "an unknown field": ("title=", "titel=", "unexpected keyword argument 'titel'"),
    "a bad name": (
        'name="my_experiment"',
        'name="my experiment"',
        "a name of at most 60 letters, digits, - and _, got 'my experiment'",
    ),
    "the name of a built-in": (
        'name="my_experiment"',
        'name="cost"',
        "must not have the name of a built-in one, got 'cost'",
    ),
    "an entry of a wrong type": ("entries=(", "entries=('numpy',", "entries of type Entry.*got 'numpy'"),
    "one name for two scenarios": (
        'Entry(large, "keras"',
        'Entry(replace(large, epochs=3), "keras"',
        "must name each scenario differently, got 'large_batches' for two of them",
    ),
    "the name of a built-in scenario": (
        'name="large_batches"',
        'name="twins"',
        "must not name a scenario 'twins': a different scenario has this name already",
    ),
    "an unknown contender": ('"keras"', '"kerras"', "no contender named 'kerras'; did you mean 'keras'"),
    "an unknown data set": ("batch_size=128)", 'batch_size=128), dataset="moon"', "did you mean 'moons'"),
    "a network that does not fit": (
        "batch_size=128)",
        'batch_size=128), dataset="wine"',
        "scenario 'large_batches': layers: must begin with the 13 features of wine, got 2",
    ),
}


def refused(folder: Path, message: str) -> None:
    """Check that a folder is reported in one sentence."""
    with pytest.raises(UsageError, match=message) as caught:
        plan_trials(make_settings([f"{folder}/"]))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("case", BAD_PLANS)
def test_a_bad_plan_is_reported_in_one_sentence(case: str, small: Path) -> None:
    old, new, message = BAD_PLANS[case]
    change(small / "plan.py", old, new)
    refused(small, message)


def test_a_folder_without_an_experiment_is_reported_in_one_sentence(small: Path) -> None:
    change(small / "__init__.py", "import EXPERIMENT", "import large")
    refused(small, "must export EXPERIMENT, an Experiment; got nothing of that name")


@pytest.mark.parametrize("name", ["__init__.py", "finding.py"])
def test_a_folder_without_one_of_its_files_is_reported(name: str, small: Path) -> None:
    (small / name).unlink()
    refused(small, f"must hold {name}, which defines .*; the file is missing")


def test_a_folder_that_is_not_there_ends_the_command_with_2(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["run", f"{tmp_path}/mine/"])
    assert done.exit_code == 2
    assert done.stderr == f"the experiment folder {tmp_path}/mine must be a folder, nothing is there\n"
    (tmp_path / "mine").write_text("")
    with pytest.raises(UsageError, match="must be a folder, got a file"):
        make_settings([f"{tmp_path}/mine"])


def test_two_folders_cannot_share_the_name_of_an_experiment_or_of_a_scenario(small: Path, tmp_path: Path) -> None:
    other = copytree(small, tmp_path / "other")
    with pytest.raises(UsageError, match="each experiment must have a different name, got 'my_experiment' again in"):
        make_settings([f"{small}/", f"{other}/"])
    change(other / "plan.py", 'name="my_experiment"', 'name="another"')
    change(other / "plan.py", "batch_size=128", "batch_size=64")
    fresh = copytree(other, tmp_path / "fresh")  # a folder is imported once in a process
    with pytest.raises(UsageError, match="a different scenario has this name already"):
        make_settings([f"{small}/", f"{fresh}/"])


# What `find` does in place of its last statement, and what the report says instead of its sentence.
BAD_FINDINGS = {
    "raises": ("1 / 0", r"ZeroDivisionError: division by zero (finding.py, line 6, in find: 1 / 0)"),
    "returns nothing": ("return None", "TypeError: find must return a Finding, got NoneType"),
    "a number without a unit": (
        "return Finding('', None, {'a': 1.0})",
        "TypeError: numbers must hold a Number of floats for each name, got 1.0 for 'a'",
    ),
    "a cell of a table that is no text": (
        "return Finding('', None, tables=(Table('t', ('a',), ((1,),)),))",
        "TypeError: a finding's sentences, labels and tables must hold str, got 1",
    ),
}


@pytest.mark.parametrize("case", BAD_FINDINGS)
def test_a_finding_that_cannot_be_shown_is_replaced_by_the_reason(case: str, small: Path, tmp_path: Path) -> None:
    statement, words = BAD_FINDINGS[case]
    change(small / "finding.py", "    ok = tables", f"    {statement}\n    ok = tables")
    run = small_run(tmp_path / "run", small)
    (finding,) = run.findings
    assert finding.sentence == f"The finding could not be computed: {words}."
    assert (finding.suite, finding.numbers, finding.tables) == ("my_experiment", {}, ())
    assert finding.sentence in unescape(run.report().read_text())
    assert f"\n\n**{escape(finding.sentence)}**\n" in (run.path / "report.md").read_text()
    (kept,) = json.loads((run.path / "findings.json").read_text())["findings"]
    assert (kept["sentence"], kept["numbers"]) == (finding.sentence, {})
    assert [path.name for path in (run.path / "plots").glob("*.png")] == ["data-moons.png"]


# What is changed in figures.py, and what stands in the picture's place.
BAD_FIGURES = {
    "an import that raises": ("\n\ndef pictures", "\nimport no_such\n\ndef pictures", "No module named 'no_such'"),
    "pictures that raises": ("    name = f", "    1 / 0\n    name = f", "(figures.py, line 6, in pictures: 1 / 0)"),
    "a drawing that raises": (
        "    with drawing",
        "    1 / 0\n    with drawing",
        "(figures.py, line 11, in draw: 1 / 0)",
    ),
    "another type": ("    return Picture(", "    return None and Picture(", "must return a Picture, got NoneType"),
    "a name that is a path": ('f"seconds-{results.suite}"', '"../seconds"', "got '../seconds'"),
    "text that fails in layout": (
        "    title",
        "    figure.text(0, 0, '$\\\\x$', parse_math=True)\n    title",
        "ValueError",
    ),
}


@pytest.mark.parametrize("case", BAD_FIGURES)
def test_a_picture_that_cannot_be_drawn_is_replaced_by_the_reason(case: str, small: Path, tmp_path: Path) -> None:
    old, new, words = BAD_FIGURES[case]
    change(small / "figures.py", old, new)
    run = small_run(tmp_path / "run", small)
    drawn = {name: draw for name, draw in drawers(run).items() if "data" not in name}
    assert set(drawn) <= {"seconds-my_experiment", "figures-my_experiment"}
    (picture,) = (draw() for draw in drawn.values())
    assert picture.caption.startswith("This picture could not be drawn: ")
    assert words in picture.caption
    assert picture.caption in unescape(run.report().read_text())
    report = (run.path / "report.md").read_text()
    assert "\n\n**Median training time: keras 2 s, numpy 500 ms.**\n" in report
    assert escape(picture.caption) in report
    assert {path.stem for path in (run.path / "plots").glob("*.png")} == {*drawn, "data-moons"}


def test_a_run_that_names_code_in_its_own_folder_is_refused(small: Path, tmp_path: Path) -> None:
    inside = tmp_path / "run" / "code"
    copytree(small, inside)
    with pytest.raises(UsageError, match="must not name code in the run's own folder"):
        small_run(tmp_path / "run", inside)
    assert not [name for name in sys.modules if getattr(sys.modules[name], "__file__", None) == f"{inside}/__init__.py"]


def test_a_run_whose_folder_holds_another_experiment_by_now_says_so(small: Path, tmp_path: Path) -> None:
    change(small / "plan.py", 'name="my_experiment"', 'name="renamed"')
    with pytest.raises(UsageError, match="must define the experiment 'my_experiment' of this run, got 'renamed'"):
        small_run(tmp_path / "run", small)
