"""The standard normal distribution: its density and distribution function, which NumPy lacks."""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray

# erfc(6) = 2e-17, so 1 - erfc(x) rounds to 1 for x > 6.
_FARTHEST = 6.0
_NEAREST = 2 / (2 + _FARTHEST)
_DEGREE = 18


def density(z: FloatArray) -> FloatArray:
    """Return exp(-z² / 2) / √(2π)."""
    return np.exp(-0.5 * np.square(z)) * (1 / math.sqrt(2 * math.pi))


def distribution(z: FloatArray) -> FloatArray:
    """Return Φ(z), the probability that a standard normal number is below z, to 1e-15.

    Φ(z) = erfc(-z / √2) / 2, and erfc(x) = exp(-x²) g(t) for x >= 0. In t = 2 / (2 + x), g is smooth enough for a
    polynomial of degree 18 to reach machine precision.
    """
    x = np.minimum(np.abs(z) * math.sqrt(0.5), _FARTHEST)
    u = (2 / (2 + x) - _NEAREST) * (2 / (1 - _NEAREST)) - 1
    tail = np.zeros_like(x)
    for coefficient in _coefficients():
        np.multiply(tail, u, tail)
        np.add(tail, coefficient, tail)
    np.multiply(tail, 0.5 * np.exp(-np.square(x)), tail)
    return np.where(z < 0, tail, 1 - tail)


@lru_cache(maxsize=1)
def _coefficients() -> tuple[float, ...]:
    """Return the coefficients of g as a polynomial in u = -1..1, the scaled t; highest power first."""
    from numpy.polynomial import chebyshev  # imported only when used, to keep `import numpy_nn` fast

    def g(u: Any) -> Any:  # Any because NumPy's stubs wrongly declare a number as the result
        t = _NEAREST + (u + 1) * (1 - _NEAREST) / 2
        return np.array([math.erfc(x) * math.exp(x * x) for x in 2 / t - 2])

    polynomial = chebyshev.cheb2poly(chebyshev.chebinterpolate(g, _DEGREE))
    return tuple(map(float, polynomial[::-1]))
