"""Three-way decisions: the bounds of each answer, and the coverage of the interval."""

from collections.abc import Callable

import numpy as np
import pytest

from bench.statistics.decide import Outcome, at_least, at_most, ratio_change, within
from bench.statistics.interval import Interval

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


Rule = Callable[[Interval, float], Outcome]


@pytest.mark.parametrize(
    ("rule", "bound", "low", "high", "outcome"),
    [
        (at_least, 0.95, 0.95, 0.99, PASS),
        (at_least, 0.95, 0.949, 0.99, INCONCLUSIVE),
        (at_least, 0.95, 0.90, 0.95, INCONCLUSIVE),
        (at_least, 0.95, 0.90, 0.949, FAIL),
        (at_least, 0.95, 0.95, 0.95, PASS),
        (at_least, 0.95, None, None, INCONCLUSIVE),
        (at_most, 1.5, 1.0, 1.5, PASS),
        (at_most, 1.5, 1.0, 1.6, INCONCLUSIVE),
        (at_most, 1.5, 1.5, 1.6, INCONCLUSIVE),
        (at_most, 1.5, 1.51, 1.6, FAIL),
        (at_most, 1.5, None, None, INCONCLUSIVE),
        (within, 0.01, -0.005, 0.005, PASS),
        (within, 0.01, 0.0, 0.0, PASS),
        (within, 0.01, -0.01, 0.005, INCONCLUSIVE),
        (within, 0.01, 0.005, 0.02, INCONCLUSIVE),
        (within, 0.01, -0.02, 0.02, INCONCLUSIVE),
        (within, 0.01, 0.011, 0.02, FAIL),
        (within, 0.01, -0.02, -0.011, FAIL),
        (within, 0.01, None, None, INCONCLUSIVE),
    ],
)
def test_each_rule_at_its_bounds(
    rule: Rule, bound: float, low: float | None, high: float | None, outcome: Outcome
) -> None:
    center = 0.0 if low is None or high is None else (low + high) / 2
    assert rule(Interval(center, low, high, 10), bound) is outcome


def test_a_change_of_ratios_by_hand() -> None:
    # logarithms 0 and 2 against 0 and 0: means 1 and 0, variance of the difference 2 / 2, one degree of freedom
    found = ratio_change([1.0, np.e**2], [1.0, 1.0])
    half = 12.706204736
    assert found.center == pytest.approx(np.e)
    assert found.low == pytest.approx(np.exp(1 - half))
    assert found.high == pytest.approx(np.exp(1 + half))


def test_a_change_without_spread_is_a_point_and_a_single_value_has_no_interval() -> None:
    still = ratio_change([0.2, 0.2], [0.1, 0.1])
    assert [still.center, still.low, still.high] == pytest.approx([2.0, 2.0, 2.0])
    single = ratio_change([0.2], [0.1, 0.1])
    assert single.center == pytest.approx(2.0)
    assert (single.low, single.high) == (None, None)


@pytest.mark.parametrize("sample", [[], [1.0, 0.0], [-1.0, 1.0]])
def test_a_change_needs_positive_values(sample: list[float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        ratio_change(sample, [1.0, 1.0])


@pytest.mark.parametrize(("first", "second", "spread"), [(10, 10, 1.0), (10, 6, 3.0), (6, 10, 3.0)])
def test_the_interval_of_a_change_has_its_stated_coverage(first: int, second: int, spread: float) -> None:
    rng = np.random.default_rng(0)
    tries, covered = 1500, 0
    for _ in range(tries):
        now = np.exp(rng.normal(np.log(2.0), 0.05 * spread, first))
        before = np.exp(rng.normal(0.0, 0.05, second))
        found = ratio_change(list(now), list(before))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 2.0 <= found.high
    assert 0.935 <= covered / tries <= 0.968
