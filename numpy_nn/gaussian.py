"""The density and the distribution function of the normal distribution, which NumPy lacks."""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray

# erfc(6) = 2e-17: beyond 6, 1 - erfc(x) rounds to 1.
_FARTHEST = 6.0
_NEAREST = 2 / (2 + _FARTHEST)
_DEGREE = 18


def density(z: FloatArray) -> FloatArray:
    """Return exp(-z² / 2) / √(2π)."""
    phi: FloatArray = np.exp(-0.5 * np.square(z)) * (1 / math.sqrt(2 * math.pi))
    return phi


def distribution(z: FloatArray) -> FloatArray:
    """Return Φ(z), the probability of a standard normal number below z, to 1e-15.

    Φ(z) = erfc(-z / √2) / 2, and erfc(x) = exp(-x²) g(t) for x >= 0, where g is smooth in t = 2 / (2 + x): a polynomial
    approximates it to the last digit.
    """
    x = np.minimum(np.abs(z) * math.sqrt(0.5), _FARTHEST)
    u = (2 / (2 + x) - _NEAREST) * (2 / (1 - _NEAREST)) - 1
    tail = np.zeros_like(x)
    for coefficient in _coefficients():
        np.multiply(tail, u, tail)
        np.add(tail, coefficient, tail)
    np.multiply(tail, 0.5 * np.exp(-np.square(x)), tail)
    phi: FloatArray = np.where(z < 0, tail, 1 - tail)
    return phi


@lru_cache(maxsize=1)
def _coefficients() -> tuple[float, ...]:
    """Return the coefficients of g as a polynomial in u, which maps the range of t to [-1, 1]; highest power first."""
    from numpy.polynomial import chebyshev  # slow to import, and only gelu needs it

    def g(u: Any) -> Any:  # NumPy's stubs expect a number as the result, it is an array
        t = _NEAREST + (u + 1) * (1 - _NEAREST) / 2
        return np.array([math.erfc(x) * math.exp(x * x) for x in 2 / t - 2])

    polynomial = chebyshev.cheb2poly(chebyshev.chebinterpolate(g, _DEGREE))
    return tuple(map(float, polynomial[::-1]))
