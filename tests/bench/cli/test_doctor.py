"""`bench doctor`: what it prints, as text and as JSON, and how it ends."""

import json
from typing import Any

import pytest
from command_line import invoke
from machines import EVEN, examined

from bench.doctor import examine as examining
from bench.doctor.race import Raced
from bench.statistics.windows import Evenness

UNEVEN = Evenness(EVEN.count, EVEN.median, 0.6, 0.4)
ENDED = Raced("numpy", (), (), "numpy failed: it fell over")


def having(monkeypatch: pytest.MonkeyPatch, **found: Any) -> None:
    """Let an examination find this, without taking a minute."""
    monkeypatch.setattr(examining, "examine", lambda *_: examined(**found))
    monkeypatch.setattr(examining, "look", lambda *_: examined(**found | {"raced": None}))


@pytest.mark.parametrize(
    ("found", "code", "outcome"),
    [({}, 0, "fit"), ({"canary": UNEVEN}, 3, "not fit"), ({"raced": ENDED}, 3, "cannot tell")],
    ids=["fit", "not fit", "cannot tell"],
)
def test_the_exit_code_says_whether_timings_can_be_published(
    found: dict[str, Any], code: int, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    having(monkeypatch, **found)
    done = invoke("doctor")
    assert done.exit_code == code, done.output
    assert done.stdout.splitlines()[-1].startswith(f"{outcome}: ")
    assert "governor" in done.stdout
    assert ("A/A race  " in done.stdout) == (outcome != "cannot tell")


def test_a_quick_look_has_no_race(monkeypatch: pytest.MonkeyPatch) -> None:
    having(monkeypatch)
    done = invoke("doctor", "--quick")
    assert done.exit_code == 0
    assert "A/A race" not in done.stdout
    assert "cannot tell from which difference on" in done.stdout


def test_json_is_all_that_standard_output_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    having(monkeypatch, raced=ENDED)
    done = invoke("doctor", "--format", "json")
    assert done.exit_code == 3
    said = json.loads(done.stdout)
    assert set(said) == {"outcome", "sentence", "changes", "unknown", "figures", "environment"}
    assert said["outcome"] == "cannot tell"
    assert said["environment"]["governors"] == ["performance"]


def test_this_machine_is_looked_at_for_real() -> None:
    done = invoke("doctor", "--quick", "--format", "json")
    said = json.loads(done.stdout)
    assert done.exit_code == (0 if said["outcome"] == "fit" else 3)
    assert said["figures"]["canary_median_seconds"] > 0.0
