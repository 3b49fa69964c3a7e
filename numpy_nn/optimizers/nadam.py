"""Nadam: Adam with Nesterov momentum."""

from collections.abc import Iterator, Sequence

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.moments import OfMoments, approach
from numpy_nn.optimizers.optimizer import Arrays, Split


class Nadam(OfMoments):
    """Adam with Nesterov momentum, which increases towards beta_1.

        mu_t     = beta_1 * (1 - 0.96^t / 2)
        mean     = mean + (1 - beta_1) * (gradient - mean)
        variance = variance + (1 - beta_2) * (gradient² - variance)
        ahead    = mu_t+1 * mean / (1 - mu_1 ··· mu_t+1) + (1 - mu_t) * gradient / (1 - mu_1 ··· mu_t)
        weight   = weight - learning_rate * ahead / (sqrt(variance / (1 - beta_2^t)) + epsilon)

    t counts the updates from one. Matches ``keras.optimizers.Nadam``. Source: Dozat, 2015.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.

    Attributes:
        momentum_product: mu_1 ··· mu_t of the updates so far, a 0-d array.
    """

    state_names = ("mean", "variance")

    def build(self, parameters: FloatArray, split: Split | None = None, paths: Sequence[str] | None = None) -> None:
        """Allocate and reset all state for a flat vector like ``parameters``."""
        super().build(parameters, split, paths)
        self.momentum_product = np.ones(())

    def _slots_of_rule(self) -> Iterator[FloatArray]:
        yield from super()._slots_of_rule()
        yield self.momentum_product

    def _momentum(self, t: int) -> float:
        return self.beta_1 * (1.0 - 0.5 * 0.96**t)

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        self.momentum_product *= self._momentum(self.iterations + 1)
        super()._apply(parameters, gradient)

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        mean, variance = state
        scratch, step = work
        t, product = self.iterations + 1, float(self.momentum_product)
        now, ahead = self._momentum(t), self._momentum(t + 1)
        approach(mean, gradient, 1.0 - self.beta_1, scratch)
        np.multiply(gradient, gradient, scratch)
        approach(variance, scratch, 1.0 - self.beta_2, scratch)
        np.multiply(mean, ahead / (1.0 - product * ahead), step)
        np.multiply(gradient, (1.0 - now) / (1.0 - product), scratch)
        np.add(step, scratch, step)
        np.divide(variance, 1.0 - self.beta_2**t, scratch)
        np.sqrt(scratch, scratch)
        np.add(scratch, self.epsilon, scratch)
        np.multiply(step, rate, step)
        np.divide(step, scratch, step)
        np.subtract(weights, step, weights)
