"""The pictures of a model: those of every comparison of contenders."""

from bench.experiments.comparing_figures import pictures

__all__ = ["pictures"]
