"""The parent's side of a child process: start it with bounded threads, receive its messages, end it."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from bench.core.errors import UsageError
from bench.core.words import printable
from bench.process import watch

Message = dict[str, Any]

# How often a process is checked against its limits, and for a stop.
_POLL_SECONDS = 0.25

# How long a process may take to end after its last message; it may still free memory.
_END_SECONDS = 30.0

# The most that a process may print.
_MOST_LOG_BYTES = 64 * 2**20

# The most characters of a traceback that are kept, from its end.
_MOST_TRACEBACK = 20_000

# Each process ends with one of these events.
LAST_EVENTS = ("done", "failed", "skipped", "out_of_memory", "no_room")

# The events that come in great number.
_PROGRESS = ("epoch", "case")

# Where a process's stack and heap lie changes its speed by some per cent: Mytkowicz and others, 2009. Up to a page of
# padding takes them through every alignment.
MOST_PADDING_BYTES = 4096
_PADDING = "DAVID_VS_GOLIATH_PADDING"

# Libraries that multiply matrices read these before they start their threads.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "PJRT_NPROC",  # XLA's, for JAX
)


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        last: its last message, or None if it sent none.
        ready_seconds: from the spawn until that message arrived.
        total_seconds: from the spawn until the process was gone.
        exit_status: negative for a signal.
        killed: the status that this gives a trial and the reason, if the harness killed the process; otherwise None.
    """

    last: Message | None
    ready_seconds: float
    total_seconds: float
    exit_status: int
    killed: tuple[str, str] | None

    @property
    def traceback(self) -> str:
        """The traceback of the error that it raised; empty if it raised none."""
        return str((self.last or {}).get("traceback", ""))

    def failure(self) -> str | None:
        """Return how it failed to finish, as the end of a sentence; None if it finished."""
        if self.killed is not None:
            return f"{self.killed[1]} and was killed by the harness"
        if self.exit_status < 0:
            return f"was killed by signal {_signal_name(-self.exit_status)}, which the harness did not send"
        if self.last is None or self.last["event"] not in LAST_EVENTS:
            return f"ended with exit status {self.exit_status} before it was done"
        return None


