"""`bench compare`: what changed from one run to another, and what cannot be told."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import write_run
from typer.testing import CliRunner

from bench.cli import app as cli
from bench.core.errors import UsageError
from bench.report.reported import ReportedRun
from bench.statistics.decide import Change
from bench.verdicts.calibration import BLOCKS, Calibration, Runs
from bench.verdicts.compare import Compared, compare, error_words, machines_differ, outcome_of

MACHINE = {"host": "here", "processor": "a processor", "processors": 2, "versions": {"numpy": "2"}}


def drawn(runs: int = 60, between: float = 0.01, within: float = 0.01, seed: int = 0) -> Runs:
    """Return A/A runs whose machine has this noise."""
    rng = np.random.default_rng(seed)
    added = between * rng.standard_normal((runs, 1, 1))
    seconds = 0.24 * np.exp(added + within * rng.standard_normal((runs, BLOCKS, 3)))
    return [[tuple(block) for block in run] for run in seconds.tolist()]


CALIBRATION = Calibration(MACHINE, drawn())


def made(
    folder: Path, factor: float = 1.0, only: str = "", environment: dict[str, Any] | None = None, **values: Any
) -> ReportedRun:
    """Return a run whose seconds are multiplied, of one contender or of all."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        own = not only or row["contender"] == only
        noise = 1.0 + 0.01 * ((row["seed"] * 3 + len(row["contender"])) % 4)
        row = row | ({"train_seconds": row["train_seconds"] * factor * noise} if own else {})
        return row | {name: given(row) for name, given in values.items()}

    return write_run(folder, change=change, environment=MACHINE if environment is None else environment)


def verdicts(found: list[Compared], quantity: str) -> dict[str, Change]:
    return {each.contender: each.verdict for each in found if each.quantity == quantity}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> ReportedRun:
    return made(tmp_path_factory.mktemp("before") / "run")


def test_a_run_is_not_measurably_different_from_itself(before: ReportedRun) -> None:
    found = compare(before, before, 0.1, CALIBRATION)
    assert {each.verdict for each in found} == {Change.SAME}
    assert outcome_of(found) is Change.SAME
    assert {each.quantity for each in found} == {
        "training",
        "training / numpy",
        "start",
        "peak memory",
        "test accuracy",
        "updates to target",
    }


def test_a_slower_numpy_is_worse_and_everything_over_it_better(before: ReportedRun, tmp_path: Path) -> None:
    found = compare(before, made(tmp_path / "run", 1.2, "numpy"), 0.1, CALIBRATION)
    assert verdicts(found, "training") == {"numpy": Change.WORSE, "keras": Change.SAME, "keras_tuned": Change.SAME}
    assert verdicts(found, "training / numpy") == {"keras": Change.BETTER, "keras_tuned": Change.BETTER}
    assert outcome_of(found) is Change.WORSE
    back = compare(made(tmp_path / "again", 1.2, "numpy"), before, 0.05, CALIBRATION)
    assert verdicts(back, "training")["numpy"] is Change.BETTER


def test_a_change_within_the_margin_is_none(before: ReportedRun, tmp_path: Path) -> None:
    after = made(tmp_path / "run", 1.06)
    assert verdicts(compare(before, after, 0.25, CALIBRATION), "training")["numpy"] is Change.SAME
    quiet = Calibration(MACHINE, drawn(between=0.0, within=0.001))
    assert verdicts(compare(before, after, 0.02, quiet), "training")["numpy"] is Change.WORSE


def test_where_runs_differ_by_themselves_a_change_cannot_be_told(before: ReportedRun, tmp_path: Path) -> None:
    noisy = Calibration(MACHINE, drawn(between=0.1))
    found = compare(before, made(tmp_path / "run", 1.1, "numpy"), 0.05, noisy)
    assert verdicts(found, "training")["numpy"] is Change.UNKNOWN


def test_without_a_calibration_no_time_is_judged(before: ReportedRun) -> None:
    found = compare(before, before, 0.05, None)
    for quantity in ("training", "training / numpy", "start"):
        assert set(verdicts(found, quantity).values()) == {Change.UNKNOWN}
    assert set(verdicts(found, "peak memory").values()) == {Change.SAME}
    assert "bench calibrate" in next(each.words for each in found if each.quantity == "training")
    assert "not known" in error_words(None)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"host": "elsewhere"}, "host is here there and elsewhere here"),
        ({"system": "Linux 7"}, "system is None there and Linux 7 here"),
        ({"versions": {"numpy": "3"}}, "numpy is 2 there and 3 here"),
    ],
)
def test_seconds_of_other_machines_are_refused_and_ratios_are_not(
    before: ReportedRun, tmp_path: Path, environment: dict[str, Any], said: str
) -> None:
    after = made(tmp_path / "run", 1.3, "numpy", MACHINE | environment)
    assert machines_differ(before, after) == said
    found = compare(before, after, 0.05, CALIBRATION)
    refused = [each for each in found if each.quantity in ("training", "start")]
    assert {each.verdict for each in refused} == {Change.UNKNOWN}
    assert all(said in each.words for each in refused)
    assert verdicts(found, "training / numpy")["keras"] is Change.BETTER
    assert verdicts(found, "test accuracy")["numpy"] is Change.SAME


def test_threads_are_part_of_the_machine(before: ReportedRun, tmp_path: Path) -> None:
    after = made(tmp_path / "run")
    run = json.loads((after.path / "run.json").read_text())
    run["settings"]["threads"] = 2
    (after.path / "run.json").write_text(json.dumps(run))
    assert "threads are 1 there and 2 here" in machines_differ(before, ReportedRun(after._folder.open(after.path)))


