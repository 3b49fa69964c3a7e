"""The record of the machine: complete, without names and paths; and the commit of the checkout."""

import json
import platform
import subprocess
from pathlib import Path

import pytest
from machines import LAPTOP, tree

from bench.store import machine, system


def test_the_record_is_that_of_the_tree_it_reads(tmp_path: Path) -> None:
    laptop = tree(tmp_path, LAPTOP)
    record = machine.environment(laptop)
    assert record["processor"] == "A Processor"
    assert {name: record[name] for name in system.system_record(laptop)} == system.system_record(laptop)


def test_the_record_is_plain_and_tells_neither_the_host_nor_a_path() -> None:
    text = json.dumps(machine.environment(), allow_nan=False)
    for private in (platform.node(), str(Path(__file__).parents[3]), str(Path.home()), ".venv", ".so"):
        assert private not in text


def test_the_library_for_matrix_products_is_read_back() -> None:
    from threadpoolctl import threadpool_limits

    found = machine.blas()
    assert found is not None
    assert {"internal_api", "version", "architecture", "num_threads"} == set(found[0])
    with threadpool_limits(1, user_api="blas"):
        limited = machine.blas()
    assert limited is not None
    assert {each["num_threads"] for each in limited} == {1}


def git(folder: Path, *words: str) -> str:
    name = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(["git", *name, *words], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S607
    return done.stdout.strip()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a package in a checkout that tracks it."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return folder


def test_the_commit_is_recorded_and_whether_a_tracked_file_has_changed(package: Path) -> None:
    commit = git(package, "rev-parse", "HEAD")
    assert machine.checkout(package) == {"commit": commit, "dirty": False}
    (package / "mine.toml").write_text("")  # not tracked
    assert machine.checkout(package) == {"commit": commit, "dirty": False}
    (package / "__init__.py").write_text("x = 1\n")
    assert machine.checkout(package) == {"commit": commit, "dirty": True}


def test_a_hook_of_another_checkout_does_not_change_the_commit(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git(package, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert machine.checkout(package)["commit"] == commit


def test_a_package_that_the_checkout_around_it_does_not_track_has_no_commit(package: Path) -> None:
    installed = package / "site-packages"
    installed.mkdir()
    (installed / "__init__.py").write_text("")
    assert machine.checkout(installed) == {"commit": None, "dirty": None}


def test_outside_a_checkout_and_without_git_there_is_no_commit(
    package: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = {"commit": None, "dirty": None}
    assert machine.checkout(tmp_path_factory.mktemp("outside")) == nothing
    monkeypatch.setenv("PATH", "")
    assert machine.checkout(package) == nothing
