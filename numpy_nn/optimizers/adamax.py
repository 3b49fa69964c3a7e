"""Adamax: Adam by the largest gradient in place of the root mean square."""

import math
from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import BELOW_ONE, Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRateSchedule


class Adamax(Optimizer):
    """Gradient descent along a running mean of the gradient, divided by the largest it was of late.

        mean    = mean + (1 - beta_1) * (gradient - mean)
        largest = max(beta_2 * largest, |gradient|)
        weight  = weight - learning_rate * mean / ((1 - beta_1^t) * (largest + epsilon))

    t counts the updates from one. Matches ``keras.optimizers.Adamax``. Source: Kingma and Ba, 2015, section 7.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.
    """

    _work = 2
    state_names = ("mean", "largest")

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1 = within("beta_1", beta_1, 0.0, BELOW_ONE)
        self.beta_2 = within("beta_2", beta_2, 0.0, BELOW_ONE)
        self.epsilon = within("epsilon", epsilon, 0.0, math.inf)

    def rule(
        self,
        weights: FloatArray,
        gradient: FloatArray,
        learning_rate: float,
        work: Sequence[FloatArray],
        state: Sequence[FloatArray],
    ) -> None:
        """Update a block of the weights in place."""
        mean, largest = state
        scratch, step = work
        np.subtract(gradient, mean, scratch)
        np.multiply(scratch, 1.0 - self.beta_1, scratch)
        np.add(mean, scratch, mean)
        np.abs(gradient, scratch)
        np.multiply(largest, self.beta_2, largest)
        np.maximum(largest, scratch, out=largest)
        np.add(largest, self.epsilon, scratch)
        np.multiply(scratch, 1.0 - self.beta_1 ** (self.iterations + 1), scratch)
        np.multiply(mean, learning_rate, step)
        np.divide(step, scratch, step)
        np.subtract(weights, step, weights)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