def test_a_point_of_accuracy_is_a_change(before: ReportedRun, tmp_path: Path) -> None:
    worse = made(tmp_path / "worse", test_accuracy=lambda row: row["test_accuracy"] - 0.02)
    assert set(verdicts(compare(before, worse, 0.05, CALIBRATION), "test accuracy").values()) == {Change.WORSE}
    assert set(verdicts(compare(worse, before, 0.05, CALIBRATION), "test accuracy").values()) == {Change.BETTER}
    little = made(tmp_path / "little", test_accuracy=lambda row: row["test_accuracy"] - 0.002)
    assert set(verdicts(compare(before, little, 0.05, CALIBRATION), "test accuracy").values()) == {Change.SAME}


def test_a_target_reached_later_at_every_seed_is_worse_and_never_is_latest(before: ReportedRun, tmp_path: Path) -> None:
    later = made(tmp_path / "later", updates_to_target=lambda row: row["updates_to_target"] + 29)
    found = compare(before, later, 0.05, CALIBRATION)
    assert set(verdicts(found, "updates to target").values()) == {Change.WORSE}
    never = made(tmp_path / "never", updates_to_target=lambda _: None, reached_target=lambda _: False)
    found = compare(before, never, 0.05, CALIBRATION)
    assert set(verdicts(found, "updates to target").values()) == {Change.WORSE}
    assert next(each.after for each in found if each.quantity == "updates to target") == "0 of 6 reached"
    once = made(tmp_path / "once", updates_to_target=lambda row: 2500 + 29 * (row["seed"] == 3))
    assert set(verdicts(compare(before, once, 0.05, CALIBRATION), "updates to target").values()) == {Change.UNKNOWN}


def test_too_few_seeds_say_how_many_are_needed(tmp_path: Path) -> None:
    few = write_run(tmp_path / "run", seeds=(2, 0, 1), environment=MACHINE)
    found = [each for each in compare(few, few, 0.05, CALIBRATION) if each.quantity != "updates to target"]
    assert {each.verdict for each in found} == {Change.UNKNOWN}
    assert {each.words for each in found} == {"not enough seeds: 3, and 6 are needed"}


def test_runs_without_a_common_scenario_are_refused(before: ReportedRun, tmp_path: Path) -> None:
    other = made(tmp_path / "run", updates=lambda _: 29 * 60, parameters=lambda _: 7)
    with pytest.raises(UsageError, match="they share none"):
        compare(before, other, 0.05, CALIBRATION)


def test_what_was_timed_once_is_not_compared(tmp_path: Path) -> None:
    def once(row: dict[str, Any]) -> dict[str, Any] | None:
        if row["contender"] != "keras_plain":
            return row
        return {**row, "order_hash": None} if row["seed"] == 2 else None

    run = write_run(tmp_path / "run", twins=["numpy", "keras", "keras_plain"], change=once, environment=MACHINE)
    assert {each.contender for each in compare(run, run, 0.1, CALIBRATION)} == {"numpy", "keras"}


def test_the_error_rates_are_those_of_the_calibration() -> None:
    words = error_words(CALIBRATION)
    assert "By 60 A/A runs in which nothing differed" in words
    assert " of 59 comparisons" in words
    assert "one of 20% in 59 of 59" in words


# The verb


def compared(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["compare", *words])
    return done.exit_code, done.output


@pytest.fixture
def runs(before: ReportedRun, tmp_path: Path) -> list[str]:
    """Return the words that compare a run with one whose NumPy is slower, by a calibration."""
    kept = tmp_path / "calibration.json"
    kept.write_text(
        json.dumps({"schema": 1, "sides": ["numpy", "copy", "file"], "environment": MACHINE, "runs": CALIBRATION.runs})
    )
    after = made(tmp_path / "after", 1.3, "numpy")
    return [str(before.path), str(after.path), "--calibration", str(kept)]


def test_the_verb_prints_a_table_its_error_rates_and_the_outcome(runs: list[str], before: ReportedRun) -> None:
    code, shown = compared(*runs)
    assert code == 1
    assert "WORSE: 2 better, 1 worse" in shown.splitlines()[-1]
    assert "By 60 A/A runs" in shown
    assert compared(runs[0], str(before.path), *runs[2:], "--margin", "10%")[0] == 0
    assert "**WORSE" in compared(*runs, "--format", "markdown")[1]


def test_the_verb_gives_json(runs: list[str]) -> None:
    code, shown = compared(*runs, "--format", "json", "--margin", "10%")
    found = json.loads(shown)
    assert (code, found["outcome"], found["margin"]) == (1, "worse", 0.1)
    first = found["runs"][0]["quantities"][0]
    assert (first["contender"], first["quantity"], first["verdict"]) == ("numpy", "training", "worse")
    assert math.isclose(first["center"], 1.3, rel_tol=0.05)


def test_the_page_has_a_picture_and_asks_for_nothing(runs: list[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    compared(*runs, "--html", str(page))
    text = page.read_text()
    assert "data:image/svg+xml;base64," in text
    assert "default-src 'none'" in text
    assert "twins, numpy: training 1.3" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["one"], "needs two runs or more, got 1"),
        (["one", "two", "--margin", "much"], "--margin must be a share above 0 and below 1"),
        (["one", "two", "--margin", "150%"], "--margin must be a share above 0 and below 1"),
        (["no", "run"], "is not the folder of a run"),
        (["a", "b", "--calibration", "none.json"], "the calibration none.json must exist"),
    ],
)
def test_a_mistake_is_answered_in_a_sentence(words: list[str], said: str) -> None:
    code, shown = compared(*words)
    assert code == 2
    assert said in shown
