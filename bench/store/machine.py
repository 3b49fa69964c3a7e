"""What a run was made on: the machine, the versions, the thread pools. No name and no path of the machine is kept."""

import hashlib
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# Variables of the environment that change what is measured.
_TELLING_VARIABLES = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "PYTHONOPTIMIZE",
    "MALLOC_ARENA_MAX",
)
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
    """Return a label that is the same for trials of one machine and tells nothing of its name."""
    identity = f"{platform.node()}|{processor()}|{os.cpu_count()}"
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def processor() -> str:
    """Return the processor's model, as the system calls it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def environment() -> dict[str, Any]:
    """Return everything about the machine that a reader of the figures should know."""
    import numpy as np  # so that its thread pool is loaded and can be described
    import psutil
    from threadpoolctl import threadpool_info

    pools = [
        {key: pool.get(key) for key in ("user_api", "internal_api", "version", "architecture")}
        for pool in threadpool_info()
    ]
    return {
        "host": host_label(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": processor(),
        "processors": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": versions() | {"numpy": np.__version__},
        "thread_pools": pools,
        "variables": {name: os.environ[name] for name in _TELLING_VARIABLES if name in os.environ},
    }
