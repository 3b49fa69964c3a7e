"""The article as it was published: two set-ups that differ in more than the implementation."""

from bench.experiments.published.plan import EXPERIMENT

__all__ = ["EXPERIMENT"]
