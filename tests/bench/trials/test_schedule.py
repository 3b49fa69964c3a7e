"""The harness's share of a trial's key: it changes with the sources, and a missing path is an error."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.runs.plan import plan_trials
from bench.runs.settings import make_settings
from bench.trials import schedule
from bench.trials.schedule import source_hash


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner.py").write_text("x = 1\n")
    (tmp_path / "file.py").write_text("y = 1\n")
    return tmp_path


@pytest.mark.parametrize("changed", ["file.py", "folder/inner.py"])
def test_the_hash_changes_with_every_source(root: Path, changed: str) -> None:
    before = source_hash(root, ("file.py", "folder"))
    assert source_hash(root, ("file.py", "folder")) == before
    (root / changed).write_text("z = 2\n")
    assert source_hash(root, ("file.py", "folder")) != before


@pytest.mark.parametrize("missing", ["gone.py", "gone", "empty"])
def test_a_path_without_sources_is_an_error(root: Path, missing: str) -> None:
    (root / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=f"expected Python source at {missing} "):
        source_hash(root, ("file.py", missing))


def test_the_sources_of_the_harness_exist() -> None:
    assert len(source_hash(Path(schedule.__file__).parents[1], schedule._HARNESS)) == 64


def test_the_estimate_follows_the_rows_at_hand(tmp_path: Path) -> None:
    def rough_seconds(rows: int) -> float:
        table = pd.DataFrame({"x": np.linspace(0.0, 1.0, rows), "y": np.arange(rows) % 2})
        table.to_csv(tmp_path / "mine.csv", index=False)
        settings = make_settings([], seeds=1, data=(tmp_path / "mine.csv", "y"), contenders=["numpy"])
        (trial,) = plan_trials(settings)
        assert trial.train_rows == rows * 4 // 5
        return trial.rough_seconds - trial.contender.rough_start_seconds

    # ten times the rows are ten times the updates and the evaluation
    assert rough_seconds(8000) == pytest.approx(10 * rough_seconds(800))
