"""How often verdicts and intervals are wrong, by simulation: also where times are skewed, drift, or jump.

Every simulation is seen failing with a method that the harness does not use.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest

from bench.statistics.decide import Change, change_of, ratio_change
from bench.statistics.interval import geometric_interval, paired_ratio
from bench.statistics.permutation import sign_flip_p
from bench.statistics.runs import against_runs, between_runs, levels

DRAWS = 2000

# A rate of 5 % comes out between these in 2,000 draws, but for once in a hundred thousand.
COVERS = (0.93, 0.97)

Rng = np.random.Generator
Noise = Callable[[Rng, int, int], np.ndarray]


def normal(rng: Rng, draws: int, trials: int) -> np.ndarray:
    """Return logarithms of seconds, (draws, trials), in the order in which they were made."""
    return 0.02 * rng.standard_normal((draws, trials))


def skewed(rng: Rng, draws: int, trials: int) -> np.ndarray:
    """Return times that have a least value and no greatest."""
    return 0.03 * rng.exponential(1.0, (draws, trials))


def interrupted(rng: Rng, draws: int, trials: int) -> np.ndarray:
    """Return times of which most are quiet, and a few much longer, as on a machine that is shared."""
    interruptions = 0.2 * rng.exponential(1.0, (draws, trials)) * (rng.random((draws, trials)) < 0.2)
    return 0.02 * rng.standard_normal((draws, trials)) + interruptions


def drifting(rng: Rng, draws: int, trials: int) -> np.ndarray:
    """Return noise of the power 1/f, as of a machine that warms up and cools down, and one step of 5 % somewhere."""
    spectrum = np.fft.rfft(rng.standard_normal((draws, trials)))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 1))
    slow = np.fft.irfft(spectrum, trials)
    step = 0.05 * (np.arange(trials) >= rng.integers(0, trials, (draws, 1)))
    found: np.ndarray = 0.05 * slow / slow.std() + step + 0.01 * rng.standard_normal((draws, trials))
    return found


NOISES = [normal, skewed, interrupted, drifting]

# An order and its reverse cancel a drift better than an interval expects that takes the pairs as independent, and a few
# interruptions make it wider than it need be: both are safe.
CONSERVATIVE = (interrupted, drifting)


def by_lot(rng: Rng, noise: Noise, pairs: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the seconds of two equal sides, (draws, pairs) each: an order by lot, then its reverse, as in a run."""
    times = np.exp(noise(rng, DRAWS, 2 * pairs)).reshape(DRAWS, pairs, 2)
    first = np.repeat(rng.integers(0, 2, (DRAWS, (pairs + 1) // 2)), 2, axis=1)[:, :pairs]
    first[:, 1::2] = 1 - first[:, 1::2]
    chosen = np.take_along_axis(times, first[..., np.newaxis], axis=2)[..., 0]
    return chosen, times.sum(axis=2) - chosen


def share(decided: list[bool]) -> float:
    return sum(decided) / len(decided)


@pytest.mark.parametrize("pairs", [6, 10, 20])
@pytest.mark.parametrize("noise", NOISES)
def test_an_interval_of_95_per_cent_covers_as_often(noise: Noise, pairs: int) -> None:
    sides = by_lot(np.random.default_rng(pairs), noise, pairs)
    found = [paired_ratio(list(first), list(second)) for first, second in zip(*sides, strict=True)]
    covered = share([each.low <= 1.0 <= each.high for each in found])  # type: ignore[operator]
    assert COVERS[0] < covered < (1.0 if noise in CONSERVATIVE else COVERS[1])


def test_a_percentile_bootstrap_does_not() -> None:
    rng = np.random.default_rng(0)
    first, second = by_lot(rng, normal, 6)
    logs = np.log(first / second)
    means = logs[np.arange(DRAWS)[:, None, None], rng.integers(0, 6, (DRAWS, 500, 6))].mean(axis=2)
    low, high = np.percentile(means, [2.5, 97.5], axis=1)
    assert ((low <= 0.0) & (high >= 0.0)).mean() < 0.90


def test_first_all_of_one_and_then_all_of_the_other_does_not() -> None:
    times = np.exp(drifting(np.random.default_rng(0), DRAWS, 12))
    found = [paired_ratio(list(each[:6]), list(each[6:])) for each in times]
    assert share([each.low <= 1.0 <= each.high for each in found]) < 0.85  # type: ignore[operator]


@pytest.mark.parametrize("noise", NOISES)
def test_the_sign_flip_test_is_wrong_in_at_most_five_of_a_hundred(noise: Noise) -> None:
    first, second = by_lot(np.random.default_rng(1), noise, 6)
    assert share([sign_flip_p(each) <= 0.05 for each in np.log(first / second)]) < 0.06


# Between runs


def runs_of(rng: Rng, draws: int, runs: int, values: int, *, between: float, correlation: float) -> np.ndarray:
    """Return logarithms, (draws, runs, values): what a run adds is correlated with what the run before added."""
    added = np.empty((draws, runs))
    added[:, 0] = rng.standard_normal(draws)
    for run in range(1, runs):
        fresh = math.sqrt(1.0 - correlation**2) * rng.standard_normal(draws)
        added[:, run] = correlation * added[:, run - 1] + fresh
    return between * added[..., np.newaxis] + 0.02 * rng.standard_normal((draws, runs, values))


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_the_gate_is_wrong_in_at_most_six_of_a_hundred(correlation: float) -> None:
    drawn = np.exp(runs_of(np.random.default_rng(2), DRAWS, 6, 6, between=0.03, correlation=correlation))
    found = [against_runs(list(runs[-1]), [list(run) for run in runs[:-1]]) for runs in drawn]
    assert share([(each.low or 0.0) > 1.0 for each in found]) < 0.06
    outside = share([not (each.low or 0.0) <= 1.0 <= (each.high or 0.0) for each in found])
    assert outside < (0.06 if correlation == 0.0 else 0.12)


def test_the_gate_finds_a_slowdown_of_a_fifth() -> None:
    drawn = runs_of(np.random.default_rng(3), DRAWS, 6, 6, between=0.03, correlation=0.0)
    drawn[:, -1] += math.log(1.2)
    found = [against_runs(list(runs[-1]), [list(run) for run in runs[:-1]]) for runs in np.exp(drawn)]
    assert share([(each.low or 0.0) > 1.0 for each in found]) > 0.95


def test_seeds_of_one_run_against_seeds_of_another_are_wrong_often() -> None:
    drawn = np.exp(runs_of(np.random.default_rng(2), DRAWS, 2, 6, between=0.03, correlation=0.0))
    found = [ratio_change(list(now), list(before)) for before, now in drawn]
    assert share([(each.low or 0.0) > 1.0 for each in found]) > 0.2


@pytest.mark.parametrize("correlation", [0.0, 0.3])
@pytest.mark.parametrize("between", [0.0, 0.02, 0.05])
def test_a_comparison_of_equal_runs_is_wrong_in_at_most_six_of_a_hundred(between: float, correlation: float) -> None:
    rng = np.random.default_rng(4)
    calibration = runs_of(rng, 1, 60, 6, between=between, correlation=correlation)[0]
    usual = levels(calibration.tolist())
    drawn = np.exp(runs_of(rng, DRAWS, 2, 6, between=between, correlation=correlation))
    found = [change_of(between_runs(list(now), list(before), usual), 0.05) for before, now in drawn]
    assert share([each in (Change.BETTER, Change.WORSE) for each in found]) < 0.06


def test_a_comparison_finds_a_slowdown_of_a_tenth_on_a_quiet_machine() -> None:
    rng = np.random.default_rng(5)
    usual = levels(runs_of(rng, 1, 60, 6, between=0.01, correlation=0.0)[0].tolist())
    drawn = runs_of(rng, DRAWS, 2, 6, between=0.01, correlation=0.0)
    drawn[:, 1] += math.log(1.1)
    found = [change_of(between_runs(list(now), list(before), usual), 0.05) for before, now in np.exp(drawn)]
    assert share([each is Change.WORSE for each in found]) > 0.9
    assert share([each is Change.BETTER for each in found]) == 0.0


def test_the_interval_of_values_of_one_process_covers_no_process() -> None:
    """Values of one process share what the process adds: the unit is the process."""
    rng = np.random.default_rng(6)
    logs = 0.02 * rng.standard_normal((DRAWS, 1)) + 0.02 * rng.standard_normal((DRAWS, 20))
    found = [geometric_interval(list(each)) for each in logs]
    assert share([each.low <= 1.0 <= each.high for each in found]) < 0.5  # type: ignore[operator]
