"""What an optimizer is worth, at the same learning rates and as many updates for each."""

from bench.experiments.optimizers.plan import EXPERIMENT

__all__ = ["EXPERIMENT"]
