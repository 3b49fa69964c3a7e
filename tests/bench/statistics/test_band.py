"""The band of rounding: what is allowed by when, which curve leaves it, and what a table of curves comes to."""

import math
from typing import Any

import numpy as np
import pytest
from made_up import curve_rows

from bench.statistics.band import Band, Departure, is_chance, kept
from bench.store.tables import CURVES, frame

# The reference, and two copies: 0.25 apart at most after one epoch, 0.125 after two, 0.5 after three.
LOSSES = np.array([[4.0, 2.0, 2.0, 1.0], [4.0, 2.25, 2.125, 1.0], [4.0, 1.875, 2.0, 0.5]])
BAND = Band(np.arange(4), LOSSES, 2.0**-10)


def test_four_times_the_largest_distance_so_far_is_allowed_and_a_last_bit_of_the_largest_loss() -> None:
    assert BAND.spread.tolist() == [0.0, 0.25, 0.25, 0.5]
    last_bit = 4.0 * 2.0**-10
    assert BAND.allowed.tolist() == [last_bit, 1.0 + last_bit, 1.0 + last_bit, 2.0 + last_bit]


@pytest.mark.parametrize(
    ("losses", "left"),
    [
        ([4.0, 2.9, 1.1, 3.0], None),
        ([4.001, 2.0, 2.0, 1.0], None),
        ([4.015625, 2.0, 2.0, 1.0], (0, 2.0**-6, 2.0**-8)),
        ([4.0, 2.0, 0.875, 3.5], (2, 1.125, 1.0 + 2.0**-8)),
        ([4.0, 2.0, 2.0, None], (3, math.inf, 2.0 + 2.0**-8)),
    ],
)
def test_a_curve_leaves_the_band_at_the_first_epoch_that_is_too_far(
    losses: list[float | None], left: tuple[int, float, float] | None
) -> None:
    found = BAND.departure(range(4), losses)
    assert found == (None if left is None else Departure(*left))


def test_epochs_that_were_not_raced_are_not_judged() -> None:
    reference, allowed = BAND.at([0, 3, 7])
    assert reference[:2] == [4.0, 1.0]
    assert math.isnan(reference[2])
    assert math.isnan(allowed[2])
    assert BAND.departure([0, 3, 7], [4.0, 1.0, 99.0]) is None
    assert BAND.departure([0, 3, 7], [4.0, 9.0, 99.0]) == Departure(3, 8.0, 2.0 + 2.0**-8)


def test_where_the_reference_itself_overflows_everything_is_allowed() -> None:
    losses = np.array([[1.0, math.nan, 1.0], [1.0, 1.0, 1.0]])
    band = Band(np.arange(3), losses, 2.0**-10)
    assert band.allowed.tolist()[1:] == [math.inf, math.inf]
    assert band.departure(range(3), [1.0, None, 1e9]) is None


def table(losses: dict[str, list[float | None]], band: list[float | None]) -> Any:
    rows = [
        row | {"reference_loss": 1.0, "band": allowed}
        for name, curve in losses.items()
        for row, allowed in zip(curve_rows(name, 0, curve), band, strict=True)
    ]
    return frame(CURVES, rows)


def test_curves_inside_their_bands_are_told_with_the_one_that_is_furthest_out() -> None:
    found = kept(table({"a": [1.0, 1.1, 1.0], "b": [1.0, 1.3, 0.0]}, [0.0, 0.4, 4.0]))
    assert found is not None
    assert found.inside
    assert found.unjudged is None
    assert (found.furthest.contender, found.furthest.epoch, found.furthest.allowed) == ("b", 1, 0.4)
    assert (found.widest.epoch, found.widest.allowed) == (2, 4.0)


@pytest.mark.parametrize("loss", [1.5, None])
def test_one_curve_outside_or_broken_off_is_outside(loss: float | None) -> None:
    found = kept(table({"a": [1.0, 1.1], "b": [1.0, loss]}, [0.0, 0.4]))
    assert found is not None
    assert not found.inside
    assert (found.furthest.contender, found.furthest.epoch) == ("b", 1)


def test_what_has_no_band_is_named_and_nothing_is_known_without_any() -> None:
    found = kept(table({"a": [1.0, 1.1, 7.0]}, [0.0, 0.4, None]))
    assert found is not None
    assert found.inside
    assert found.unjudged is not None
    assert found.unjudged.epoch == 2
    assert kept(table({"a": [1.0, 1.1, 7.0]}, [None, None, None])) is None
    assert kept(frame(CURVES, [])) is None


@pytest.mark.parametrize(
    ("excesses", "by_chance"),
    [
        ([0.2, 0.5, 1.0], True),  # all inside
        ([0.2, 0.3, 0.9, 1.4, 0.1, 0.2], True),  # one of six, not far
        ([0.2, 1.2, 0.9, 1.4, 0.1, 0.2], True),  # two of six
        ([1.1, 1.2, 0.9, 1.4, 0.1, 0.2], False),  # three of six: a fault shows at most seeds
        ([0.2, 0.3, 0.9, 101.0, 0.1, 0.2], False),  # one, but far
        ([0.2, 1.4], False),  # one of two
        ([math.inf, 0.1, 0.1], False),
    ],
)
def test_few_and_small_departures_are_chance(excesses: list[float], by_chance: bool) -> None:
    assert is_chance(excesses) is by_chance


def test_a_distance_where_none_is_allowed_is_infinitely_far() -> None:
    band = Band(np.array([0, 1]), np.array([[0.0, 0.0], [0.0, 0.0]]), 2.0**-23)
    assert band.excess([0, 1], [0.0, 0.0]) == 0.0
    assert band.excess([0, 1], [0.0, 1e-9]) == math.inf
    assert not is_chance([math.inf, 0.0, 0.0, 0.0])
