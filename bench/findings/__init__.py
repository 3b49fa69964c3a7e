"""Findings: one sentence and its tables for each suite, derived from a run's tables and from nothing else."""

from dataclasses import replace

from bench.findings import cost, crossover, explain, optimizers, published, twins
from bench.findings.finding import Finding, Table, Tables

__all__ = ["Finding", "Table", "Tables", "find"]

_FINDERS = {
    "published": published.find,
    "twins": twins.find,
    "explain": explain.find,
    "optimizers": optimizers.find,
    crossover.SUITE: crossover.find,
    cost.SUITE: cost.find,
}


def find(suite: str, tables: Tables) -> Finding:
    """Return what a suite found, from the run's whole tables."""
    # a scenario of the user's own is a fair duel under its own name
    finder = _FINDERS.get(suite, twins.find)
    return replace(finder(tables.of(suite)), suite=suite)
