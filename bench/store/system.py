"""What the system tells of the machine, in the files of Linux below /proc and /sys.

None means unknown, as on other systems and in many containers; it never means fine.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path("/")

# What `limit_of` returns where the system says that there is no limit.
NO_LIMIT = "none"

_PROCESSORS = "sys/devices/system/cpu"

# Version 1 writes the largest number of whole pages where there is no limit.
_MEMORY_WITHOUT_LIMIT = 2**60


def read(name: str, root: Path = ROOT) -> str | None:
    """Return the text of a file without the space around it; None if it is not there or cannot be read.

    Every file about the machine is read here, so that a test can give a tree of its own as ``root``.
    """
    try:
        return (root / name).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def cpuinfo(name: str, root: Path = ROOT) -> str | None:
    """Return what /proc/cpuinfo says of the first processor under a name, such as ``microcode``."""
    for line in (read("proc/cpuinfo", root) or "").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return None


def is_virtual(root: Path = ROOT) -> bool | None:
    """Return whether this is a virtual machine, whose neighbours do not show here."""
    flags = cpuinfo("flags", root)
    return None if flags is None else "hypervisor" in flags.split()


def siblings(root: Path = ROOT) -> list[str] | None:
    """Return for each core the processors that share it, such as ``["0,4", "1,5"]``."""
    shared = _of_each_processor("topology/thread_siblings_list", root)
    return shared and list(dict.fromkeys(shared))


def caches(root: Path = ROOT) -> list[dict[str, str]] | None:
    """Return the caches of the first processor: ``level``, ``type``, ``size``, and the ``processors`` that share it."""
    files = {"level": "level", "type": "type", "size": "size", "processors": "shared_cpu_list"}
    found: list[dict[str, str]] = []
    while read(f"{_PROCESSORS}/cpu0/cache/index{len(found)}/level", root) is not None:
        folder = f"{_PROCESSORS}/cpu0/cache/index{len(found)}"
        found.append({name: read(f"{folder}/{file}", root) or "unknown" for name, file in files.items()})
    return found or None


def governors(root: Path = ROOT) -> list[str] | None:
    """Return the governors that choose the processors' frequencies, each once."""
    found = _of_each_processor("cpufreq/scaling_governor", root)
    return found and sorted(set(found))


def turbo(root: Path = ROOT) -> bool | None:
    """Return whether processors may run faster than their nominal frequency for a while."""
    for name, on in ((f"{_PROCESSORS}/intel_pstate/no_turbo", "0"), (f"{_PROCESSORS}/cpufreq/boost", "1")):
        said = read(name, root)
        if said in ("0", "1"):
            return said == on
    return None


def isolated(root: Path = ROOT) -> str | None:
    """Return the processors that the scheduler leaves alone, such as ``2-3``; empty if there are none."""
    return read(f"{_PROCESSORS}/isolated", root)


def clock_source(root: Path = ROOT) -> str | None:
    """Return what the system's clock is read from, such as ``tsc``."""
    return read("sys/devices/system/clocksource/clocksource0/current_clocksource", root)


def huge_pages(root: Path = ROOT) -> str | None:
    """Return when memory is given in huge pages: ``always``, ``madvise`` or ``never``."""
    said = read("sys/kernel/mm/transparent_hugepage/enabled", root) or ""
    return said.partition("[")[2].partition("]")[0] or None


def limits(root: Path = ROOT) -> dict[str, float | str | None]:
    """Return what the control groups allow: ``processors`` (a time share, such as 1.5) and ``memory_bytes``.

    The least over this process's group and those above it counts, of versions 1 and 2 of control groups; ``NO_LIMIT``
    if the system says that there is none.
    """
    groups: dict[str, str] = {}
    for line in (read("proc/self/cgroup", root) or "").splitlines():
        _, controllers, path = (line + "::").split(":")[:3]
        groups |= dict.fromkeys(controllers.split(","), path)
    return {
        "processors": _limit(
            [_quota_2(text) for text in _version_2("cpu", "cpu.max", groups, root)],
            [_quota_1(*pair) for pair in _version_1("cpu", ("cpu.cfs_quota_us", "cpu.cfs_period_us"), groups, root)],
        ),
        "memory_bytes": _limit(
            [_bytes(text) for text in _version_2("memory", "memory.max", groups, root)],
            [_bytes(text) for (text,) in _version_1("memory", ("memory.limit_in_bytes",), groups, root)],
        ),
    }


def _limit(*found: list[float | None]) -> float | str | None:
    """Return the least of the limits, infinite ones being none, and None if nothing could be read."""
    known = [value for values in found for value in values if value is not None]
    if not known:
        return None
    return NO_LIMIT if min(known) == math.inf else min(known)


