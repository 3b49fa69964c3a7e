"""The machine in words: unknown is said, and what an earlier version did not record is left out."""

import json
from pathlib import Path
from typing import Any

import pytest
from machines import QUIET_SERVER, examined

from bench.doctor.facts import machine_facts, measured_facts, run_facts
from bench.doctor.judge import judge

BASELINE = Path(__file__).parents[3] / "results" / "baseline" / "run.json"


def test_a_record_in_words() -> None:
    facts = dict(machine_facts(QUIET_SERVER | {"siblings": ["0,2", "1,3"], "dirty": True, "turbo": True}))
    assert facts == {
        "cores": "2 processors on 2 cores (siblings 0,2 1,3), 2 usable here; microcode 0xf4; virtual: no",
        "caches": "L1 data 48K",
        "governor": "performance",
        "turbo": "on",
        "isolated cores": "1",
        "limits of the control group": "processors: none; memory: none",
        "memory": "16 GB, 12 GB of it available; huge pages: madvise",
        "load": "average over 1, 5 and 15 minutes: 0.00, 0.00, 0.00; stolen by the host since the system started: "
        "0.0 %",
        "clock": "source tsc",
        "matrix products of the harness": "openblas 0.3.30, kernels Haswell, 2 threads",
        "oneDNN": "TF_ENABLE_ONEDNN_OPTS is not set",
        "code": "commit 5b4dcadfa36e, with changes that are not committed",
    }


def test_a_system_that_tells_nothing_is_unknown_in_every_fact() -> None:
    kept = ("processors", "memory_bytes", "available_bytes", "onednn", "commit", "dirty")
    nothing: dict[str, Any] = dict.fromkeys(QUIET_SERVER) | {name: QUIET_SERVER[name] for name in kept}
    facts = dict(machine_facts(nothing | {"limits": {"processors": None, "memory_bytes": None}}))
    known = ("oneDNN", "code")
    assert len(facts) == 12
    assert {name for name, words in facts.items() if "unknown" not in words} == set(known)
    assert facts["limits of the control group"] == "processors: unknown; memory: unknown"


def test_numbers_stand_where_there_are_limits() -> None:
    limits = {"limits": {"processors": 1.5, "memory_bytes": 2.1e9}}
    facts = dict(machine_facts(QUIET_SERVER | limits))
    assert facts["limits of the control group"] == "processors: 1.5; memory: 2.1 GB"


def test_a_run_of_an_earlier_version_has_the_facts_that_it_recorded() -> None:
    old = json.loads(BASELINE.read_text(encoding="utf-8"))["environment"]
    assert dict(machine_facts({"processor": "A Processor", "processors": 2})) == {}
    assert set(dict(machine_facts(old))) <= set(dict(machine_facts(QUIET_SERVER)))
    assert run_facts({}) == []


@pytest.mark.parametrize("wrong", [7, 0, "x", [1], {"a": None}, float("nan")], ids=str)
def test_a_record_that_another_program_wrote_is_left_out(wrong: object) -> None:
    record = dict.fromkeys((*QUIET_SERVER, "doctor", "canary_before", "canary_after"), wrong)
    for _, words in (*machine_facts(record), *run_facts(record)):
        assert isinstance(words, str)


def test_a_runs_canaries_stand_beside_each_other() -> None:
    facts = dict(run_facts({"canary_before": 0.2, "canary_after": 0.21, "doctor": {"sentence": "Quiet."}}))
    assert facts == {
        "canary, a fixed piece of work": "200 ms before the trials, 210 ms after (+5.0 %)",
        "machine before the trials": "Quiet.",
    }
    assert dict(run_facts({"canary_before": 0.2})) == {"canary, a fixed piece of work": "200 ms before the trials"}


def test_measurements_in_words() -> None:
    facts = dict(measured_facts(judge(examined(steal_share=None, others_share=0.031)).figures))
    assert facts["stolen by the host meanwhile"] == "unknown"
    assert facts["used by other programs meanwhile"] == "3.1 % of all processors"
    assert facts["canary"].startswith("2 ms in the median of 300 windows of 0.1 s; the middle 80 % lie within 1.0 %")
    assert facts["A/A race"].startswith("numpy / numpy 1.000 (95 % interval 0.99")
    assert "A/A race" not in dict(measured_facts(judge(examined(raced=None)).figures))
