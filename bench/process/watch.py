"""What is known of a process from outside: what it and its descendants use, and who ended it."""

import contextlib
from pathlib import Path

import psutil

# Every process that a child starts inherits this variable, also in a session of its own.
MARK = "DAVID_VS_GOLIATH_PROCESS"

_LIMIT_SHARE = 0.8
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_MOST_ROUNDS = 100  # a process may start others while it is looked for
_KERNEL_COUNTS = Path("/proc/vmstat")


def usual_memory_limit() -> int:
    """Return 80 % of the bytes of memory that the machine, or the container that this runs in, has."""
    limits = [psutil.virtual_memory().total]
    for path in _CGROUP_LIMITS:
        with contextlib.suppress(OSError, ValueError):  # no such file, or "max"
            limits.append(int(path.read_text()))
    return int(_LIMIT_SHARE * min(limits))


def family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants; nothing if it has ended."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and its descendants."""
    total = 0
    for process in family(pid):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and its descendants, those that have ended included."""
    total = 0.0
    for process in family(pid):
        with contextlib.suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])  # user and system, own and of children that have ended
    return total


def disturbances(pid: int) -> dict[str, float]:
    """Return counters of what may disturb a process, since the machine, or the process, started.

    ``machine_seconds`` is the processor time that everything on the machine used, ``steal_seconds`` what the host of a
    virtual machine kept for others, ``switches`` how often the kernel took the processor away from the process's main
    thread. What the system does not count is 0.
    """
    times = psutil.cpu_times()
    used = sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq"))
    switches = 0
    with contextlib.suppress(psutil.Error, NotImplementedError):
        switches = psutil.Process(pid).num_ctx_switches().involuntary
    return {"machine_seconds": used, "steal_seconds": getattr(times, "steal", 0.0), "switches": switches}


def out_of_memory_kills() -> int:
    """Return how many processes the kernel has killed for want of memory since it started; 0 if it does not say."""
    with contextlib.suppress(OSError):
        for line in _KERNEL_COUNTS.read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def kill_marked(mark: str) -> None:
    """Kill every process that inherited a mark, until none is left that can be killed."""
    for _ in range(_MOST_ROUNDS):
        found = [process for process in psutil.process_iter() if _mark_of(process) == mark]
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not found:
            return
        psutil.wait_procs(found, timeout=0.05)


def _mark_of(process: psutil.Process) -> str | None:
    with contextlib.suppress(psutil.Error, OSError):
        if process.status() != psutil.STATUS_ZOMBIE:
            return process.environ().get(MARK)
    return None
