"""The harness's share of a trial's key: it changes with the sources, and a missing path is an error."""

from pathlib import Path

import pytest

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
