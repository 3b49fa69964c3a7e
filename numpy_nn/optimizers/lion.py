"""Lion: the sign of a running mean of the gradient."""

from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import ABOVE_ZERO, BELOW_ONE, Arrays, Optimizer, Shared, forget, within
from numpy_nn.optimizers.schedules import LearningRate


class Lion(Optimizer):
    """Gradient descent by the sign of a running mean of the gradient: all weights take steps of one size.

        weight = weight - learning_rate * sign(beta_1 * mean + (1 - beta_1) * gradient)
        mean   = beta_2 * mean + (1 - beta_2) * gradient

    Matches ``keras.optimizers.Lion``. Source: Chen et al., 2023.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` is negative.
    """

    _work = 2
    state_names = ("mean",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1 = within("beta_1", beta_1, ABOVE_ZERO, BELOW_ONE)
        self.beta_2 = within("beta_2", beta_2, 0.0, BELOW_ONE)

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        (mean,) = state
        scratch, step = work
        np.multiply(mean, self.beta_1, step)
        np.multiply(gradient, 1.0 - self.beta_1, scratch)
        np.add(step, scratch, step)
        np.sign(step, step)
        np.multiply(step, rate, step)
        np.subtract(weights, step, weights)
        forget(mean, gradient, self.beta_2, scratch)
