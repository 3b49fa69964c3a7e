"""`--format json`: plain values with finite numbers, alone on standard output."""

import json
import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import invoke
from made_up import write_run

from bench.contenders.registry import CONTENDERS
from bench.datasets import DATASETS
from bench.experiments import EXPERIMENTS, SCENARIOS
from bench.parity.measure import Allowed, ParityRow
from bench.proof.prove import Verdict
from bench.runs.scenario_file import ScenarioFile, as_toml


def refuse(constant: str) -> None:
    raise ValueError(f"a number must be finite, got {constant}")


def values(*words: str, exit_code: int = 0) -> Any:
    """Return the JSON that a command prints, and nothing else."""
    done = invoke(*words, "--format", "json")
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout, parse_constant=refuse)


def documented(command: str) -> set[str]:
    """Return the keys in a row of the page."""
    page = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text(encoding="utf-8")
    _, _, part = page.partition("\n## JSON\n")
    (row,) = re.findall(rf"^\| `{command}`.* \| (.*) \|$", part.partition("\n## ")[0], re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def keys(document: Mapping[str, Any]) -> set[str]:
    """Return the keys of a document and of the objects in its lists."""
    lists = [each for each in document.values() if isinstance(each, list)]
    return {*document, *(key for each in lists for item in each for key in item)}


def test_list_names_everything_that_can_be_named() -> None:
    listed = values("list")
    known: dict[str, Mapping[str, object]] = {
        "suites": EXPERIMENTS,
        "scenarios": SCENARIOS,
        "datasets": DATASETS,
        "contenders": CONTENDERS,
    }
    named = {kind: [each["name"] for each in found] for kind, found in listed.items()}
    assert named == {kind: list(names) for kind, names in known.items()}
    assert listed["suites"][1]["contenders"] == ["numpy", "keras", "keras_tuned", "keras_plain"]
    assert keys(listed) == documented("list")
    assert values("list", "--scenarios") == {"scenarios": listed["scenarios"]}


def test_show_gives_every_key_of_a_scenario_and_what_it_comes_to() -> None:
    (shown,) = values("show", "twins")["scenarios"]
    assert set(shown) > set(ScenarioFile.model_fields)
    assert {"scenarios", *shown} - set(ScenarioFile.model_fields) == documented("show NAME")
    assert tomllib.loads(as_toml(SCENARIOS["twins"])).items() <= shown.items()
    assert (shown["name"], shown["hold_updates"], shown["optimizer_options"]) == ("twins", None, {})
    # 3 · 25 + 26 · 50 + 51 · 50 + 51 · 25 + 26 parameters; 900 rows in batches of 32
    assert (shown["parameters"], shown["training_rows"], shown["updates_per_epoch"]) == (5226, 900, 29)
    assert [each["name"] for each in values("show", "published")["scenarios"]] == list(
        EXPERIMENTS["published"].scenarios
    )


def test_what_a_measured_scenario_comes_to_is_null() -> None:
    (shown,) = values("show", "crossover")["scenarios"]
    assert (shown["training_rows"], shown["updates_per_epoch"]) == (None, None)


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("verb", ["report", "show"])
def test_a_run_gives_findings_summary_and_page(verb: str, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy", "keras"], seeds=[2, 0])
    run.report()
    found = values(verb, str(run.path))
    assert {name: found[name] for name in ("run_id", "findings")} == json.loads(
        (run.path / "findings.json").read_text()
    )
    assert set(found) == documented("show RUN")
    table = pd.read_csv(run.path / "summary.csv")
    assert [list(row) for row in found["summary"]] == [list(table.columns)] * len(table)
    assert [row["train_seconds_median"] for row in found["summary"]] == list(table["train_seconds_median"])
    assert Path(found["page"]) == run.path / "report.html"


def test_a_number_that_is_not_finite_is_null(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy"], seeds=[2])
    (row,) = values("show", str(run.path))["summary"]
    assert row["test_accuracy_sd"] is None  # of one trial


def test_verify_gives_every_verdict_and_still_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = [
        Verdict("numpy", "sgd", "equal", quantities=3, largest=1e-16, drift=(1e-8, 2e-8)),
        Verdict(
            "numpy", "adam", "differs", quantities=3, largest=math.inf, first="gradient", first_difference=math.inf
        ),
        Verdict("numpy", "rmsprop", "not offered", "NotImplementedError"),
    ]
    monkeypatch.setattr("bench.proof.prove.prove", lambda *_, **__: verdicts)
    document = values("verify", "numpy", exit_code=1)
    assert keys(document) == documented("verify")
    found = document["verdicts"]
    assert [(each["case"], each["status"]) for each in found] == [(each.case, each.status) for each in verdicts]
    assert (found[0]["largest"], found[0]["drift"]) == (1e-16, [1e-8, 2e-8])
    assert (found[1]["largest"], found[1]["first"], found[1]["first_difference"]) == (None, "gradient", None)


def test_parity_gives_every_name_and_still_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ParityRow("losses", "Huber", "equal", 1e-16, 5, allowed=(Allowed("values", 1e-7, 1e-6, "float32"),)),
        ParityRow("losses", "New", "differs", math.inf, 5, "values differs"),
    ]
    monkeypatch.setattr("bench.parity.measure.compare_all", lambda *_, **__: rows)
    found = values("verify", "--all", exit_code=1)
    assert keys(found) == documented("verify --all")
    assert set(found["versions"]) == {"Keras", "NumPy"}
    assert [(each["name"], each["status"], each["largest"]) for each in found["rows"]] == [
        ("Huber", "equal", 1e-16),
        ("New", "differs", None),
    ]
    assert found["rows"][0]["allowed"][0]["limit"] == 1e-6


def test_verdicts_are_a_table_in_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = [Verdict("numpy", "sgd", "equal", quantities=3, largest=1e-16)]
    monkeypatch.setattr("bench.proof.prove.prove", lambda *_, **__: verdicts)
    done = invoke("verify", "numpy", "--format", "markdown")
    assert done.exit_code == 0, done.output
    assert "| numpy | sgd | equal | 1.0e-16 |" in done.stdout


def test_the_gate_gives_every_rule(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy"], seeds=[2])
    found = values("check", str(run.path), exit_code=3)
    assert keys(found) == documented("check")
