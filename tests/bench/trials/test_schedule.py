"""A trial's key: it depends on every source that can change the trial's result."""

from pathlib import Path

import pytest

from bench.trials import schedule
from bench.trials.schedule import source_hash


def test_a_path_that_does_not_exist_is_an_error_and_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "there.py").write_text("x = 1\n")
    (tmp_path / "empty").mkdir()
    for missing in ("gone.py", "empty"):
        with pytest.raises(FileNotFoundError, match=f"a trial's key hashes {missing}"):
            source_hash(tmp_path, ["there.py", missing])


def test_every_source_below_a_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "folder" / "deeper").mkdir(parents=True)
    (tmp_path / "folder" / "one.py").write_text("x = 1\n")
    (tmp_path / "folder" / "deeper" / "two.py").write_text("x = 1\n")
    before = source_hash(tmp_path, ["folder"])
    (tmp_path / "folder" / "deeper" / "two.py").write_text("x = 2\n")
    assert source_hash(tmp_path, ["folder"]) != before


def test_the_harness_s_own_sources_are_there() -> None:
    root = Path(schedule.__file__).parents[1]
    assert len(source_hash(root, schedule._HARNESS)) == 64
