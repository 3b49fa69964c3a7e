"""Whether timings can be published, from which difference on, and what to change."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bench.core.words import counted, listed, seconds_words, share_words
from bench.doctor.examine import Examination
from bench.statistics.race import Noise, noise
from bench.store.system import NO_LIMIT

# The largest difference that may be needed to tell two programs apart.
MOST_DIFFERENCE = 0.1

# The largest shares of disturbed windows, of stolen time, and of the processors' time that other programs may use.
MOST_DISTURBED = 0.2
MOST_STEAL = 0.02
MOST_OTHERS = 0.1

# A trial uses one processor at least.
_LEAST_PROCESSORS = 1.0

# The training times that are compared are longer than a thousand such steps.
_LONGEST_STEP = 1e-4

# Clocks that are read in nanoseconds, without asking the system or the host.
_GOOD_CLOCKS = ("tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page")


class Outcome(StrEnum):
    """Whether timings can be published; after a quick look, fit means that nothing speaks against it."""

    FIT = "fit"
    NOT_FIT = "not fit"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Judgement:
    """What an examination comes to.

    Attributes:
        outcome: whether timings can be published.
        sentence: that in words, with the reasons, and what to change.
        changes: what to change, each by itself.
        unknown: what this system does not tell.
        figures: what was measured, as plain values; shares are not per cent.
    """

    outcome: Outcome
    sentence: str
    changes: tuple[str, ...]
    unknown: tuple[str, ...]
    figures: dict[str, Any]

    def record(self) -> dict[str, Any]:
        """Return what is kept in ``run.json``."""
        return {
            "outcome": str(self.outcome),
            "sentence": self.sentence,
            "changes": list(self.changes),
            "unknown": list(self.unknown),
            "figures": self.figures,
        }


def judge(found: Examination) -> Judgement:
    """Return whether timings of an examined machine can be published, from which difference on, and what to change."""
    raced = found.raced
    measured = None if raced is None or raced.fault else noise(raced.first, raced.second)
    ended = [] if raced is None or not raced.fault else [f"the A/A race ended early: {raced.fault}"]
    against = _against(found, measured)
    if against:
        outcome = Outcome.NOT_FIT
        said = f"Timings of this machine should not be published as it is now: {listed([*against, *ended])}"
    elif raced is None:
        outcome = Outcome.FIT
        said = (
            "A short look found nothing against timing on this machine, and cannot tell from which difference on its "
            "timings can be published (bench doctor can)"
        )
    elif measured is None:
        outcome = Outcome.CANNOT_TELL
        said = f"Whether timings of this machine can be published cannot be told: {listed(ended)}"
    else:
        outcome = Outcome.FIT
        said = (
            f"Timings of this machine can be published from a difference of "
            f"{share_words(measured.smallest_difference)} on, over {counted(measured.ratio.count, 'pair')}"
        )
    changes, unknown = _changes(found, outcome), _unknown(found)
    if changes:
        said += f"; {'for smaller differences' if outcome is Outcome.FIT else 'to change that'}: {listed(changes)}"
    if unknown:
        said += f"; not known here, and may still disturb: {listed(unknown)}"
    return Judgement(outcome, f"{said}.", tuple(changes), tuple(unknown), _figures(found, measured))


def _against(found: Examination, measured: Noise | None) -> list[str]:
    """Return what speaks against publishing timings."""
    quota = found.environment["limits"]["processors"]
    said = []
    if measured is not None and measured.smallest_difference > MOST_DIFFERENCE:
        said.append(
            f"two programs must differ by {share_words(measured.smallest_difference)} before "
            f"{counted(measured.ratio.count, 'pair')} tell them apart (at most {share_words(MOST_DIFFERENCE)})"
        )
    if found.canary.disturbed_share > MOST_DISTURBED:
        said.append(
            f"{share_words(found.canary.disturbed_share)} of the time a fixed piece of work took a tenth longer than "
            f"in quiet (at most {share_words(MOST_DISTURBED)})"
        )
    if found.steal_share is not None and found.steal_share > MOST_STEAL:
        said.append(f"the host gave {share_words(found.steal_share)} of the time to others")
    if found.others_share is not None and found.others_share > MOST_OTHERS:
        said.append(f"other programs used {share_words(found.others_share)} of the processors")
    if isinstance(quota, float | int) and quota < _LEAST_PROCESSORS:
        said.append(f"the control group allows {quota:g} processors, and a trial needs one")
    if found.clock_seconds > _LONGEST_STEP:
        said.append(f"the clock goes in steps of {seconds_words(found.clock_seconds)}")
    return said


def _changes(found: Examination, outcome: Outcome) -> list[str]:
    """Return what to change, as `pyperf system` says it; what is known to be as it should be is left out."""
    machine = found.environment
    quota = machine["limits"]["processors"]
    changes = []
    if found.others_share is not None and found.others_share > MOST_OTHERS:
        changes.append("close other programs")
    if found.steal_share is not None and found.steal_share > MOST_STEAL:
        changes.append("use a host that is not shared")
    if quota not in (None, NO_LIMIT) and quota < (machine["processors"] or 1):
        changes.append(f"lift the control group's limit of {quota:g} processors")
    if machine["governors"] not in (None, ["performance"]):
        changes.append("set the governor to performance (sudo cpupower frequency-set --governor performance)")
    if machine["turbo"]:
        changes.append("turn turbo off (sudo python -m pyperf system tune)")
    if any("," in shared or "-" in shared for shared in machine["siblings"] or []):
        changes.append("run one thread a core (echo off | sudo tee /sys/devices/system/cpu/smt/control)")
    if machine["clock_source"] not in (None, *_GOOD_CLOCKS):
        changes.append(f"use a faster clock source than {machine['clock_source']}")
    if outcome is Outcome.NOT_FIT:
        if machine["isolated"] == "" and len(machine["siblings"] or []) > 2:
            changes.append("isolate cores for the trials (isolcpus= at the kernel's start)")
        if machine["virtual"]:
            changes.append("try again at another time or on hardware of your own (this machine is virtual)")
    return changes


def _unknown(found: Examination) -> list[str]:
    """Return what the system does not tell of what could disturb a timing."""
    machine = found.environment
    told = {
        "governor": machine["governors"],
        "turbo": machine["turbo"],
        "siblings of the cores": machine["siblings"],
        "isolated cores": machine["isolated"],
        "limit of processors": machine["limits"]["processors"],
        "steal": found.steal_share,
        "other programs": found.others_share,
        "whether the machine is virtual": machine["virtual"],
    }
    return [name for name, value in told.items() if value is None]


def _figures(found: Examination, measured: Noise | None) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "windows": found.canary.count,
        "canary_median_seconds": found.canary.median,
        "canary_spread": found.canary.spread,
        "disturbed_share": found.canary.disturbed_share,
        "steal_share": found.steal_share,
        "others_share": found.others_share,
        "clock_seconds": found.clock_seconds,
    }
    if measured is not None and found.raced is not None:
        figures |= {
            "first_seconds": list(found.raced.first),
            "second_seconds": list(found.raced.second),
            "pairs": measured.ratio.count,
            "ratio": measured.ratio.center,
            "ratio_low": measured.ratio.low,
            "ratio_high": measured.ratio.high,
            "pair_spread": measured.spread,
            "smallest_difference": measured.smallest_difference,
        }
    return figures
