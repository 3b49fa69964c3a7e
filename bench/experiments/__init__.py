"""The experiments: a folder each, and this list of them."""

from bench.core.spec import Scenario
from bench.experiments.base import Experiment
from bench.experiments.cost import EXPERIMENT as COST
from bench.experiments.crossover import EXPERIMENT as CROSSOVER
from bench.experiments.duel import EXPERIMENT as TWINS
from bench.experiments.explain import EXPERIMENT as EXPLAIN
from bench.experiments.optimizers import EXPERIMENT as OPTIMIZERS
from bench.experiments.published import EXPERIMENT as PUBLISHED

EXPERIMENTS: dict[str, Experiment] = {
    each.name: each for each in (PUBLISHED, TWINS, EXPLAIN, OPTIMIZERS, CROSSOVER, COST)
}

# Every scenario that one of them trains or measures.
SCENARIOS: dict[str, Scenario] = {
    name: scenario for experiment in EXPERIMENTS.values() for name, scenario in experiment.scenarios.items()
}
