"""Statistics: computed by hand, and their coverage by simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up import curve_rows, trial_row
from scipy import stats

from bench.core.errors import UsageError
from bench.statistics.interval import (
    Interval,
    mean_interval,
    paired_difference,
    paired_ratio,
    paired_ratio_p,
    share_interval,
)
from bench.statistics.pairs import largest_curve_gap, matched
from bench.statistics.summary import summarize
from bench.statistics.target import first_crossing
from bench.store.tables import CURVES, TRIALS, frame


def trial(contender: str, seed: int, **values: object) -> dict[str, object]:
    return trial_row(suite="twins", scenario="twins", pair="twins", contender=contender, seed=seed, **values)


def test_interval_of_two_values_by_the_table_of_t() -> None:
    found = mean_interval([1.0, 3.0])  # standard error 1, t(0.975, 1) = 12.706
    assert (found.center, found.count) == (2.0, 2)
    assert found.low == pytest.approx(2 - 12.7062, abs=1e-4)
    assert found.high == pytest.approx(2 + 12.7062, abs=1e-4)


def test_one_value_has_no_interval_and_no_spread_is_a_point() -> None:
    assert (mean_interval([5.0]).low, mean_interval([5.0]).high) == (None, None)
    assert (mean_interval([5.0] * 4).low, mean_interval([5.0] * 4).high) == (5.0, 5.0)


def test_values_that_are_not_numbers_are_refused() -> None:
    for values in ([], [1.0, math.nan], [math.inf]):
        with pytest.raises(ValueError, match="all finite"):
            mean_interval(values)
    with pytest.raises(ValueError, match="positive"):
        paired_ratio([1.0], [0.0])


def test_ratio_is_geometric_and_paired() -> None:
    found = paired_ratio([2.0, 8.0], [1.0, 1.0])
    assert found.center == pytest.approx(4.0)
    assert found.low is not None
    assert found.high is not None
    assert found.low * found.high == pytest.approx(16.0)  # symmetric on the logarithm
    assert paired_difference([3.0, 5.0], [1.0, 1.0]).center == 3.0


def holds(found: Interval, value: float) -> bool:
    assert found.low is not None
    assert found.high is not None
    return found.low <= value <= found.high


def test_interval_has_its_stated_coverage() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(2000):
        covered += holds(mean_interval(list(rng.normal(1.0, 2.0, 6))), 1.0)
    assert 0.935 < covered / 2000 < 0.965


def test_interval_of_shares_ends_at_all_and_at_none() -> None:
    high, low = share_interval([1.0, 0.96]), share_interval([0.0, 0.04])  # ± 12.706 standard errors of 0.02
    assert (high.center, high.high) == (0.98, 1.0)
    assert high.low == pytest.approx(0.98 - 0.2541, abs=1e-4)
    assert (low.center, low.low) == (0.02, 0.0)
    assert low.high == pytest.approx(0.02 + 0.2541, abs=1e-4)
    inside = [0.5, 0.52, 0.55]
    assert share_interval(inside) == mean_interval(inside)
    assert share_interval([0.98]) == Interval(0.98, None, None, 1)


@pytest.mark.parametrize("wrong", [-0.01, 1.01, math.nan])
def test_a_share_below_none_or_above_all_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="shares must lie between 0 and 1"):
        share_interval([0.5, wrong])


def test_cutting_an_interval_of_shares_costs_no_coverage() -> None:
    rng = np.random.default_rng(1)
    cut = 0
    for correct in rng.binomial(100, 0.983, (1000, 6)):  # test rows of a hundred, six seeds
        shares = list(correct / 100)
        found, whole = share_interval(shares), mean_interval(shares)
        assert holds(found, 0.983) == holds(whole, 0.983)
        cut += found != whole
    assert cut > 100


def test_p_of_a_ratio_is_scipys() -> None:
    first, second = np.random.default_rng(3).lognormal(0.1, 0.3, (2, 6))
    expected = stats.ttest_1samp(np.log(first / second), 0.0).pvalue
    assert paired_ratio_p(list(first), list(second)) == pytest.approx(expected)


def test_p_of_a_ratio_where_there_is_no_spread() -> None:
    assert paired_ratio_p([2.0], [1.0]) == 1.0
    assert paired_ratio_p([2.0, 4.0], [1.0, 2.0]) == 0.0
    assert paired_ratio_p([2.0, 4.0], [2.0, 4.0]) == 1.0


@pytest.mark.parametrize("count", [5, 10])
def test_interval_of_a_ratio_of_skewed_times_has_its_stated_coverage(count: int) -> None:
    rng = np.random.default_rng(count)
    covered = 0
    for first, second in rng.lognormal(0.0, 0.5, (3000, 2, count)):
        covered += holds(paired_ratio(list(1.3 * first), list(second)), 1.3)
    assert 0.94 < covered / 3000 < 0.96


@pytest.mark.parametrize(
    ("accuracies", "epoch"),
    [([0.5, 0.94, 0.95, 0.9], 2), ([0.5, 0.9], None), ([None, 0.99], 1), ([0.97], 0), ([], None)],
)
def test_first_crossing(accuracies: list[float | None], epoch: int | None) -> None:
    assert first_crossing(accuracies, 0.95) == epoch


def test_pairs_join_by_seed_and_omit_failed_trials() -> None:
    rows = [trial("a", 0), trial("a", 1), trial("b", 1), trial("b", 0), trial("a", 2), trial("b", 2, status="failed")]
    pairs = matched(frame(TRIALS, rows), "a", "b")
    assert list(pairs["seed"]) == [0, 1]


@pytest.mark.parametrize("name", ["data_hash", "split_hash", "weights_hash", "order_hash"])
def test_pairs_whose_hashes_differ_are_refused(name: str) -> None:
    rows = frame(TRIALS, [trial("a", 4), trial("b", 4, **{name: "other"})])
    with pytest.raises(UsageError, match=f"a and b cannot be compared at seed 4: their {name} differs"):
        matched(rows, "a", "b")


def curve(contender: str, losses: list[float | None]) -> pd.DataFrame:
    return frame(CURVES, curve_rows(contender, 0, losses))


def test_gap_between_curves_is_the_largest_of_all_epochs() -> None:
    assert largest_curve_gap(curve("a", [1.0, 0.5])) is None
    both = pd.concat([curve("a", [1.0, 0.5, 0.2]), curve("b", [1.0, 0.75, 0.2])])
    assert largest_curve_gap(both) == 0.25
    torn = pd.concat([curve("a", [1.0, 0.5]), curve("b", [1.0, None])])
    assert largest_curve_gap(torn) == math.inf


def test_summary_counts_trials_without_target_and_failed_trials() -> None:
    never = {"reached_target": False, "updates_to_target": None}
    rows = [trial("a", 0), trial("a", 1, **never), trial("a", 2, **never), trial("a", 3, status="timed_out")]
    row = summarize(frame(TRIALS, rows)).iloc[0]
    assert (row["trials"], row["ok"], row["timed_out"], row["reached"]) == (4, 3, 1, 1)
    assert row["updates_to_target_median"] == math.inf
    assert row["updates_to_target_min"] == 2500
