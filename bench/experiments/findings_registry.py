"""Findings: one sentence and its tables for each suite, derived from a run's tables and from nothing else."""

from dataclasses import replace

from bench.experiments.cost import finding as cost
from bench.experiments.crossover import finding as crossover
from bench.experiments.duel import finding as twins
from bench.experiments.explain import finding as explain
from bench.experiments.finding import Finding, Table, Tables
from bench.experiments.optimizers import finding as optimizers
from bench.experiments.published import finding as published

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
