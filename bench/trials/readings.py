"""What a process reads about itself: its memory, its libraries with threads, the energy of its processor."""

import contextlib
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_POWERCAP = Path("/sys/class/powercap")


def rss_bytes(status: Path = _STATUS) -> int | None:
    """Return this process's resident memory; None where the system does not say."""
    return _kilobytes(status, "VmRSS:")


def peak_rss_bytes(status: Path = _STATUS) -> int | None:
    """Return this process's peak of resident memory; None where the system does not say.

    Read from VmHWM: ``ru_maxrss`` would survive exec, and so tell of the parent too.
    """
    return _kilobytes(status, "VmHWM:")


def _kilobytes(status: Path, name: str) -> int | None:
    with contextlib.suppress(OSError):
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return None


def thread_pools() -> list[dict[str, Any]]:
    """Return every library with threads that is loaded: its number of threads, its version, its kernels."""
    from threadpoolctl import threadpool_info

    told = ("internal_api", "num_threads", "version", "architecture")
    return [{name: pool[name] for name in told if name in pool} for pool in threadpool_info()]


class EnergyMeter:
    """The energy that all processor packages of the machine have used since the meter was made (Linux, RAPL).

    It counts the whole package, whoever uses it. Many systems have no such counter, or let only root read it.
    """

    def __init__(self, powercap: Path = _POWERCAP) -> None:
        self._powercap = powercap
        self._start = self._microjoules()

    def joules(self) -> float | None:
        """Return the energy since then; None where the machine does not report it.

        A counter that is lower than at the start has begun again from zero once, at its own greatest value.
        """
        now = self._microjoules()
        if not self._start or now.keys() != self._start.keys():
            return None
        used = 0
        for package, (start, greatest) in self._start.items():
            used += now[package][0] - start + (greatest if now[package][0] < start else 0)
        return 1e-6 * used

    def _microjoules(self) -> dict[str, tuple[int, int]]:
        """Return the counter and its greatest value, by package."""
        found = {}
        # intel-rapl:0 is a package (AMD's too); intel-rapl:0:0 a part of it, which would count twice
        for package in sorted(self._powercap.glob("intel-rapl:[0-9]*")):
            if package.name.count(":") == 1:
                with contextlib.suppress(OSError, ValueError):
                    values = [int((package / name).read_text()) for name in ("energy_uj", "max_energy_range_uj")]
                    found[package.name] = (values[0], values[1])
        return found
