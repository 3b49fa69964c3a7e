"""Readings of a process about itself: its memory, its thread pools, the energy of its processors."""

import contextlib
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_POWERCAP = Path("/sys/class/powercap")


def rss_bytes(status: Path = _STATUS) -> int | None:
    """Return this process's resident memory; None where the system does not report it."""
    return _kilobytes(status, "VmRSS:")


def peak_rss_bytes(status: Path = _STATUS) -> int | None:
    """Return this process's peak resident memory; None where the system does not report it.

    Read from VmHWM: ``ru_maxrss`` survives exec, so it would include the parent's memory.
    """
    return _kilobytes(status, "VmHWM:")


def _kilobytes(status: Path, name: str) -> int | None:
    with contextlib.suppress(OSError):
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return None


def read_threads(counts: list[int], allowed: int) -> dict[str, Any]:
    """Return ``threads``, the largest count, and ``thread_pools``: each loaded library's threads, version and kernels.

    Args:
        counts: the numbers of threads and processors read back already.
        allowed: how many threads the process may use.

    Raises:
        RuntimeError: if a count or a pool exceeds ``allowed``.
    """
    from threadpoolctl import threadpool_info

    names = ("internal_api", "num_threads", "version", "architecture")
    pools = [{name: pool[name] for name in names if name in pool} for pool in threadpool_info()]
    most = max([*counts, *(pool["num_threads"] for pool in pools)])
    if most > allowed:
        raise RuntimeError(f"asked for {allowed} threads, read back {most}")
    return {"threads": most, "thread_pools": pools}


class EnergyMeter:
    """The energy that all processor packages of the machine have used since the meter was created (Linux, RAPL).

    The counters include every process on the machine. Many systems have none, or let only root read them.
    """

    def __init__(self, powercap: Path = _POWERCAP) -> None:
        self._powercap = powercap
        self._start = self._microjoules()

    def joules(self) -> float | None:
        """Return the joules used since the start; None where the machine does not report them.

        A counter that is lower than at the start has wrapped around once, at its maximum.
        """
        now = self._microjoules()
        if not self._start or now.keys() != self._start.keys():
            return None
        used = 0
        for package, (start, maximum) in self._start.items():
            used += now[package][0] - start + (maximum if now[package][0] < start else 0)
        return 1e-6 * used

    def _microjoules(self) -> dict[str, tuple[int, int]]:
        """Return the counter and its maximum, by package."""
        found = {}
        # intel-rapl:0 is a package (AMD's too); intel-rapl:0:0 is a part of it and would count twice
        for package in sorted(self._powercap.glob("intel-rapl:[0-9]*")):
            if package.name.count(":") == 1:
                with contextlib.suppress(OSError, ValueError):
                    values = [int((package / name).read_text()) for name in ("energy_uj", "max_energy_range_uj")]
                    found[package.name] = (values[0], values[1])
        return found
