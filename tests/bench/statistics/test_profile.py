"""Performance profiles, by hand."""

import math

import pytest

from bench.statistics.profile import profiles

NEVER = math.inf


def test_a_profile_by_hand() -> None:
    # a is best on the first two problems, b on the third; only a solves the fourth, and neither the fifth
    found = profiles({"a": [1.0, 2.0, 9.0, 5.0, NEVER], "b": [2.0, 2.0, 3.0, NEVER, NEVER]})
    assert found["a"].ratios == (1.0, 1.0, 1.0, 3.0)
    assert found["b"].ratios == (1.0, 1.0, 2.0)
    assert (found["a"].wins, found["b"].wins) == (3 / 5, 2 / 5)
    assert (found["a"].solved, found["b"].solved) == (4 / 5, 3 / 5)
    assert [found["a"].share(factor) for factor in (1.0, 2.9, 3.0, 100.0)] == [0.6, 0.6, 0.8, 0.8]


def test_one_solver_is_its_own_best() -> None:
    assert profiles({"a": [4.0, NEVER]})["a"].ratios == (1.0,)


@pytest.mark.parametrize("costs", [{}, {"a": []}, {"a": [1.0], "b": [1.0, 2.0]}, {"a": [0.0]}, {"a": [math.nan]}])
def test_costs_without_a_profile_are_refused(costs: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="profiles need"):
        profiles(costs)