# Variables that make one library choose slower kernels than this machine allows. Each slows one side of the duel only,
# so a process starts without them unless the user asks to keep them.
KERNEL_VARIABLES = (
    "OPENBLAS_CORETYPE",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


def run_worker(
    work: str,
    job: Mapping[str, Any],
    scratch: Path,
    *,
    threads: int,
    timeout_seconds: float,
    memory_limit: int | None = None,
    bind_processors: bool = False,
    environment: Mapping[str, str] = MappingProxyType({}),
    keep_environment: bool = False,
    padding_bytes: int = 0,
    on_message: Callable[[Message], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Ended:
    """Run ``work``, a module, on a job in a child process, pass its messages on, and wait until the process has ended.

    The job, which names the ``contender`` to import, is written to ``scratch/job.json``; the output of the process goes
    to ``scratch/log``. The process ends with this one, and every process that it started ends with it. It is killed
    after ``timeout_seconds``, when it and its descendants have more than ``memory_limit`` bytes (80 % of the machine's,
    unless told), when it has printed 64 MB, when this call is interrupted, or when another thread sets ``stop``.

    ``threads`` bounds every thread pool and, with ``bind_processors``, the processors that the child may use.
    ``environment`` is added to ours; ``keep_environment`` keeps the variables that choose kernels. ``padding_bytes``
    shift the process's environment and its heap.

    A message has ``received``, when it arrived. Unless it is one of progress it has readings, too: ``cpu_seconds``, the
    processor time of the process until then, and those of `watch.disturbances`.

    Raises:
        UsageError: if the machine failed the process, by a full disk or want of memory: run it again later.
    """
    given = {**job, "work": work, "threads": threads, "bind_processors": bind_processors}
    given["padding_bytes"] = padding_bytes
    (scratch / "job.json").write_text(json.dumps(given), encoding="utf-8")
    mark = uuid.uuid4().hex
    kills_before = watch.out_of_memory_kills()
    messages: queue.Queue[Message | None] = queue.Queue()
    with (scratch / "log").open("wb") as log:
        spawned = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.process.child", str(scratch), repr(spawned)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={
                **environment_of(threads, keep=keep_environment),
                **environment,
                watch.MARK: mark,
                _PADDING: "x" * padding_bytes,
            },
            start_new_session=True,  # Ctrl-C reaches the parent only, which ends the child
        )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    threading.Thread(target=_listen, args=(process.stdout, process.pid, messages), daemon=True).start()
    last, killed = None, None
    most_bytes = memory_limit or watch.usual_memory_limit()
    try:
        for message in _received(process, messages):
            if message is not None:
                last = message
                on_message(message)
                if message["event"] in LAST_EVENTS:
                    break  # processes that it started may keep the pipe open
            elif stop is not None and stop.is_set():
                break
            else:
                killed = _beyond_limits(
                    process.pid,
                    scratch / "log",
                    seconds=(time.perf_counter() - spawned, timeout_seconds),
                    most_bytes=most_bytes,
                )
                if killed is not None:
                    break
        if killed is None and not (stop is not None and stop.is_set()):
            try:
                process.wait(timeout=_END_SECONDS)
            except subprocess.TimeoutExpired:
                killed = "failed", f"did not end within {_END_SECONDS:g} seconds after its last message"
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        gone = time.perf_counter()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        watch.kill_marked(mark)
    if process.stdin is not None:
        process.stdin.close()
    ready = spawned if last is None else last["received"]
    ended = Ended(last, ready - spawned, gone - spawned, process.returncode, killed)
    if ended.traceback:
        with contextlib.suppress(OSError), (scratch / "log").open("a", errors="backslashreplace") as log_file:
            log_file.write(ended.traceback)
    if last is not None and last["event"] == "no_room":
        raise UsageError(f"a process of the run needs room on the disk for its files: {last.get('detail')}")
    if process.returncode == -signal.SIGKILL and killed is None and watch.out_of_memory_kills() > kills_before:
        raise UsageError(
            "the machine has too little memory: its kernel killed a process of the run; --memory-limit ends one earlier"
        )
    return ended


def _received(process: "subprocess.Popen[bytes]", messages: "queue.Queue[Message | None]") -> Iterator[Message | None]:
    """Yield each message as it arrives, and None at least every quarter of a second, until the process has ended."""
    checked = time.perf_counter()
    while True:
        ended = process.poll() is not None
        try:
            message = messages.get(timeout=_POLL_SECONDS)
            if message is None:
                return
            yield message
        except queue.Empty:
            if ended:  # another process holds the channel
                return
        if time.perf_counter() - checked >= _POLL_SECONDS:
            checked = time.perf_counter()
            yield None


def _beyond_limits(pid: int, log: Path, *, seconds: tuple[float, float], most_bytes: int) -> tuple[str, str] | None:
    """Return the status and the reason if a process is beyond a limit of time, memory or output; otherwise None."""
    if seconds[0] > seconds[1]:
        return "timed_out", f"did not end within {seconds[1]:g} seconds"
    used = watch.resident_bytes(pid)
    if used > most_bytes:
        return "out_of_memory", f"had {used / 1e9:.3g} GB in memory, with {most_bytes / 1e9:.3g} GB allowed,"
    with contextlib.suppress(OSError):  # the process may have removed it
        if log.stat().st_size > _MOST_LOG_BYTES:
            return "failed", f"printed more than {_MOST_LOG_BYTES / 2**20:.0f} MB"
    return None


def _listen(stream: IO[bytes], pid: int, messages: "queue.Queue[Message | None]") -> None:
    """Put every message on the queue, and None at the end."""
    with stream:
        for line in stream:
            now = time.perf_counter()
            with contextlib.suppress(ValueError, RecursionError):  # a killed process may leave half a line
                message = json.loads(line)
                if isinstance(message, dict) and isinstance(message.get("event"), str):
                    shown = {name: printable(value) for name, value in message.items() if isinstance(value, str)}
                    if "traceback" in message:
                        shown["traceback"] = str(message["traceback"])[-_MOST_TRACEBACK:]
                    readings = {}
                    if message["event"] not in _PROGRESS:
                        readings = {"cpu_seconds": watch.cpu_seconds(pid), **watch.disturbances(pid)}
                    messages.put({**message, **shown, "received": now, **readings})
    messages.put(None)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return str(number)


def environment_of(threads: int, *, keep: bool = False) -> dict[str, str]:
    """Return our environment with bounded thread pools, hidden GPUs, free choice of kernels, Keras on TensorFlow."""
    inherited = {name: value for name, value in os.environ.items() if keep or name not in KERNEL_VARIABLES}
    bounded = dict.fromkeys(_THREAD_VARIABLES, str(threads))
    quiet = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"), "PYTHONUNBUFFERED": "1"}
    return {**inherited, **bounded, **quiet, "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}
