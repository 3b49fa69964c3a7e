"""The machine and the versions behind a run, without the machine's name or paths."""

import hashlib
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_DISTRIBUTIONS = ("numpy", "tensorflow", "keras", "scikit-learn", "scipy", "pandas", "pyarrow")


def versions(distributions: Sequence[str] = _DISTRIBUTIONS) -> dict[str, str | None]:
    """Return the installed version of each distribution, None where it is not installed."""
    found: dict[str, str | None] = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def host_label() -> str:
    """Return a label that identifies a machine without revealing its name."""
    identity = f"{platform.node()}|{processor()}|{os.cpu_count()}"
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def processor() -> str:
    """Return the processor's model as the system reports it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def environment() -> dict[str, Any]:
    """Return what a reader of the figures should know about the machine."""
    import psutil

    return {
        "host": host_label(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": processor(),
        "processors": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": versions(),
    }
