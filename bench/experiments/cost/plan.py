"""What each contender costs beyond training, measured in fresh processes."""

from bench.core.spec import Entry, Probe
from bench.experiments.article import WIDE, measured
from bench.experiments.base import Experiment

EXPERIMENT = Experiment(
    name="cost",
    title="what a framework costs beyond training: disk, memory, start, latency, throughput, energy",
    package=__package__,
    entries=tuple(
        Entry(measured("cost", WIDE), contender, "cost", probe=Probe("footprint"))
        for contender in ("numpy", "keras", "keras_tuned")
    ),
    accepts_guests=True,
    measures_network=True,
)
