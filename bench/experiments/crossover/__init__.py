"""When Keras becomes faster: the time of one update by width, depth and batch."""

from bench.experiments.crossover.plan import EXPERIMENT

__all__ = ["EXPERIMENT"]
