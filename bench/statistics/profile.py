"""Performance profiles: how often each of several solvers is within a factor of the best. Dolan and Moré, 2002."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One solver's profile.

    Attributes:
        ratios: its cost over the best solver's, for each problem that it solves, ascending.
        problems: the number of problems, including those that no solver solves.
    """

    ratios: tuple[float, ...]
    problems: int

    def share(self, factor: float) -> float:
        """Return the share of problems that it solves at no more than ``factor`` times the best cost."""
        return sum(ratio <= factor for ratio in self.ratios) / self.problems

    @property
    def wins(self) -> float:
        """The share of problems on which it is the best or ties with it."""
        return self.share(1.0)

    @property
    def solved(self) -> float:
        """The share of problems that it solves at all."""
        return len(self.ratios) / self.problems


def profiles(costs: Mapping[str, Sequence[float]]) -> dict[str, Profile]:
    """Return the profile of each solver, by its name.

    ``costs`` holds each solver's positive cost of every problem, in one order; infinity for an unsolved problem.

    Raises:
        ValueError: if there are no problems, the solvers have different numbers of them, or a cost is not positive.
    """
    counts = {len(own) for own in costs.values()}
    if len(counts) != 1 or counts == {0}:
        raise ValueError(f"profiles need the same number of problems for every solver, got {sorted(counts)}")
    if not all(cost > 0.0 for own in costs.values() for cost in own):
        raise ValueError("profiles need positive costs")
    best = [min(problem) for problem in zip(*costs.values(), strict=True)]
    found = {}
    for solver, own in costs.items():
        ratios = sorted(cost / least for cost, least in zip(own, best, strict=True) if math.isfinite(cost))
        found[solver] = Profile(tuple(ratios), len(best))
    return found
