"""The pictures of the fair duel: those of every comparison of contenders."""

from bench.experiments.comparing_figures import pictures

__all__ = ["pictures"]
