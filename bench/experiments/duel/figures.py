"""The pictures of the fair duel: those of every comparison of contenders."""

from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.comparing import Comparison
from bench.experiments.comparing_figures import pictures as of_contenders


def pictures(results: Results, finding: Finding[Comparison]) -> Pictures:
    """Return convergence, wall time, accuracy and decision boundaries."""
    return of_contenders(results, finding.result)
