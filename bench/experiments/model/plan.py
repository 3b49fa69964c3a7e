"""NumPy and Keras train one model from its file, from the weights that it holds."""

from bench.core.spec import REGRESSION, Entry, NetworkSpec, Scenario
from bench.experiments import duel
from bench.experiments.base import Experiment

# What a file does not say. The batch is Keras's default.
BATCH_SIZE = 32
_EPOCHS = 50
_TARGET_ACCURACY, _TARGET_R2 = 0.95, 0.9


def on_table(name: str, network: NetworkSpec, start: str, dataset: str, task: str) -> Scenario:
    """Return the scenario of a model: ``start`` is its file, whose weights it begins with."""
    return Scenario(
        name=name,
        dataset=dataset,
        network=network,
        epochs=_EPOCHS,
        initializer=start,
        shuffle=True,
        target_accuracy=_TARGET_R2 if task == REGRESSION else _TARGET_ACCURACY,
        task=task,
    )


def of_model(scenario: Scenario) -> Experiment:
    """Return the experiment on a model, under the scenario's name: the contenders of the fair duel."""
    paired = (entry.contender for entry in duel.EXPERIMENT.entries if not entry.first_seed_only)
    return Experiment(
        name=scenario.name,
        title="a Keras model of your own: NumPy and Keras train and serve it, from the weights in its file",
        package=__package__,
        entries=tuple(Entry(scenario, contender, scenario.name) for contender in paired),
        quick_seeds=duel.EXPERIMENT.quick_seeds,
        accepts_guests=True,
        compares_contenders=True,
    )
