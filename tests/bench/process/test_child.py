"""The one entry point of child processes: its last event tells a failed import from failed work."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from processes import is_alive

import bench
from bench.core.errors import UsageError
from bench.process.spawn import Ended, run_worker

WORK = 'def run(child):\n    {}\n    child.channel.send("done", laps=list(child.laps.seconds), threads=child.threads)\n'


def run(
    folder: Path, *, contender: str = "", work: str = "pass", bind_processors: bool = False, **limits: Any
) -> Ended:
    """Run a module ``work`` on a contender, both made of source text."""
    (folder / "made_up_work.py").write_text(WORK.format(work))
    (folder / "contender.py").write_text(contender)
    return run_worker(
        "made_up_work",
        {"contender": {"module": None, "file": str(folder / "contender.py"), "extra": None}},
        folder,
        threads=1,
        **({"timeout_seconds": 60.0} | limits),
        bind_processors=bind_processors,
        environment={"PYTHONPATH": os.pathsep.join([str(folder), str(Path(bench.__file__).parents[1])])},
    )


def test_the_work_starts_with_the_laps_and_the_threads_that_were_read_back(tmp_path: Path) -> None:
    ended = run(tmp_path, contender="def bind_threads(threads):\n    return threads\n")
    assert told(ended) == {"event": "done", "laps": ["startup", "import"], "threads": [1]}
    assert ended.failure() is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no processors")
def test_the_process_keeps_to_as_many_processors_as_threads(tmp_path: Path) -> None:
    ended = run(tmp_path, work="import os; child.threads.append(-len(os.sched_getaffinity(0)))", bind_processors=True)
    assert ended.last is not None
    assert ended.last["threads"] == [1, -1]


@pytest.mark.parametrize(
    ("error", "by_import", "by_work"),
    [
        ("ModuleNotFoundError('x', name='torch')", "skipped", "failed"),
        ("ModuleNotFoundError('x', name='x')", "failed", "failed"),
        ("NotImplementedError('x')", "failed", "skipped"),
        ("ValueError('x')", "failed", "failed"),
        ("MemoryError('x')", "out_of_memory", "out_of_memory"),
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


def test_the_log_ends_with_the_traceback(tmp_path: Path) -> None:
    run(tmp_path, work="print('said before'); 1 / 0")
    log = (tmp_path / "log").read_text()
    assert log.startswith("said before\nTraceback")
    assert log.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("raising", ["raise OSError({0}, 'x')", "{1}"])
def test_want_of_room_is_the_machines_failure(tmp_path: Path, number: int, raising: str) -> None:
    hidden = f"""
    try:
        raise OSError({number}, 'x')
    except OSError as error:
        raise ValueError('no file') from error"""
    with pytest.raises(UsageError, match="a process of the run needs room on the disk for its files: "):
        run(tmp_path, work=raising.format(number, hidden))


def test_the_kernels_out_of_memory_killer_is_the_machines_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill = "import os; os.kill(os.getpid(), 9)"
    assert run(tmp_path, work=kill).failure() == "was killed by signal SIGKILL, which the harness did not send"
    counts = iter([0, 1])
    monkeypatch.setattr("bench.process.watch.out_of_memory_kills", lambda: next(counts))
    with pytest.raises(UsageError, match="the machine has too little memory: its kernel killed a process of the run"):
        run(tmp_path, work=kill)


SLEEPER = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True{})"


@pytest.mark.parametrize(
    ("work", "limit", "status", "words"),
    [
        ("import time; time.sleep(600)", {"timeout_seconds": 1.0}, "timed_out", "did not end within 1 seconds"),
        (
            "held = bytes(range(256)) * 2_000_000; import time; time.sleep(600)",
            {"memory_limit": 200_000_000},
            "out_of_memory",
            "GB in memory, with 0.2 GB allowed,",
        ),
        (
            "held = '; '.join(['held = bytes(range(256)) * 2_000_000', 'import time', 'time.sleep(600)'])\n"
            "    import subprocess, sys; subprocess.run([sys.executable, '-c', held])",
            {"memory_limit": 200_000_000},
            "out_of_memory",
            "GB in memory, with 0.2 GB allowed,",
        ),
        ("while True: print('x' * 2**20)", {}, "failed", "printed more than 64 MB"),
    ],
    ids=["time", "memory", "memory of a descendant", "output"],
)
def test_a_process_beyond_a_limit_is_killed_with_the_reason(
    tmp_path: Path, work: str, limit: dict[str, Any], status: str, words: str
) -> None:
    ended = run(tmp_path, work=work, **limit)
    assert ended.killed is not None
    assert ended.killed[0] == status
    assert words in ended.killed[1]
    assert str(ended.failure()).endswith("and was killed by the harness")


@pytest.mark.parametrize(("holds", "event"), [("", "done"), (", stdout=child.channel._stream", None)])
def test_what_a_process_started_ends_with_it_also_in_a_session_of_its_own(
    tmp_path: Path, holds: str, event: str | None
) -> None:
    started = f"import subprocess, sys, os; (child.scratch / 'pid').write_text(str({SLEEPER.format(holds)}.pid))"
    begun = time.monotonic()
    ended = run(tmp_path, work=started if event else f"{started}; os._exit(0)")
    assert time.monotonic() - begun < 30, "it waited for a process that holds the channel"
    assert (ended.last and ended.last["event"]) == event
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or not is_alive(psutil.Process(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process that holds the interpreter's lock")
def test_a_process_that_holds_the_interpreters_lock_ends_with_its_parent(tmp_path: Path) -> None:
    work = "import ctypes, os; (child.scratch / 'pid').write_text(str(os.getpid())); ctypes.PyDLL(None).sleep(600)"
    script = f"from pathlib import Path; from test_child import run; run(Path({str(tmp_path)!r}), work={work!r})"
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    with subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": path}) as parent:
        deadline = time.monotonic() + 30
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert time.monotonic() < deadline
            assert parent.poll() is None
            time.sleep(0.01)
        child = psutil.Process(int((tmp_path / "pid").read_text()))
        parent.kill()
    deadline = time.monotonic() + 30
    while is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_text_of_others_cannot_steer_the_terminal(tmp_path: Path) -> None:
    ended = run(tmp_path, work="raise ValueError('\\x1b[2J' + 'x' * 2000)")
    assert ended.last is not None
    assert ended.last["detail"].startswith("ValueError: \\x1b[2Jxxx")
    assert len(ended.last["detail"]) == 1005


def told(ended: Ended) -> dict[str, Any] | None:
    """Return the last message without what the parent added to it."""
    added = {"received", "cpu_seconds", "machine_seconds", "steal_seconds", "switches"}
    return ended.last and {name: value for name, value in ended.last.items() if name not in added}


def test_what_others_write_to_the_channel_is_no_message(tmp_path: Path) -> None:
    forged = "import os; os.write(child.channel._stream.fileno(), b'5\\n[]\\n{}\\n{\"event\": 1}\\nno JSON\\n')"
    ended = run(tmp_path, work=forged)
    assert told(ended) == {"event": "done", "laps": ["startup", "import"], "threads": []}
