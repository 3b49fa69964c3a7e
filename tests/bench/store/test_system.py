"""What is read of the machine, from trees of files that were made up; what is not there is unknown."""

from pathlib import Path

import pytest
from machines import CPU, LAPTOP, tree

from bench.store import system


def test_a_laptop_is_read(tmp_path: Path) -> None:
    assert system.system_record(tree(tmp_path, LAPTOP)) == {
        "microcode": "0xf4",
        "virtual": False,
        "siblings": ["0,2", "1,3"],
        "caches": [{"level": "1", "type": "Data", "size": "48K", "processors": "0,2"}],
        "governors": ["powersave"],
        "turbo": True,
        "isolated": "",
        "clock_source": "tsc",
        "huge_pages": "madvise",
        "limits": {"processors": "none", "memory_bytes": "none"},
        "steal_share": 0.0,
    }


def test_where_no_file_exists_everything_is_unknown(tmp_path: Path) -> None:
    found = system.system_record(tmp_path)
    assert found.pop("limits") == {"processors": None, "memory_bytes": None}
    assert set(found.values()) == {None}
    assert system.processor_times(tmp_path) is None


@pytest.mark.parametrize(
    ("files", "on"),
    [
        ({"intel_pstate/no_turbo": "0"}, True),
        ({"intel_pstate/no_turbo": "1"}, False),
        ({"cpufreq/boost": "1"}, True),
        ({"cpufreq/boost": "0"}, False),
        ({"cpufreq/boost": "?"}, None),
    ],
    ids=str,
)
def test_turbo_is_told_by_either_driver(files: dict[str, str], on: bool | None, tmp_path: Path) -> None:
    assert system.turbo(tree(tmp_path, {f"{CPU}/{name}": text for name, text in files.items()})) is on


def test_different_governors_are_all_named(tmp_path: Path) -> None:
    mixed = {f"{CPU}/online": "0,2-3", f"{CPU}/cpu1/cpufreq/scaling_governor": "ondemand"}  # it is not online
    mixed |= {
        f"{CPU}/cpu{number}/cpufreq/scaling_governor": name for number, name in ((0, "powersave"), (3, "userspace"))
    }
    assert system.governors(tree(tmp_path, mixed)) == ["powersave", "userspace"]


def test_a_virtual_machine_is_told_by_its_processors_flags(tmp_path: Path) -> None:
    assert system.is_virtual(tree(tmp_path, {"proc/cpuinfo": "flags\t: fpu hypervisor avx\n"})) is True


# Limits of control groups

V2 = {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/cgroup.controllers": "cpu memory"}
V1 = {"proc/self/cgroup": "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n"}
HYBRID = {
    "proc/self/cgroup": "1:cpu:/\n0::/\n",
    "sys/fs/cgroup/unified/cgroup.controllers": "",
    "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
    "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
}


@pytest.mark.parametrize(
    ("files", "processors", "memory"),
    [
        (V2 | {"sys/fs/cgroup/a/b/cpu.max": "150000 100000", "sys/fs/cgroup/a/b/memory.max": "2048"}, 1.5, 2048),
        (V2 | {"sys/fs/cgroup/a/cpu.max": "50000 100000", "sys/fs/cgroup/a/b/cpu.max": "200000 100000"}, 0.5, "none"),
        (V2 | {"sys/fs/cgroup/a/b/cpu.max": "max 100000", "sys/fs/cgroup/a/memory.max": "max"}, "none", "none"),
        (V2 | {"sys/fs/cgroup/cgroup.controllers": "memory"}, None, "none"),
        (V1, None, None),
        (
            V1
            | {
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "25000",  # a container sees its own group as the top
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824",
            },
            0.25,
            1073741824,
        ),
        (V1 | {"sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "9223372036854771712"}, None, "none"),
        (HYBRID, "none", None),
        (HYBRID | {"sys/fs/cgroup/cpu/cpu.cfs_period_us": "0", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "5"}, None, None),
    ],
    ids=[
        *("both limited", "the group above is stricter", "no limits", "no controller", "nothing to see"),
        *("version 1", "memory without limit", "hybrid", "nonsense"),
    ],
)
def test_the_strictest_limit_of_the_groups_counts(
    files: dict[str, str], processors: float | str | None, memory: float | str | None, tmp_path: Path
) -> None:
    assert system.limits(tree(tmp_path, files)) == {"processors": processors, "memory_bytes": memory}


# Processor times


def times(root: Path, line: str) -> system.ProcessorTimes:
    found = system.processor_times(tree(root, {"proc/stat": f"{line}\ncpu0 0\ncpu1 0\nintr 5\n"}))
    assert found is not None
    return found


def test_shares_are_of_the_time_between_two_readings(tmp_path: Path) -> None:
    before = times(tmp_path, "cpu  100 0 0 800 0 0 0 100 0 0")
    after = times(tmp_path, "cpu  120 5 15 850 0 5 5 150 0 0")  # 150 more: 50 idle, 50 busy, 50 stolen
    assert after.processors == 2
    assert after.busy_share(before) == pytest.approx(50 / 150)
    assert after.steal_share(before) == pytest.approx(50 / 150)
    assert before.steal_share() == pytest.approx(0.1)
    assert before.busy_share(before) is before.steal_share(before) is None


@pytest.mark.parametrize("line", ["", "cpu 1 2 3", "cpu a b c d e f g h", "cpu0 1 2 3 4 5 6 7 8"])
def test_times_that_this_kernel_does_not_keep_are_unknown(line: str, tmp_path: Path) -> None:
    assert system.processor_times(tree(tmp_path, {"proc/stat": line})) is None
