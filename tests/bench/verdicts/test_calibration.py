"""`bench calibrate`: how often the verdicts are wrong, from runs in which nothing differs."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bench.cli import app as cli
from bench.core.errors import UsageError
from bench.store import machine
from bench.trials.launch import Finished
from bench.trials.schedule import PlannedTrial
from bench.verdicts import calibration
from bench.verdicts.calibration import BLOCKS, SIDES, Rate, Runs, calibration_figures, rates, read

VERDICTS = 4


def drawn(runs: int, between: float, within: float, seed: int = 0) -> Runs:
    rng = np.random.default_rng(seed)
    logs = between * rng.standard_normal((runs, 1, 1)) + within * rng.standard_normal((runs, BLOCKS, len(SIDES)))
    return [[tuple(block) for block in run] for run in np.exp(logs).tolist()]


def written(path: Path, runs: Runs, changed: Mapping[str, Any] = MappingProxyType({})) -> Path:
    path.write_text(json.dumps({"schema": 1, "sides": SIDES, "environment": {}, "runs": runs, **changed}))
    return path


def by_slowdown(found: list[Rate], verdict: str) -> dict[float, float]:
    return {rate.slowdown: rate.share.center for rate in found if rate.verdict.startswith(verdict)}


def test_on_a_quiet_machine_no_verdict_is_wrong_and_every_slowdown_is_found() -> None:
    found = rates(drawn(60, between=0.004, within=0.004))
    assert len(found) == VERDICTS * 4
    for verdict in dict.fromkeys(rate.verdict for rate in found):
        shares = by_slowdown(found, verdict)
        assert shares[0.0] <= 0.06, verdict
        assert shares[0.1] >= 0.98, verdict
        assert list(shares) == [0.0, 0.05, 0.1, 0.2]


def test_on_a_noisy_machine_slowdowns_are_missed_and_still_few_verdicts_are_wrong() -> None:
    found = rates(drawn(200, between=0.05, within=0.1))
    for verdict in dict.fromkeys(rate.verdict for rate in found):
        shares = by_slowdown(found, verdict)
        assert shares[0.0] <= 0.06, verdict
        assert shares[0.05] < 0.5, verdict


def test_the_cases_are_runs_neighbours_and_runs_with_five_before() -> None:
    assert [rate.cases for rate in rates(drawn(20, 0.01, 0.01))][:VERDICTS] == [20, 19, 19, 15]


def test_only_the_compared_side_is_slowed() -> None:
    equal: Runs = [[(1.0, 1.0, 1.0)] * BLOCKS for _ in range(8)]
    inside = by_slowdown(rates(equal), "within a run")
    assert inside == {0.0: 0.0, 0.05: 1.0, 0.1: 1.0, 0.2: 1.0}


class Launched:
    """Stands for the trials: each takes a second, and its side and padding are kept."""

    def __init__(self, row: Any, fails_at: int | None = None) -> None:
        self.trials: list[PlannedTrial] = []
        self._row, self._fails_at = row, fails_at

    def __call__(self, trial: PlannedTrial, _data: Any, _scratch: Path, **_: Any) -> Finished:
        self.trials.append(trial)
        failed = len(self.trials) == self._fails_at
        return Finished(self._row(trial, "failed" if failed else "ok"), None)


@pytest.fixture
def row() -> Any:
    from dataclasses import replace

    from bench.trials.launch import describe

    return lambda trial, status: replace(describe(trial, None), status=status, train_seconds=1.0)


def test_each_run_has_blocks_of_all_sides_by_lot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Any) -> None:
    launched = Launched(row)
    monkeypatch.setattr(calibration, "launch", launched)
    told: list[tuple[int, int]] = []
    made = calibration.measure(tmp_path / "c.json", 6, lambda done, total: told.append((done, total)))
    assert made == read(tmp_path / "c.json")
    assert len(launched.trials) == 6 * BLOCKS * len(SIDES)
    assert told[-1] == (len(told), 6 * BLOCKS * len(SIDES))
    sides = [(trial.contender.name, trial.repetition) for trial in launched.trials]
    blocks = [sides[start : start + len(SIDES)] for start in range(0, len(sides), len(SIDES))]
    assert all(sorted(block) == [("file", 2), ("numpy", 0), ("numpy", 1)] for block in blocks)
    assert all(first == second[::-1] for first, second in zip(blocks[::2], blocks[1::2], strict=True))
    assert len({tuple(block) for block in blocks}) > 3
    assert len({trial.padding_bytes for trial in launched.trials}) > 50
    assert [path.name for path in tmp_path.iterdir()] == ["c.json"]


def test_what_was_interrupted_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Any) -> None:
    each = BLOCKS * len(SIDES)
    monkeypatch.setattr(calibration, "launch", Launched(row, fails_at=3 * each + 1))
    with pytest.raises(UsageError, match="needs trials that end well, got failed"):
        calibration.measure(tmp_path / "c.json", 6)
    assert not (tmp_path / "c.json").exists()
    launched = Launched(row)
    monkeypatch.setattr(calibration, "launch", launched)
    assert len(calibration.measure(tmp_path / "c.json", 6).runs) == 6
    assert len(launched.trials) == 3 * each
    monkeypatch.setattr(machine, "environment", lambda: {"host": "another"})
    assert len(calibration.measure(tmp_path / "c.json", 7).runs) == 7
    assert len(launched.trials) == 10 * each  # of another machine nothing is kept


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"schema": 2}, "schema 2"),
        ({"sides": ["a"]}, "sides"),
        ({"runs": [[[1.0, 1.0]] * 6]}, "6 blocks of 3 sides"),
        ({"runs": [[[1.0, 1.0, -1.0]] * 6]}, "seconds must be positive"),
        ({"runs": [[[1.0, 1.0, "x"]] * 6]}, "could not convert"),
        ({"runs": 3}, "not iterable"),
        ({"environment": []}, "the environment must be a record"),
    ],
)
def test_a_file_of_others_is_refused_in_a_sentence(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    path = written(tmp_path / "c.json", drawn(6, 0.01, 0.01), changed)
    with pytest.raises(UsageError, match=r"must be a calibration that this version wrote: ") as raised:
        read(path)
    assert said in str(raised.value)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{")
    with pytest.raises(UsageError, match=r"c\.json"):
        read(tmp_path / "c.json")


def test_the_figures_that_texts_quote(tmp_path: Path) -> None:
    assert calibration_figures(tmp_path / "none.json") == {}
    found = calibration_figures(written(tmp_path / "c.json", drawn(60, 0.0, 0.01)))
    assert found["calibration.runs"] == "60"
    assert found["calibration.table"].startswith("\n\n| verdict | nothing differs | 5% slower |")
    assert found["calibration.table"].count("\n| ") == 2 + VERDICTS
    assert found["calibration.spread"] == "1.4 %"  # of a ratio of two sides of 1 %


def test_the_verb_shows_a_calibration(tmp_path: Path) -> None:
    path = written(tmp_path / "c.json", drawn(60, 0.01, 0.01))
    done = CliRunner().invoke(cli.app, ["calibrate", str(path), "--format", "json"])
    assert done.exit_code == 0
    first = json.loads(done.output)["rates"][0]
    assert (first["verdict"], first["slowdown"], first["cases"]) == ("within a run", 0.0, 60)
    assert 0.0 == first["low"] < first["high"] < 0.1
    assert "60 A/A runs of 6 blocks" in CliRunner().invoke(cli.app, ["calibrate", str(path)]).output
    few = CliRunner().invoke(cli.app, ["calibrate", str(written(path, drawn(5, 0.01, 0.01)))])
    assert few.exit_code == 2
    assert "must hold more than 5 runs, got 5" in few.output
    too_few = CliRunner().invoke(cli.app, ["calibrate", "--runs", "5", "--out", str(tmp_path / "other.json")])
    assert (too_few.exit_code, "needs more than 5 runs, got 5" in too_few.output) == (2, True)
