"""Whether timings of made-up machines can be published: measured noise decides, and what is unknown is never fine."""

import math
from typing import Any

import pytest
from machines import CPU, EQUAL, EVEN, QUIET_SERVER, examined, tree

from bench.doctor import examine as examining
from bench.doctor.examine import clock_seconds, look, others_share
from bench.doctor.judge import Outcome, judge
from bench.doctor.race import Raced
from bench.statistics.windows import Evenness
from bench.store import canary
from bench.store.system import ProcessorTimes

UNEVEN = Evenness(count=300, median=0.002, spread=0.6, disturbed_share=0.4)
NOISY = Raced("numpy", (1.0, 1.2) * 4, (1.2, 1.0) * 4)
ENDED = Raced("numpy", (1.0,), (1.0,), "numpy timed_out: the process did not end within 60 seconds")


def test_a_quiet_server_is_fit_from_the_difference_that_its_race_can_show() -> None:
    judged = judge(examined())
    assert judged.outcome is Outcome.FIT
    spread = math.log(1.01) * math.sqrt(8 / 7)  # of four ratios above 1 and four below
    expected = math.expm1((2.3646 + 0.8960) * spread * math.sqrt(7 / 3.8223) / math.sqrt(8))
    assert judged.figures["smallest_difference"] == pytest.approx(expected, rel=1e-3)
    words = f"{100 * expected:.1f} %"
    assert judged.sentence == f"Timings of this machine can be published from a difference of {words} on, over 8 pairs."
    assert (judged.changes, judged.unknown) == ((), ())


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"canary": UNEVEN}, "40.0 % of the time a fixed piece of work took a tenth longer"),
        ({"steal_share": 0.05}, "the host gave 5.0 % of the time to others"),
        ({"others_share": 0.3}, "other programs used 30.0 % of the processors"),
        ({"machine": {"limits": {"processors": 0.5, "memory_bytes": "none"}}}, "the control group allows 0.5"),
        ({"clock_seconds": 0.015}, "the clock goes in steps of 15 ms"),
    ],
    ids=["canary", "steal", "others", "quota", "clock"],
)
@pytest.mark.parametrize("quick", [False, True], ids=["minute", "quick"])
def test_each_disturbance_alone_makes_a_machine_unfit(found: dict[str, Any], reason: str, quick: bool) -> None:
    judged = judge(examined(**({"raced": None} if quick else {}) | found))
    assert judged.outcome is Outcome.NOT_FIT
    assert reason in judged.sentence


def test_a_noisy_race_makes_a_machine_unfit_that_nothing_else_speaks_against() -> None:
    judged = judge(examined(raced=NOISY))
    assert judged.outcome is Outcome.NOT_FIT
    assert "two programs must differ by" in judged.sentence
    assert judged.figures["smallest_difference"] > 0.1


@pytest.mark.parametrize(
    ("machine", "change"),
    [
        ({"governors": ["performance", "powersave"]}, "set the governor to performance"),
        ({"turbo": True}, "turn turbo off"),
        ({"siblings": ["0,2", "1,3"]}, "run one thread a core"),
        ({"siblings": ["0-1", "2-3"]}, "run one thread a core"),
        ({"clock_source": "hpet"}, "use a faster clock source than hpet"),
        ({"limits": {"processors": 1.5, "memory_bytes": "none"}}, "lift the control group's limit of 1.5 processors"),
    ],
    ids=["governor", "turbo", "siblings", "siblings as a range", "clock", "quota"],
)
def test_a_setting_is_named_to_be_changed_and_does_not_decide(machine: dict[str, Any], change: str) -> None:
    judged = judge(examined(machine))
    assert judged.outcome is Outcome.FIT
    assert [each.startswith(change) for each in judged.changes] == [True]
    assert f"for smaller differences: {change}" in judged.sentence


def test_cores_are_isolated_and_virtual_machines_left_only_where_the_machine_is_not_fit() -> None:
    machine = {"isolated": "", "virtual": True, "siblings": ["0", "1", "2", "3"]}
    assert judge(examined(machine)).changes == ()
    changes = judge(examined(machine, canary=UNEVEN)).changes
    assert [each[:13] for each in changes] == ["isolate cores", "try again at "]


