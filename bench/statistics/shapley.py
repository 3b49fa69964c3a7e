"""Shapley values: what each of several factors contributes, averaged over all orders of adding them. Shapley, 1953."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations


def shapley(values: Mapping[frozenset[str], float], factors: Sequence[str]) -> dict[str, float]:
    """Return each factor's Shapley value: its mean contribution over all orders in which factors could be added.

    The Shapley values add up to the value of all factors minus the value of none.

    Raises:
        ValueError: if a set of factors has no finite value.
    """
    missing = [cell for cell in subsets(factors) if not math.isfinite(values.get(cell, math.nan))]
    if missing:
        raise ValueError(
            f"a Shapley value needs a finite value of every set of factors, got none for {set(missing[0])}"
        )
    count = len(factors)
    found = {}
    for factor in factors:
        others = [other for other in factors if other != factor]
        found[factor] = math.fsum(
            # the share of orders in which exactly these come before the factor
            math.factorial(len(before))
            * math.factorial(count - len(before) - 1)
            / math.factorial(count)
            * (values[before | {factor}] - values[before])
            for before in subsets(others)
        )
    return found


def subsets(factors: Sequence[str]) -> Iterator[frozenset[str]]:
    """Yield every set of factors, from none to all."""
    for size in range(len(factors) + 1):
        yield from map(frozenset, combinations(factors, size))
