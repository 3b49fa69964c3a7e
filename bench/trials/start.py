"""What a trial starts from: its training rows, and weights that are drawn or those of a user's own model."""

from pathlib import Path

from bench.contenders.model_file import read_weights
from bench.core.randomness import initial_weights
from bench.core.spec import FloatArray, Scenario
from bench.datasets import Data


def model_of(scenario: Scenario) -> Path | None:
    """Return the model's file that a scenario starts from; None if its weights are drawn."""
    return Path(scenario.initializer) if scenario.is_of_model else None


def rows_of(scenario: Scenario, data: Data) -> Data:
    """Return the data as a scenario trains on them: some rows may be set aside, by whose loss it is stopped."""
    rows = len(data.x_train)
    aside = rows - scenario.rows_trained(rows)
    return data.with_validation(aside) if aside else data


def first_weights(scenario: Scenario, seed: int) -> list[FloatArray]:
    """Return kernel (inputs, units) and bias (units,) of each layer in float64; a model's are the same for every seed.

    Raises:
        UsageError: if the model's file cannot be read, or no longer holds such a network.
    """
    path = model_of(scenario)
    return initial_weights(scenario, seed) if path is None else read_weights(path)
