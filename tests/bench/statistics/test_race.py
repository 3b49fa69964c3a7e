"""The noise of an A/A race: by hand, and by simulation of what it promises."""

import math

import numpy as np
import pytest
from scipy.stats import t

from bench.statistics.race import noise, smallest_difference


def test_noise_by_hand() -> None:
    found = noise([1.0, math.e, 1.0, math.e], [1.0, 1.0, 1.0, 1.0])  # log ratios 0, 1, 0, 1
    assert found.ratio.center == pytest.approx(math.exp(0.5))
    assert found.ratio.count == 4
    assert found.spread == pytest.approx(math.sqrt(1 / 3))
    assert found.smallest_difference == smallest_difference(found.spread, 4)


def test_the_smallest_difference_of_eight_pairs_by_published_quantiles() -> None:
    # t tables: 2.365 and 0.896 at 7 degrees of freedom; chi-square table: 3.822 at 20 %
    expected = math.expm1((2.365 + 0.896) * 0.02 * math.sqrt(7 / 3.822) / math.sqrt(8))
    assert smallest_difference(0.02, 8) == pytest.approx(expected, rel=2e-3)


def test_without_spread_every_difference_shows() -> None:
    assert smallest_difference(0.0, 8) == 0.0


def test_one_pair_has_no_noise() -> None:
    with pytest.raises(ValueError, match="at least two pairs, got 1"):
        noise([1.0], [1.0])


@pytest.mark.parametrize("pairs", [6, 8, 20])
def test_a_second_race_shows_the_smallest_difference_of_the_first_four_times_out_of_five(pairs: int) -> None:
    """Known at the true spread, and at spreads estimated by a first race, eight times out of ten at least."""
    rng = np.random.default_rng(16)
    spread, races = 0.03, 4000
    first = rng.normal(0.0, spread, (races, pairs))
    differences = np.array([smallest_difference(each, pairs) for each in first.std(axis=1, ddof=1)])
    second = rng.normal(0.0, spread, (races, pairs)) + np.log1p(differences)[:, None]
    half = t.ppf(0.975, pairs - 1) * second.std(axis=1, ddof=1) / math.sqrt(pairs)
    shown = float(np.mean(second.mean(axis=1) - half > 0.0))
    assert 0.8 <= shown <= 0.95


def test_without_a_difference_the_interval_of_an_a_a_race_leaves_out_one_in_five_of_a_hundred() -> None:
    rng = np.random.default_rng(17)
    logs = rng.normal(0.0, 0.03, (2000, 8))
    found = [noise(np.exp(each).tolist(), [1.0] * 8).ratio for each in logs]
    false = np.mean(
        [each.low is not None and each.high is not None and not each.low < 1.0 < each.high for each in found]
    )
    assert 0.03 < false < 0.07
