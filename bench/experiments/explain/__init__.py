"""What each difference between the article's two set-ups is worth."""

from bench.experiments.explain.plan import EXPERIMENT

__all__ = ["EXPERIMENT"]
