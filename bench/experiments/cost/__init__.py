"""What a framework costs beyond training: disk, memory, start, latency, throughput, energy."""

from bench.experiments.cost.plan import EXPERIMENT

__all__ = ["EXPERIMENT"]
