"""Made-up machines: trees of the files that Linux keeps below /proc and /sys, and what was measured on them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.doctor.examine import Examination
from bench.doctor.race import Raced
from bench.statistics.windows import Evenness

CPU = "sys/devices/system/cpu"

# A laptop of two cores with two threads each, set up badly.
LAPTOP = {
    "proc/cpuinfo": "model name\t: A Processor\nmicrocode\t: 0xf4\nflags\t\t: fpu avx2\n\nprocessor : 1",
    "proc/stat": "cpu  100 0 50 840 0 5 5 0 0 0\ncpu0 50 0 25 420 0 0 0 0 0 0\ncpu1 50 0 25 420 0 5 5 0 0 0\n",
    f"{CPU}/online": "0-3\n",
    f"{CPU}/isolated": "\n",
    f"{CPU}/intel_pstate/no_turbo": "0\n",
    **{f"{CPU}/cpu{number}/topology/thread_siblings_list": f"{number % 2},{number % 2 + 2}\n" for number in range(4)},
    **{f"{CPU}/cpu{number}/cpufreq/scaling_governor": "powersave\n" for number in range(4)},
    f"{CPU}/cpu0/cache/index0/level": "1\n",
    f"{CPU}/cpu0/cache/index0/type": "Data\n",
    f"{CPU}/cpu0/cache/index0/size": "48K\n",
    f"{CPU}/cpu0/cache/index0/shared_cpu_list": "0,2\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "proc/self/cgroup": "0::/user.slice/session.scope\n",
    "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
    "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
    "sys/fs/cgroup/user.slice/memory.max": "max\n",
}


def tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write a machine's files below a folder, and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


# As `bench.store.machine.environment` tells a quiet server of two cores that is set up well.
QUIET_SERVER: dict[str, Any] = {
    "system": "Linux 6.1",
    "processor": "A Processor",
    "processors": 2,
    "usable_processors": 2,
    "memory_bytes": 16e9,
    "available_bytes": 12e9,
    "load_average": [0.0, 0.0, 0.0],
    "microcode": "0xf4",
    "virtual": False,
    "siblings": ["0", "1"],
    "caches": [{"level": "1", "type": "Data", "size": "48K", "processors": "0"}],
    "governors": ["performance"],
    "turbo": False,
    "isolated": "1",
    "clock_source": "tsc",
    "huge_pages": "madvise",
    "limits": {"processors": "none", "memory_bytes": "none"},
    "steal_share": 0.0,
    "python": "3.12.1",
    "versions": {"numpy": "2.4.6"},
    "blas": [{"internal_api": "openblas", "version": "0.3.30", "architecture": "Haswell", "num_threads": 2}],
    "onednn": None,
    "commit": "5b4dcadfa36e436bc733bf9aa4dd5559d62bfe26",
    "dirty": False,
}

EVEN = Evenness(count=300, median=0.002, spread=0.01, disturbed_share=0.0)

# Each side is 1 % faster in turn: the spread of the log ratios is about 0.0106.
EQUAL = Raced("numpy", (1.0, 1.01) * 4, (1.01, 1.0) * 4)


def examined(machine: Mapping[str, Any] | None = None, **measured: Any) -> Examination:
    """Return the examination of the quiet server, with something changed."""
    found: dict[str, Any] = {
        "canary": EVEN,
        "steal_share": 0.0,
        "others_share": 0.0,
        "clock_seconds": 1e-7,
        "raced": EQUAL,
    }
    return Examination(environment=QUIET_SERVER | dict(machine or {}), **found | measured)
