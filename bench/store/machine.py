"""The machine and the versions behind a run, without the machine's name or paths."""

import contextlib
import hashlib
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.store import system

_DISTRIBUTIONS = ("numpy", "tensorflow", "keras", "scikit-learn", "scipy", "pandas", "pyarrow")

# How TensorFlow is told whether to use oneDNN's kernels.
_ONEDNN = "TF_ENABLE_ONEDNN_OPTS"

_GIT_SECONDS = 10.0


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


def processor(root: Path = system.ROOT) -> str:
    """Return the processor's model as the system reports it."""
    named = system.cpuinfo("model name", root)
    return (platform.processor() or platform.machine()) if named is None else named


def environment(root: Path = system.ROOT) -> dict[str, Any]:
    """Return what could move a figure: machine, system, limits, load, libraries, versions, code.

    None is unknown; ``onednn`` is the setting in our environment, which a trial's process has only where a run keeps
    it; see `bench.store.system` for what the system tells. Runs of earlier versions have a few of these only.
    """
    import psutil

    memory = psutil.virtual_memory()
    return {
        "host": host_label(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": processor(root),
        "processors": os.cpu_count(),
        "usable_processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "memory_bytes": memory.total,
        "available_bytes": memory.available,
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        **system.system_record(root),
        "python": platform.python_version(),
        "versions": versions(),
        "blas": blas(),
        "onednn": os.environ.get(_ONEDNN),
        **checkout(Path(__file__).parents[1]),
    }


def blas() -> list[dict[str, Any]] | None:
    """Return the libraries for matrix products that NumPy has loaded here, with version, kernels and threads.

    None if NumPy's is none that threadpoolctl can read, such as Apple's.
    """
    import numpy as np  # noqa: F401 - what it loads is read back
    from threadpoolctl import threadpool_info

    names = ("internal_api", "version", "architecture", "num_threads")
    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    return [{name: pool.get(name) for name in names} for pool in pools] or None


def checkout(package: Path) -> dict[str, Any]:
    """Return the ``commit`` of the checkout that a package is part of, and whether a tracked file of it is ``dirty``.

    Both are None where the package is not in a checkout, or is not tracked by the one that surrounds it, as in the
    environment of another project.
    """
    tracked = _git(package, "ls-files", "--error-unmatch", "__init__.py")
    commit = _git(package, "rev-parse", "HEAD") if tracked else None
    changed = _git(package, "status", "--porcelain", "--untracked-files=no") if commit else None
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def _git(folder: Path, *words: str) -> str | None:
    """Return what git prints in a folder; None if it fails or is not installed."""
    # inside a hook, variables such as GIT_DIR name another checkout
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(  # noqa: S603 - our own words
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_GIT_SECONDS,
            check=False,
            env=ours | {"GIT_OPTIONAL_LOCKS": "0"},
        )
        return done.stdout.strip() if done.returncode == 0 else None
    return None
