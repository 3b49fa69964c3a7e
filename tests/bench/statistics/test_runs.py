"""How runs differ: the two levels, the interval of a new run, the change between two."""

import math

import numpy as np
import pytest

from bench.statistics.runs import Levels, against_runs, between_runs, levels


def test_the_levels_are_those_of_an_analysis_of_variance() -> None:
    found = levels([[1.0, 3.0], [5.0, 7.0], [3.0, 5.0]])
    assert (found.center, found.within, found.runs, found.values) == (4.0, 2.0, 3, 2.0)
    assert found.between == pytest.approx(4.0 - 2.0 / 2.0)  # the means 2, 6, 4 have the variance 4


def test_runs_that_differ_less_than_their_values_explain_add_nothing() -> None:
    assert levels([[0.0, 10.0], [1.0, 9.0], [2.0, 8.0]]).between == 0.0


def test_the_levels_that_data_were_drawn_with_are_found() -> None:
    rng = np.random.default_rng(0)
    runs = 0.03 * rng.standard_normal((400, 1)) + 0.05 * rng.standard_normal((400, 6))
    found = levels(runs.tolist())
    assert math.sqrt(found.within) == pytest.approx(0.05, rel=0.05)
    assert math.sqrt(found.between) == pytest.approx(0.03, rel=0.15)


@pytest.mark.parametrize("runs", [[[1.0, 2.0]], [[1.0, 2.0], [1.0]], [[1.0, math.nan], [1.0, 2.0]]])
def test_what_cannot_tell_two_levels_is_refused(runs: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="two levels need"):
        levels(runs)


def test_a_new_run_is_held_to_the_spread_of_the_runs_before() -> None:
    before = [[1.0, 1.0], [1.1, 1.1], [0.9, 0.9], [1.05, 1.05], [0.95, 0.95]]
    found = against_runs([1.2, 1.2], before)
    assert found.low is not None
    assert found.low < 1.0 < found.center  # a day's spread of 8 % explains it
    steady = [[value * run for value in (0.999, 1.001)] for run in (1.0, 1.001, 0.999, 1.0, 1.0005)]
    assert (against_runs([1.2, 1.2], steady).low or 0.0) > 1.19
    assert found.count == 2


def test_a_change_has_the_spread_of_both_runs_and_of_what_runs_add() -> None:
    now, before = [1.1, 1.12, 1.09], [1.0, 1.01, 0.99]
    alone = between_runs(now, before, Levels(0.0, 0.0, 0.0, 60, 6.0))
    wide = between_runs(now, before, Levels(0.0, 0.0, 0.05**2, 60, 6.0))
    assert alone.center == wide.center == pytest.approx((1.1 * 1.12 * 1.09) ** (1 / 3) / (1.0 * 1.01 * 0.99) ** (1 / 3))
    assert (alone.low or 0.0) > 1.05
    assert (wide.low or 2.0) < 1.0


def test_without_any_spread_the_interval_has_no_width() -> None:
    found = between_runs([2.0, 2.0], [1.0, 1.0], Levels(0.0, 0.0, 0.0, 5, 6.0))
    assert (found.low, found.center, found.high) == pytest.approx((2.0, 2.0, 2.0))


@pytest.mark.parametrize("now", [[], [1.0, -1.0]])
def test_a_change_needs_positive_values(now: list[float]) -> None:
    with pytest.raises(ValueError, match="positive values"):
        against_runs(now, [[1.0, 1.0], [1.0, 1.0]])
