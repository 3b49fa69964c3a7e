"""The fair duel: one network, one start, one order of rows; also on a user's own scenario or table."""

from bench.experiments.duel.plan import EXPERIMENT, of_scenario, on_table

__all__ = ["EXPERIMENT", "of_scenario", "on_table"]
