"""The canary's windows, by a fake clock."""

from itertools import count

import pytest

from bench.store import canary


def test_a_window_is_the_median_of_its_beats() -> None:
    now = 0.0
    beats = iter([9.0, *([0.02, 0.03, 0.50] * 50)])  # the first is not counted

    def beat() -> float:
        nonlocal now
        now += 0.04  # three beats fit into a window
        return next(beats)

    told: list[tuple[int, int]] = []
    found = canary.windows(2, lambda *done: told.append(done), beat=beat, clock=lambda: now)
    assert found == [0.03, 0.03]
    assert told == [(1, 2), (2, 2)]


def test_a_beat_longer_than_a_window_counts_by_itself() -> None:
    seconds = count()
    assert canary.windows(3, beat=lambda: 7.0, clock=lambda: float(next(seconds))) == [7.0] * 3


def test_the_canary_takes_what_a_hundred_beats_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "beat", lambda: 0.002)
    assert canary.seconds() == pytest.approx(0.2)


def test_a_beat_of_this_machine_takes_milliseconds() -> None:
    canary.beat()
    assert 1e-4 < min(canary.beat() for _ in range(5)) < 0.1
