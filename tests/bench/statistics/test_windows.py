"""Evenness by hand."""

import math

import pytest

from bench.statistics.windows import evenness


def test_disturbed_windows_are_counted_against_the_quiet_level() -> None:
    found = evenness([1.0] * 15 + [1.05] * 2 + [1.2, 1.5, 3.0])
    assert found.count == 20
    assert found.median == 1.0
    assert found.disturbed_share == pytest.approx(3 / 20)
    assert found.spread == pytest.approx(0.2)  # two of 20 are slower than 1.2, two faster than the quiet level


def test_a_single_fast_window_is_not_the_quiet_level() -> None:
    assert evenness([0.5, *[1.0] * 19]).disturbed_share == 0.0


def test_a_machine_that_is_disturbed_most_of_the_time_is_still_found_out() -> None:
    assert evenness([1.0] * 4 + [1.3] * 16).disturbed_share == pytest.approx(0.8)


def test_even_work_has_no_spread() -> None:
    found = evenness([0.002])
    assert (found.spread, found.disturbed_share) == (0.0, 0.0)


@pytest.mark.parametrize("wrong", [[], [0.0], [math.inf], [1.0, math.nan]], ids=str)
def test_what_is_no_time_is_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="seconds of windows"):
        evenness(wrong)
