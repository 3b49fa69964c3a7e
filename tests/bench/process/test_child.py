"""The one entry point of child processes: its last event tells a failed import from failed work."""

import os
from pathlib import Path

import pytest

import bench
from bench.process.spawn import Ended, run_worker

WORK = 'def run(child):\n    {}\n    child.channel.send("done", laps=list(child.laps.seconds), threads=child.threads)\n'


def run(folder: Path, *, contender: str = "", work: str = "pass", bind_processors: bool = False) -> Ended:
    """Run a module ``work`` on a contender, both made of source text."""
    (folder / "made_up_work.py").write_text(WORK.format(work))
    (folder / "contender.py").write_text(contender)
    return run_worker(
        "made_up_work",
        {"contender": {"module": None, "file": str(folder / "contender.py"), "extra": None}},
        folder,
        threads=1,
        timeout_seconds=60.0,
        bind_processors=bind_processors,
        environment={"PYTHONPATH": os.pathsep.join([str(folder), str(Path(bench.__file__).parents[1])])},
    )


def test_the_work_starts_with_the_laps_and_the_threads_that_were_read_back(tmp_path: Path) -> None:
    ended = run(tmp_path, contender="def bind_threads(threads):\n    return threads\n")
    assert ended.last == {"event": "done", "laps": ["startup", "import"], "threads": [1]}
    assert ended.failure(60.0) is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no processors")
def test_the_process_keeps_to_as_many_processors_as_threads(tmp_path: Path) -> None:
    ended = run(tmp_path, work="import os; child.threads.append(-len(os.sched_getaffinity(0)))", bind_processors=True)
    assert ended.last is not None
    assert ended.last["threads"] == [1, -1]


@pytest.mark.parametrize(
    ("error", "by_import", "by_work"),
    [
        ("ModuleNotFoundError('x')", "skipped", "failed"),
        ("NotImplementedError('x')", "failed", "skipped"),
        ("ValueError('x')", "failed", "failed"),
        ("OSError(28, 'x')", "disk_full", "disk_full"),
    ],
)
def test_the_last_event_says_what_failed_and_whether_the_contender_was_imported(
    tmp_path: Path, error: str, by_import: str, by_work: str
) -> None:
    for event, imported in ((by_import, False), (by_work, True)):
        raising = f"raise {error}"
        ended = run(tmp_path, work=raising) if imported else run(tmp_path, contender=raising)
        assert ended.last is not None
        assert (ended.last["event"], ended.last["imported"]) == (event, imported)
        assert ended.last["detail"].startswith(error.partition("(")[0])


def test_what_others_write_to_the_channel_is_no_message(tmp_path: Path) -> None:
    forged = "import os; os.write(child.channel._stream.fileno(), b'5\\n[]\\n{}\\n{\"event\": 1}\\nno JSON\\n')"
    ended = run(tmp_path, work=forged)
    assert ended.last == {"event": "done", "laps": ["startup", "import"], "threads": []}
