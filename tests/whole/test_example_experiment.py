"""A user's own experiment: the documentation's runs from anywhere, and a bad folder is reported in one sentence."""

import json
import math
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from made_up import trial_row
from typer.testing import CliRunner

import bench
from bench.cli import app as cli
from bench.core.errors import UsageError
from bench.report import reported
from bench.report.reported import ReportedRun
from bench.runs.plan import plan_trials
from bench.runs.settings import make_settings
from bench.store.folder import SCHEMA

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example_experiment"
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


def made_up(path: Path, folder: Path, trials: Sequence[Mapping[str, Any]], **run: Any) -> ReportedRun:
    """Write the folder of a run of a user's own experiment with these trials, and load it."""
    (path / "trials").mkdir(parents=True)
    keys = [f"{row['scenario']}-{row['contender']}-{row['seed']}" for row in trials]
    for key, row in zip(keys, trials, strict=True):
        text = json.dumps({"schema": SCHEMA, "row": row, "curve": None, "thread_pools": []})
        (path / "trials" / f"{key}.json").write_text(text)
    name = trials[0]["suite"]
    described = {
        "schema": SCHEMA,
        "run_id": path.name,
        "status": "complete",
        "command": f"python -m bench run {folder}",
        "settings": {"seeds": {name: sorted({row["seed"] for row in trials})}, "folders": {name: str(folder)}},
        "environment": {},
        "trials": keys,
    }
    (path / "run.json").write_text(json.dumps(described | run))
    return bench.load(path)


def timed(scenario: str, contender: str, seed: int, seconds: float, suite: str = "batch_size") -> dict[str, Any]:
    """Return the row of a trial that took so long to train."""
    row = trial_row(suite=suite, scenario=scenario, pair=scenario, contender=contender, seed=seed)
    return row | {"train_seconds": seconds}


def small_run(path: Path, folder: Path) -> ReportedRun:
    """Return a made-up run of the page's experiment."""
    sides = {"numpy": 0.5, "keras": 2.0}
    return made_up(path, folder, [timed("large_batches", *side, "my_experiment") for side in _sided(sides)])


def _sided(sides: Mapping[str, float]) -> list[tuple[str, int, float]]:
    return [(contender, 2, seconds) for contender, seconds in sides.items()]


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
    assert report.startswith(f"**{finding['sentence']}**")
    assert "| rows an update | Keras / NumPy |" in report
    assert "plots/ratio-batch\\_size.png" in report or "plots/ratio-batch_size.png" in report
    assert re.search(r"<th[^>]*>.*rows an update", page, re.DOTALL)
    assert "batch size: what it does to the ratio" in page
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


def test_an_own_experiment_runs_beside_a_built_in_one_resumes_and_is_shown(small: Path, tmp_path: Path) -> None:
    run = bench.run(f"{small}/", "twins", contenders=["numpy"], seeds=1, quick=True, out=tmp_path / "out")
    assert [finding.suite for finding in run.findings] == ["twins", "my_experiment"]
    assert list(run.trials["status"]) == ["ok", "ok"]
    assert f"run twins {small}/" in run.command
    own = next((run.path / "trials").glob("my_experiment-*.json"))
    own.unlink()
    assert bench.load(run.path).missing == 1
    assert reported.resume(run.path).missing == 0
    assert own.exists()
    sentence = bench.load(run.path).findings[1].sentence
    assert sentence.startswith("Median training time: numpy ")
    change(small / "finding.py", "Median training time: ", "Half the trials train faster than: ")
    for verb in ("report", "show", "view"):
        done = subprocess.run(
            [sys.executable, "-m", "bench", verb, str(run.path)],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "", "BROWSER": "true"},
        ) if verb != "view" else CliRunner().invoke(cli.app, ["view", str(run.path)])
        out = done.stdout
        assert out.splitlines()[-1].endswith("report.html"), out
    assert "Half the trials train faster than: numpy" in (run.path / "report.md").read_text()


def test_a_dry_run_plans_an_own_experiment(small: Path) -> None:
    done = CliRunner().invoke(cli.app, ["run", str(small), "--dry-run", "--seeds", "2"])
    assert done.exit_code == 0
    assert done.output.count("large_batches") == 4
