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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

Message = dict[str, Any]

# How often a wait for a message is interrupted to check for a timeout or a stop.
_POLL_SECONDS = 0.25

# Each process ends with one of these events.
LAST_EVENTS = ("done", "failed", "skipped", "disk_full")

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
        timed_out: whether it was killed at the time limit.
    """

    last: Message | None
    ready_seconds: float
    total_seconds: float
    exit_status: int
    timed_out: bool

    def failure(self, timeout_seconds: float) -> str | None:
        """Return how it failed to finish, as the end of a sentence; None if it finished."""
        if self.timed_out:
            return f"did not end within {timeout_seconds:g} seconds and was killed"
        if self.exit_status < 0:
            return f"was killed by signal {signal.Signals(-self.exit_status).name}"
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
    bind_processors: bool = False,
    environment: Mapping[str, str] = MappingProxyType({}),
    keep_environment: bool = False,
    on_message: Callable[[Message], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Ended:
    """Run ``work``, a module, on a job in a child process, pass its messages on, and wait until the process has ended.

    The job, which names the ``contender`` to import, is written to ``scratch/job.json``; the output of the process goes
    to ``scratch/log``. The process ends with this one. It is killed after ``timeout_seconds``, when this call is
    interrupted, or when another thread sets ``stop``.

    ``threads`` bounds every thread pool and, with ``bind_processors``, the processors that the child may use.
    ``environment`` is added to ours; ``keep_environment`` keeps the variables that choose kernels.
    """
    given = {**job, "work": work, "threads": threads, "bind_processors": bind_processors}
    (scratch / "job.json").write_text(json.dumps(given), encoding="utf-8")
    messages: queue.Queue[tuple[float, Message] | None] = queue.Queue()
    with (scratch / "log").open("wb") as log:
        spawned = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.process.child", str(scratch), repr(spawned)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**environment_of(threads, keep=keep_environment), **environment},
            start_new_session=True,  # Ctrl-C reaches the parent only, which ends the child
        )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    threading.Thread(target=_listen, args=(process.stdout, messages), daemon=True).start()
    last, ready, timed_out = None, spawned, False
    try:
        while True:
            remaining = spawned + timeout_seconds - time.perf_counter()
            try:
                received = messages.get(timeout=min(max(remaining, 0.0), _POLL_SECONDS))
            except queue.Empty:
                timed_out = remaining <= 0.0
                if timed_out or (stop is not None and stop.is_set()):
                    break
                continue
            if received is None:
                break
            ready, last = received
            on_message(last)
            if last["event"] in LAST_EVENTS:
                break  # processes that it started may keep the pipe open
        if not timed_out and not (stop is not None and stop.is_set()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)  # it may still free memory
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # and the processes that it started
    gone = time.perf_counter()
    if process.stdin is not None:
        process.stdin.close()
    return Ended(last, ready - spawned, gone - spawned, process.returncode, timed_out)


def _listen(stream: IO[bytes], messages: "queue.Queue[tuple[float, Message] | None]") -> None:
    """Put every message on the queue with its time of arrival, and None at the end."""
    with stream:
        for line in stream:
            now = time.perf_counter()
            with contextlib.suppress(ValueError):  # a killed process may leave half a line
                message = json.loads(line)
                if isinstance(message, dict) and isinstance(message.get("event"), str):
                    messages.put((now, message))
    messages.put(None)


def environment_of(threads: int, *, keep: bool = False) -> dict[str, str]:
    """Return our environment with bounded thread pools, hidden GPUs, free choice of kernels, Keras on TensorFlow."""
    inherited = {name: value for name, value in os.environ.items() if keep or name not in KERNEL_VARIABLES}
    bounded = dict.fromkeys(_THREAD_VARIABLES, str(threads))
    quiet = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"), "PYTHONUNBUFFERED": "1"}
    return {**inherited, **bounded, **quiet, "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}
