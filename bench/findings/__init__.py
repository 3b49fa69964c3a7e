"""Findings: one sentence and its tables for each suite, derived from a run's tables and from nothing else."""

from typing import TYPE_CHECKING

from bench.findings import published, twins
from bench.findings.finding import Finding, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Finding", "Table", "find"]

_FINDERS = {"published": published.find, "twins": twins.find}


def find(suite: str, trials: "pd.DataFrame", curves: "pd.DataFrame") -> Finding:
    """Return what a suite found, from the run's whole tables."""
    return _FINDERS[suite](trials[trials["suite"] == suite], curves[curves["suite"] == suite])
