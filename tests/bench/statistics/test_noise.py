"""The noise of a run: what counts as disturbed, and which ratios clear the floor."""

import math

import numpy as np
import pandas as pd
import pytest

from bench.statistics.interval import Interval, paired_ratio
from bench.statistics.noise import Floor, floor_of, is_disturbed


@pytest.mark.parametrize(
    ("steal", "others", "disturbed"),
    [(0.0, 0.0, False), (0.05, 0.4, False), (0.07, 0.0, True), (0.0, 0.6, True)],
)
def test_a_second_of_training_on_two_processors_is_disturbed(steal: float, others: float, disturbed: bool) -> None:
    assert is_disturbed(1.0, 2, steal, others) is disturbed


def test_the_ticks_of_the_kernel_do_not_disturb_a_short_training() -> None:
    assert not is_disturbed(0.005, 2, 0.02, 0.02)
    assert is_disturbed(0.005, 2, 0.0, 0.03)


FLOOR = Floor("numpy", Interval(1.01, 0.98, 1.04, 6))


@pytest.mark.parametrize(
    ("ratio", "clears"),
    [
        (Interval(1.03, 1.02, 1.04, 6), False),  # certain, and no further than the copy may be
        (Interval(1.05, 1.02, 1.08, 6), True),
        (Interval(1.0 / 1.05, 1.0 / 1.08, 1.0 / 1.02, 6), True),
        (Interval(1.2, 0.9, 1.6, 6), False),  # far, and not certain
        (Interval(1.2, None, None, 1), False),
    ],
)
def test_a_difference_is_measurable_if_it_is_certain_and_beyond_the_floor(ratio: Interval, clears: bool) -> None:
    assert FLOOR.factor == pytest.approx(1.04)
    assert FLOOR.clears(ratio) is clears


def trials(suite: str, seconds: list[float], repetition: int, contender: str = "numpy") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "suite": suite,
            "scenario": "twins",
            "contender": contender,
            "seed": range(len(seconds)),
            "repetition": repetition,
            "status": "ok",
            "train_seconds": seconds,
        }
    )


def test_the_floor_pairs_each_copy_with_its_original_by_seed() -> None:
    own, copy = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.1, 2.0, 3.0, 4.4, 5.0, 6.0]
    both = pd.concat([trials("twins", own, 0), trials("twins", [9.0] * 6, 0, "keras")])
    found = floor_of(both, trials("aa", copy, 1).sample(frac=1.0, random_state=0))
    assert found is not None
    assert (found.contender, found.ratio) == ("numpy", paired_ratio(copy, own))
    assert floor_of(both, trials("aa", copy[:5], 1)) is None  # too few for a verdict


def test_of_two_equal_contenders_few_differ_measurably() -> None:
    """The floor makes false differences rarer than the interval alone, at the noise of an idle machine."""
    rng = np.random.default_rng(0)
    draws = 2000
    alone, cleared = 0, 0
    for _ in range(draws):
        own, copy, other = np.exp(0.02 * rng.standard_normal((3, 6))).tolist()
        ratio, floor = paired_ratio(other, own), Floor("numpy", paired_ratio(copy, own))
        alone += not ratio.low <= 1.0 <= ratio.high  # type: ignore[operator]
        cleared += floor.clears(ratio)
    assert 0.04 < alone / draws < 0.06
    assert cleared / draws < 0.03
    assert math.isclose(FLOOR.factor, 1.04)
