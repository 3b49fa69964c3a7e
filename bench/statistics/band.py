"""The band of rounding: how far from a reference's curve rounding alone takes a correct program's, by each epoch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.core.spec import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

# A curve may be so many times further from the reference than any disturbed copy has been so far: docs/methodology.md
# says how it was chosen.
FACTOR = 4.0

# A kink of ReLU that no copy met takes a correct curve out of its band at a seed here or there, and not far: 2 of 432
# correct curves, by 34 times what is allowed. A fault takes it out at most seeds, or further.
_SHARE_OF_SEEDS = 1.0 / 3.0
_NOT_FAR = 100.0


def is_chance(excesses: Sequence[float]) -> bool:
    """Return whether departures from the band are few and small enough to be rounding that no copy met.

    ``excesses`` holds the largest distance over what is allowed, for each seed of one contender; up to 1 is inside.
    """
    outside = [excess for excess in excesses if excess > 1.0]
    return len(outside) <= _SHARE_OF_SEEDS * len(excesses) and max(outside, default=0.0) <= _NOT_FAR


@dataclass(frozen=True, eq=False)
class Band:
    """The curves of the reference raced against itself.

    Attributes:
        epochs: the evaluated epochs, from 0, (epochs,).
        losses: training losses, (1 + copies, epochs): the undisturbed reference's, then those of its disturbed copies;
            NaN if not finite.
        last_bit: the smallest relative difference of the number type.
    """

    epochs: IntArray
    losses: FloatArray
    last_bit: float

    @property
    def reference(self) -> FloatArray:
        """The undisturbed reference's losses, (epochs,)."""
        reference: FloatArray = self.losses[0]
        return reference

    @property
    def spread(self) -> FloatArray:
        """The largest distance of a copy from the reference so far, (epochs,); infinite once a loss is not finite."""
        apart = np.abs(self.losses[1:] - self.reference).max(axis=0)
        return np.maximum.accumulate(np.where(np.isnan(apart), math.inf, apart))

    @property
    def allowed(self) -> FloatArray:
        """How far from the reference a curve may be, (epochs,): a multiple of the spread, and the loss's last bit."""
        return FACTOR * self.spread + self.last_bit * np.fmax.accumulate(np.abs(self.reference))

    def at(self, epochs: Sequence[int]) -> tuple[list[float], list[float]]:
        """Return the reference's loss and the allowed distance at these epochs; NaN at those that were not raced."""
        places = {int(epoch): place for place, epoch in enumerate(self.epochs)}
        known = [places.get(epoch, len(places)) for epoch in epochs]
        reference, allowed = (np.append(each, math.nan)[known].tolist() for each in (self.reference, self.allowed))
        return reference, allowed

    def excess(self, epochs: Sequence[int], losses: Sequence[float | None]) -> float:
        """Return the largest distance of a curve over what is allowed, where it is outside; 0 if it is inside."""
        largest = 0.0
        for loss, reference, allowed in zip(losses, *self.at(epochs), strict=True):
            distance = math.inf if loss is None else abs(loss - reference)
            if distance > allowed:
                largest = max(largest, distance / allowed if allowed else math.inf)
        return largest

    def departure(self, epochs: Sequence[int], losses: Sequence[float | None]) -> "Departure | None":
        """Return where a curve leaves the band; None if it is inside at every epoch that was raced."""
        for epoch, loss, reference, allowed in zip(epochs, losses, *self.at(epochs), strict=True):
            distance = math.inf if loss is None else abs(loss - reference)
            if distance > allowed:
                return Departure(epoch, distance, allowed)
        return None


@dataclass(frozen=True)
class Departure:
    """The first epoch at which a curve is outside of its band, its distance from the reference, and the allowed one."""

    epoch: int
    distance: float
    allowed: float


@dataclass(frozen=True)
class Place:
    """One epoch of one contender's curve: its distance from the reference, and the allowed one."""

    contender: str
    seed: int
    epoch: int
    distance: float
    allowed: float


@dataclass(frozen=True)
class Kept:
    """How the curves of a table keep to their bands.

    Attributes:
        inside: whether every curve is inside wherever there is a band, or left it by chance: see `is_chance`.
        by_chance: how many curves left it by chance.
        unjudged: a place without a band; None if there is a band at every epoch of every curve.
        furthest: the place that is furthest out, by its share of the allowed distance.
        widest: the place at which most is allowed.
    """

    inside: bool
    by_chance: int
    unjudged: Place | None
    furthest: Place
    widest: Place


def kept(curves: "pd.DataFrame") -> Kept | None:
    """Return how curves keep to their bands, from rows of the table ``curves``; None where there is no band.

    A loss that is missing where the band is finite is infinitely far.
    """
    apart = (curves["train_loss"] - curves["reference_loss"]).abs().fillna(math.inf)
    own = curves.assign(distance=apart, share=(apart / curves["band"]).fillna(0.0))
    judged = own.loc[own["band"].notna() & (own["epoch"] > 0)]
    rest = own.loc[own["band"].isna()]
    if judged.empty:
        return None
    excesses = judged.groupby(["contender", "seed"], sort=False)["share"].max()
    outside = {name: list(each) for name, each in excesses.groupby("contender", sort=False)}
    return Kept(
        inside=all(is_chance(each) for each in outside.values()),
        by_chance=int((excesses > 1.0).sum()),
        unjudged=_place(rest, 0) if len(rest) else None,
        furthest=_place(judged, int(judged["share"].to_numpy().argmax())),
        widest=_place(judged, int(judged["band"].to_numpy().argmax())),
    )


def _place(rows: "pd.DataFrame", number: int) -> Place:
    row = rows.iloc[number]
    named = str(row["contender"]), int(row["seed"]), int(row["epoch"])
    return Place(*named, float(row["distance"]), float(row["band"]))
