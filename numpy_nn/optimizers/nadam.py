"""Nadam: Adam with Nesterov's look ahead."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import BELOW_ONE, Optimizer, Shared, Split, within
from numpy_nn.optimizers.schedules import LearningRateSchedule


class Nadam(Optimizer):
    """Adam that looks ahead by Nesterov's momentum, whose size grows towards beta_1.

        mu_t     = beta_1 * (1 - 0.96^t / 2)
        mean     = mean + (1 - beta_1) * (gradient - mean)
        variance = variance + (1 - beta_2) * (gradient² - variance)
        ahead    = mu_t+1 * mean / (1 - mu_1 ··· mu_t+1) + (1 - mu_t) * gradient / (1 - mu_1 ··· mu_t)
        weight   = weight - learning_rate * ahead / (sqrt(variance / (1 - beta_2^t)) + epsilon)

    t counts the updates from one. Matches ``keras.optimizers.Nadam``. Source: Dozat, 2015.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.

    Attributes:
        momentum_product: mu_1 ··· mu_t of the updates made.
    """

    _work = 2
    state_names = ("mean", "variance")

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
        self.momentum_product = 1.0

    def build(self, parameters: FloatArray, split: Split | None = None) -> None:
        """Start anew for a flat vector like ``parameters``."""
        super().build(parameters, split)
        self.momentum_product = 1.0

    def get_state(self) -> dict[str, FloatArray]:
        """Return what the rule carries from one update to the next."""
        return super().get_state() | {"momentum_product": np.array([self.momentum_product])}

    def set_state(self, state: Mapping[str, FloatArray]) -> None:
        """Go on where `get_state` was taken."""
        super().set_state(state)
        self.momentum_product = float(state["momentum_product"][0])

    def _momentum(self, t: int) -> float:
        return self.beta_1 * (1.0 - 0.5 * 0.96**t)

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        self.momentum_product *= self._momentum(self.iterations + 1)
        super()._apply(parameters, gradient)

    def rule(
        self,
        weights: FloatArray,
        gradient: FloatArray,
        learning_rate: float,
        work: Sequence[FloatArray],
        state: Sequence[FloatArray],
    ) -> None:
        """Update a block of the weights in place."""
        mean, variance = state
        scratch, step = work
        t = self.iterations + 1
        now, ahead = self._momentum(t), self._momentum(t + 1)
        np.subtract(gradient, mean, scratch)
        np.multiply(scratch, 1.0 - self.beta_1, scratch)
        np.add(mean, scratch, mean)

        np.multiply(gradient, gradient, scratch)
        np.subtract(scratch, variance, scratch)
        np.multiply(scratch, 1.0 - self.beta_2, scratch)
        np.add(variance, scratch, variance)

        np.multiply(mean, ahead / (1.0 - self.momentum_product * ahead), step)
        np.multiply(gradient, (1.0 - now) / (1.0 - self.momentum_product), scratch)
        np.add(step, scratch, step)
        np.divide(variance, 1.0 - self.beta_2**t, scratch)
        np.sqrt(scratch, scratch)
        np.add(scratch, self.epsilon, scratch)
        np.multiply(step, learning_rate, step)
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
