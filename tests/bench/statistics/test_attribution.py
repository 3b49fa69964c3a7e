"""Attribution: planted causes are recovered, none is invented, and the shares add up."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from bench.statistics.attribution import attribute, incomplete
from bench.statistics.shapley import shapley, subsets

FACTORS = ("a", "b", "c", "d", "e")
PLANTED = {"a": 2.6, "b": 0.85, "c": 29.0, "d": 1.1, "e": 1.5}


def table(planted: Mapping[str, float], seeds: int, noise: float, rng: np.random.Generator) -> dict:  # type: ignore[type-arg]
    """Return readings of a clock that each factor divides by its planted value, with noise by seed and by cell."""
    readings = {}
    for seed in range(seeds):
        own = {factor: math.log(value) + rng.normal(0.0, noise) for factor, value in planted.items()}
        start = math.log(6000.0) + rng.normal(0.0, 0.3)
        readings[seed] = {
            cell: math.exp(start - sum(own[factor] for factor in cell) + rng.normal(0.0, noise / 3))
            for cell in subsets(tuple(planted))
        }
    return readings


def test_an_interaction_is_shared_equally() -> None:
    # a takes 2 alone and b takes 1 alone; together they take 7: the other 4 belong to both
    values = {frozenset[str](): 10.0, frozenset("a"): 8.0, frozenset("b"): 9.0, frozenset("ab"): 3.0}
    assert shapley(values, ("a", "b")) == {"a": -4.0, "b": -3.0}


def test_three_factors_by_hand() -> None:
    # the glove game: one left glove, two right ones; a pair is worth 1 (a textbook example: 2/3, 1/6, 1/6)
    values = {cell: float("left" in cell and len(cell) > 1) for cell in subsets(("left", "right", "other"))}
    found = shapley(values, ("left", "right", "other"))
    assert found == pytest.approx({"left": 2 / 3, "right": 1 / 6, "other": 1 / 6})


def test_a_missing_cell_is_refused() -> None:
    values = {cell: 1.0 for cell in subsets(("a", "b")) if cell != frozenset("b")}
    with pytest.raises(ValueError, match="'b'"):
        shapley(values, ("a", "b"))


def test_five_planted_causes_are_recovered() -> None:
    found = attribute(table(PLANTED, 10, 0.03, np.random.default_rng(0)), FACTORS)
    for share in found.shares:
        assert share.ratio.low is not None
        assert share.ratio.high is not None
        assert share.ratio.low < PLANTED[share.factor] < share.ratio.high
        assert share.adjusted_p < 0.05
        assert share.verdict == ("lengthens" if share.factor == "b" else "shortens")


def test_no_cause_is_invented_where_there_is_none() -> None:
    rng = np.random.default_rng(1)
    nothing = dict.fromkeys(FACTORS, 1.0)
    invented = [
        any(share.verdict != "not shown" for share in attribute(table(nothing, 10, 0.1, rng), FACTORS).shares)
        for _ in range(300)
    ]
    # at most 5 % of 300, give or take two standard deviations
    assert sum(invented) <= 15 + 2 * math.sqrt(300 * 0.05 * 0.95)
    assert sum(invented) > 0


def test_one_real_cause_does_not_implicate_others() -> None:
    rng = np.random.default_rng(2)
    planted = {**dict.fromkeys(FACTORS, 1.0), "c": 29.0}
    verdicts = [
        {share.factor: share.verdict for share in attribute(table(planted, 10, 0.1, rng), FACTORS).shares}
        for _ in range(100)
    ]
    assert all(found["c"] == "shortens" for found in verdicts)
    assert sum(any(found[factor] != "not shown" for factor in "abde") for found in verdicts) <= 10


def test_intervals_cover_the_planted_cause() -> None:
    rng = np.random.default_rng(3)
    two = {"a": 2.0, "b": 0.9}
    covered = 0
    for _ in range(1000):
        (share, _) = attribute(table(two, 6, 0.1, rng), ("a", "b")).shares
        covered += (share.ratio.low or math.inf) < 2.0 < (share.ratio.high or 0.0)
    assert 0.935 < covered / 1000 < 0.965


def test_shares_multiply_to_the_whole_and_first_and_last_differ_where_causes_interact() -> None:
    readings = {0: {frozenset[str](): 100.0, frozenset("a"): 50.0, frozenset("b"): 100.0, frozenset("ab"): 10.0}}
    found = attribute(readings, ("a", "b"))
    a, b = found.shares
    assert (found.start, found.whole.center) == pytest.approx((100.0, 10.0))
    assert a.ratio.center * b.ratio.center == pytest.approx(10.0)
    assert (a.alone, a.last, b.alone, b.last) == pytest.approx((2.0, 10.0, 1.0, 5.0))
    assert a.ratio.center == pytest.approx(math.sqrt(2.0 * 10.0))


def test_too_few_seeds_are_reported() -> None:
    rng = np.random.default_rng(4)
    assert {share.verdict for share in attribute(table(PLANTED, 7, 0.01, rng), FACTORS).shares} == {"too few seeds"}
    assert "too few seeds" not in {share.verdict for share in attribute(table(PLANTED, 8, 0.01, rng), FACTORS).shares}


def test_verdicts_hold_for_more_than_twenty_seeds() -> None:
    found = attribute(table(PLANTED, 21, 0.03, np.random.default_rng(6)), FACTORS)
    assert {share.factor for share in found.shares if share.verdict == "lengthens"} == {"b"}
    assert {share.factor for share in found.shares if share.verdict == "shortens"} == set("acde")


def test_an_incomplete_seed_is_named_and_refused() -> None:
    rng = np.random.default_rng(5)
    readings = table({"a": 2.0, "b": 3.0}, 3, 0.01, rng)
    readings[1][frozenset("b")] = None
    assert incomplete(readings, ("a", "b")) == {1: (frozenset("b"),)}
    with pytest.raises(ValueError, match="got 3 seeds, 1 of them incomplete"):
        attribute(readings, ("a", "b"))
    with pytest.raises(ValueError, match="got 0"):
        attribute({}, ("a", "b"))
