"""How far apart two quantities are, of numbers or of words."""

from typing import Any

import numpy as np

from bench.core.spec import AnyArray


def difference(original: AnyArray, twin: AnyArray) -> float:
    """Return max|a - b| / max|a|; infinite where shapes, words, infinities or the places of NaN differ."""
    if original.shape != twin.shape or (original.dtype.kind == "U") != (twin.dtype.kind == "U"):
        return float("inf")
    if original.dtype.kind == "U":
        return 0.0 if np.array_equal(original, twin) else float("inf")
    a, b = original.astype(np.float64), twin.astype(np.float64)
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return float("inf")
    with np.errstate(invalid="ignore"):
        gap = _largest(a[finite] - b[finite])
    if gap == 0.0:
        return 0.0
    scale = _largest(a[finite])
    return gap / scale if scale > 0.0 and not np.isnan(gap) else float("inf")


def _largest(values: Any) -> float:
    return float(np.abs(values).max(initial=0.0))
