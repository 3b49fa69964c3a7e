"""Comparing two transcripts: the largest difference, and the first quantity that differs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.core.spec import FloatArray
from bench.proof.transcript import DEFAULT_UPDATE

# Of float64's sixteen digits, four are left to a different order of summation.
TOLERANCE = 1e-12

# Keras rounds Adam's default coefficients, 0.9 and 0.999, to float32 even in float64. The relative error of its first
# step, whose size is the default rate of 0.001, is 1 - sqrt((1 - 0.999000013) / (1 - 0.999)) = 6.4e-6. So each weight
# is off by 6.4e-9, however small it is. Adamax's first step is off by the error of 1 - 0.9, 2.4e-7 of the rate, and
# Adagrad's by half of the error of its first accumulator, 0.1: 7.5e-9 of a step no larger than the rate.
DEFAULT_UPDATE_ROUNDING = {"adam": 2.0**-27, "adamw": 2.0**-27, "adamax": 2.0**-31, "adagrad": 2.0**-36}


@dataclass(frozen=True)
class Comparison:
    """Two transcripts compared.

    Attributes:
        largest: the largest difference among all quantities except the update with default options; infinite if one
            is missing or not finite.
        default_update: the difference after that update.
        first: the first quantity whose difference exceeds its tolerance; None if all are within.
        first_difference: that quantity's difference; 0 if all are within.
        quantities: the number of quantities compared.
    """

    largest: float
    default_update: float
    first: str | None
    first_difference: float
    quantities: int


def difference(reference: FloatArray, other: FloatArray) -> float:
    """Return max|reference - other| / max|reference|; infinite if shapes differ or other is not finite."""
    if reference.shape != other.shape or not np.isfinite(other).all():
        return float("inf")
    gap = float(np.abs(reference - other).max(initial=0.0))
    if gap == 0.0:
        return 0.0
    scale = float(np.abs(reference).max())
    return gap / scale if scale > 0.0 else float("inf")


def beyond_single(array: FloatArray) -> float:
    """Return max|array - array in float32| / max|array| of its finite values: 0 if float32 holds them all."""
    finite = array[np.isfinite(array)].astype(np.float64)
    with np.errstate(over="ignore"):
        return difference(finite, finite.astype(np.float32).astype(np.float64))


def compare(
    reference: Mapping[str, FloatArray], other: Mapping[str, FloatArray], *, optimizer: str = "sgd"
) -> Comparison:
    """Compare all quantities of two transcripts, in the reference's order.

    Raises:
        ValueError: if the reference has no quantities.
    """
    if not reference:
        raise ValueError("expected a transcript with at least one quantity, got an empty one")
    gaps = {
        name: difference(array, other[name]) if name in other else float("inf") for name, array in reference.items()
    }
    defaults = {name for name in gaps if name.startswith(DEFAULT_UPDATE)}
    allowed = dict.fromkeys(gaps, TOLERANCE)
    rounding = DEFAULT_UPDATE_ROUNDING.get(optimizer, 0.0)
    allowed |= {name: TOLERANCE + rounding / (float(np.abs(reference[name]).max()) or 1.0) for name in defaults}
    first = next((name for name, gap in gaps.items() if not gap <= allowed[name]), None)
    return Comparison(
        largest=max((gap for name, gap in gaps.items() if name not in defaults), default=0.0),
        default_update=max((gaps[name] for name in defaults), default=0.0),
        first=first,
        first_difference=0.0 if first is None else gaps[first],
        quantities=len(gaps),
    )