def _upwards(path: str) -> list[str]:
    """Return a group's path and those of the groups above it; a container may not see its own."""
    parts = [part for part in path.split("/") if part]
    return ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]


def _version_2(controller: str, file: str, groups: dict[str, str], root: Path) -> list[str]:
    """Return the texts of a file in the groups; the top of all groups has none, and no limit."""
    for mount in ("sys/fs/cgroup", "sys/fs/cgroup/unified"):
        if "" in groups and controller in (read(f"{mount}/cgroup.controllers", root) or "").split():
            texts = [read(f"{mount}/{path}/{file}", root) for path in _upwards(groups[""])]
            return ["max" if text is None else text for text in texts]
    return []


def _version_1(controller: str, files: tuple[str, ...], groups: dict[str, str], root: Path) -> list[list[str]]:
    """Return the texts of files in the groups that have them all."""
    found = []
    for path in _upwards(groups[controller]) if controller in groups else []:
        texts = [read(f"sys/fs/cgroup/{controller}/{path}/{file}", root) for file in files]
        if None not in texts:
            found.append([text for text in texts if text is not None])
    return found


def _quota_2(text: str) -> float | None:
    """Return the processors that ``"150000 100000"`` allows: 1.5."""
    quota, _, period = text.partition(" ")
    return math.inf if quota == "max" else _quota_1(quota, period)


def _quota_1(quota: str, period: str) -> float | None:
    try:
        return math.inf if int(quota) < 0 else int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return None


def _bytes(text: str) -> float | None:
    if text == "max":
        return math.inf
    return (math.inf if int(text) >= _MEMORY_WITHOUT_LIMIT else int(text)) if text.isdecimal() else None


def _of_each_processor(file: str, root: Path) -> list[str] | None:
    """Return the texts of a file of every processor that has it; None if none has."""
    texts = [read(f"{_PROCESSORS}/cpu{number}/{file}", root) for number in _online(root)]
    return [text for text in texts if text is not None] or None


def _online(root: Path) -> list[int]:
    """Return the numbers of the processors in use, which the system writes as ``0-3,8``."""
    numbers: list[int] = []
    for part in (read(f"{_PROCESSORS}/online", root) or "").split(","):
        first, _, last = part.partition("-")
        if first.isdecimal():
            numbers += range(int(first), int(last if last.isdecimal() else first) + 1)
    return numbers


@dataclass(frozen=True)
class ProcessorTimes:
    """What all processors have done since the system started, in ticks of its clock.

    Attributes:
        total: all time, idle or not.
        busy: of programs and of the kernel.
        steal: what the host of a virtual machine gave to others while this one had work.
        processors: how many processors the ticks are of.
    """

    total: int
    busy: int
    steal: int
    processors: int

    def steal_share(self, before: "ProcessorTimes | None" = None) -> float | None:
        """Return the share of the time since an earlier reading, or since the start, that was stolen."""
        passed = self.total - (before.total if before else 0)
        return (self.steal - (before.steal if before else 0)) / passed if passed > 0 else None

    def busy_share(self, before: "ProcessorTimes") -> float | None:
        """Return the share of all processors' time since an earlier reading in which they worked here."""
        passed = self.total - before.total
        return (self.busy - before.busy) / passed if passed > 0 else None


def processor_times(root: Path = ROOT) -> ProcessorTimes | None:
    """Return what the processors have done since the system started."""
    lines = (read("proc/stat", root) or "").splitlines()
    words = lines[0].split() if lines else []
    if len(words) < 9 or words[0] != "cpu" or not all(word.isdecimal() for word in words[1:9]):
        return None
    user, nice, system, idle, wait, interrupt, soft_interrupt, steal = map(int, words[1:9])
    busy = user + nice + system + interrupt + soft_interrupt
    counted = sum(line.startswith("cpu") for line in lines) - 1
    return ProcessorTimes(busy + idle + wait + steal, busy, steal, counted)


def system_record(root: Path = ROOT) -> dict[str, Any]:
    """Return everything above that could move a figure, as plain values for ``run.json``."""
    times = processor_times(root)
    return {
        "microcode": cpuinfo("microcode", root),
        "virtual": is_virtual(root),
        "siblings": siblings(root),
        "caches": caches(root),
        "governors": governors(root),
        "turbo": turbo(root),
        "isolated": isolated(root),
        "clock_source": clock_source(root),
        "huge_pages": huge_pages(root),
        "limits": limits(root),
        "steal_share": None if times is None else times.steal_share(),
    }
