"""Runs that are killed at any moment, or whose disk fills: nothing is lost, and they resume to the same tables."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from made_up import same_but_for_time
from processes import is_alive

import bench
from bench.report import reported

WORDS = ["twins", "--contender", "numpy", "--seeds", "2", "--quick"]
KILLS = 20


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "bench", "run", *words]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bench.Run, float]:
    """Return a run of the same, and the seconds it took from its first command to its last picture."""
    out, start = tmp_path_factory.mktemp("undisturbed"), time.monotonic()
    subprocess.run(command(*WORDS, "--out", str(out)), check=True, capture_output=True)
    (made,) = out.iterdir()
    return bench.load(made), time.monotonic() - start


@pytest.mark.whole
@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("number", range(KILLS))
def test_a_run_killed_at_any_moment_resumes_to_the_same_tables(
    tmp_path: Path, undisturbed: tuple[bench.Run, float], number: int
) -> None:
    """The moments cover the proof, the trials, writing and drawing, and a resumption is killed as well."""
    expected, seconds = undisturbed
    moments = np.random.default_rng(number)
    words = [*WORDS, "--out", str(tmp_path)]
    for _ in range(2):
        process = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds * moments.random())
        children = family_of(process.pid)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 30
        while any(map(is_alive, children)):
            assert time.monotonic() < deadline, "a child outlived its parent"
            time.sleep(0.01)
        made = [path for path in tmp_path.iterdir() if (path / "run.json").exists()]
        if made:
            words = ["--resume", str(made[0])]
    resumed = (
        reported.resume(made[0])
        if made
        else bench.run("twins", contenders=["numpy"], seeds=2, quick=True, out=tmp_path)
    )
    assert resumed.status == "complete"
    assert same_but_for_time(resumed) == same_but_for_time(expected)
    assert not list(resumed.path.glob("**/.*.partial")) + list(resumed.path.glob("scratch*"))


def family_of(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def mount(*words: str) -> int:
    """Mount a disk, and return the exit status."""
    return subprocess.run(["/usr/bin/mount", *words], check=False, capture_output=True).returncode


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder on a disk of its own with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount("-t", "tmpfs", "-o", "size=2500k", "tmpfs", str(folder)):
        pytest.skip("only root may mount a disk")
    yield folder
    subprocess.run(["/usr/bin/umount", folder], check=True)


@pytest.mark.whole
@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("free", [0, 30, 200, 700, 1000, 1500, 2000])
def test_a_run_on_a_disk_that_fills_says_so_and_resumes_when_there_is_room(small_disk: Path, free: int) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(1024 * (2400 - free)))
    done = subprocess.run(command(*WORDS, "--out", str(small_disk)), check=False, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "disk" in done.stderr
    assert "Traceback" not in done.stderr
    filler.unlink()
    assert mount("-o", "remount,size=100m", str(small_disk)) == 0
    made = [path for path in small_disk.iterdir() if (path / "run.json").exists()]
    for path in made:
        resumed = reported.resume(path)
        assert resumed.status == "complete"
        assert set(resumed.trials["status"]) == {"ok"}