@pytest.mark.parametrize("part", ["governors", "turbo", "siblings", "isolated", "virtual"])
def test_what_the_system_does_not_tell_is_unknown_and_said(part: str) -> None:
    judged = judge(examined({part: None}))
    assert len(judged.unknown) == 1
    assert f"not known here, and may still disturb: {judged.unknown[0]}" in judged.sentence


def test_on_a_system_that_tells_nothing_everything_is_unknown() -> None:
    machine = dict.fromkeys(("governors", "turbo", "siblings", "isolated", "virtual", "clock_source"))
    limits = {"limits": {"processors": None, "memory_bytes": None}}
    judged = judge(examined(machine | limits, steal_share=None, others_share=None))
    assert len(judged.unknown) == 8
    assert judged.changes == ()


def test_a_race_that_ended_early_cannot_tell() -> None:
    judged = judge(examined(raced=ENDED))
    assert judged.outcome is Outcome.CANNOT_TELL
    assert "the A/A race ended early: numpy timed_out" in judged.sentence
    assert "smallest_difference" not in judged.figures


def test_a_race_that_ended_early_does_not_hide_a_disturbance() -> None:
    judged = judge(examined(raced=ENDED, canary=UNEVEN))
    assert judged.outcome is Outcome.NOT_FIT
    assert "took a tenth longer than in quiet (at most 20.0 %) and the A/A race ended early" in judged.sentence


def test_a_quick_look_does_not_say_from_which_difference_on() -> None:
    judged = judge(examined(raced=None))
    assert judged.outcome is Outcome.FIT
    assert "cannot tell from which difference on" in judged.sentence
    assert "smallest_difference" not in judged.figures


def test_every_sample_of_the_race_is_kept() -> None:
    kept = judge(examined()).record()["figures"]
    assert (tuple(kept["first_seconds"]), tuple(kept["second_seconds"])) == (EQUAL.first, EQUAL.second)


# What an examination measures


def test_a_look_finds_what_the_tree_and_the_canary_tell(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def windows(count: int, on_window: Any) -> list[float]:
        on_window(count, count)
        # meanwhile 1000 ticks: 100 stolen, 400 busy, and hardly any of them ours
        tree(tmp_path, {"proc/stat": "cpu  500 0 0 1400 0 0 0 100\ncpu0 0\ncpu1 0\n"})
        return [0.002] * count

    tree(tmp_path, {f"{CPU}/online": "0", f"{CPU}/cpu0/cpufreq/scaling_governor": "made_up"})
    tree(tmp_path, {"proc/stat": "cpu  100 0 0 900 0 0 0 0\ncpu0 0\ncpu1 0\n"})
    monkeypatch.setattr(canary, "windows", windows)
    monkeypatch.setattr(examining, "_own_seconds", lambda: 7.0)
    told: list[int] = []
    found = look(lambda done, _all: told.append(done), tmp_path)
    assert told == [examining.QUICK_WINDOWS]
    assert found.steal_share == pytest.approx(100 / 1000)
    assert found.others_share == pytest.approx(400 / 1000)
    assert found.canary.count == examining.QUICK_WINDOWS
    assert found.environment["governors"] == ["made_up"]
    assert found.raced is None


def test_our_own_work_is_not_other_programs() -> None:
    before = ProcessorTimes(total=1000, busy=100, steal=0, processors=4)
    after = ProcessorTimes(total=2000, busy=500, steal=0, processors=4)  # 2.5 s of four processors, 40 % busy
    assert others_share(before, after, own_seconds=2.5, passed=2.5) == pytest.approx(0.4 - 0.25)
    assert others_share(before, after, own_seconds=9.0, passed=2.5) == 0.0
    assert others_share(before, before, own_seconds=0.0, passed=2.5) is None


def test_a_clock_has_the_step_by_which_it_goes() -> None:
    readings = (number // 3 * 0.015 for number in range(10**6))
    assert clock_seconds(lambda: next(readings)) == pytest.approx(0.015)


def test_the_made_up_server_has_every_key_that_a_record_has() -> None:
    from bench.store.machine import environment

    assert set(QUIET_SERVER) == set(environment()) - {"host"}
    assert EVEN.disturbed_share == 0.0
