"""Adadelta: the size of a step from running means of squared gradients and squared steps."""

import math
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.moments import forget
from numpy_nn.optimizers.optimizer import Arrays, Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRateSchedule


class Adadelta(Optimizer):
    """Gradient descent, each weight's step scaled by the root mean squares of earlier steps and gradients.

        squares = rho * squares + (1 - rho) * gradient²
        step    = sqrt(steps + epsilon) / sqrt(squares + epsilon) * gradient
        steps   = rho * steps + (1 - rho) * step²
        weight  = weight - learning_rate * step

    Matches ``keras.optimizers.Adadelta``. Source: Zeiler, 2012, with a learning rate of 1.

    Raises:
        ValueError: if ``rho`` lies outside [0, 1], or ``learning_rate`` or ``epsilon`` is negative.
    """

    arguments = ("rho", "epsilon")
    _work = 2
    state_names = ("squares", "steps")

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = within("rho", rho, 0.0, 1.0)
        self.epsilon = within("epsilon", epsilon, 0.0, math.inf)

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        squares, steps = state
        scratch, step = work
        np.multiply(gradient, gradient, scratch)
        forget(squares, scratch, self.rho, scratch)
        np.add(steps, self.epsilon, step)
        np.sqrt(step, step)
        np.multiply(step, gradient, step)
        np.add(squares, self.epsilon, scratch)
        np.sqrt(scratch, scratch)
        np.divide(step, scratch, step)
        np.multiply(step, step, scratch)
        forget(steps, scratch, self.rho, scratch)
        np.multiply(step, rate, step)
        np.subtract(weights, step, weights)
