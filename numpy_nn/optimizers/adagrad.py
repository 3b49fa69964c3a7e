"""Adagrad: each weight's step divided by the root of all its squared gradients so far."""

import math
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import Arrays, Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRateSchedule


class Adagrad(Optimizer):
    """Gradient descent, each weight's step divided by the root of the sum of its squared gradients.

        accumulator = accumulator + gradient²
        weight      = weight - learning_rate * gradient / sqrt(accumulator + epsilon)

    Matches ``keras.optimizers.Adagrad``: the accumulator starts at 0.1. Source: Duchi, Hazan and Singer, 2011.

    Raises:
        ValueError: if ``learning_rate``, ``initial_accumulator_value`` or ``epsilon`` is negative.
    """

    arguments = ("initial_accumulator_value", "epsilon")
    _work = 2
    state_names = ("accumulator",)

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.initial_accumulator_value = within("initial_accumulator_value", initial_accumulator_value, 0.0, math.inf)
        self.epsilon = within("epsilon", epsilon, 0.0, math.inf)

    def _initial(self, name: str) -> float:  # noqa: ARG002 - there is only one state vector
        return self.initial_accumulator_value

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        (accumulator,) = state
        scratch, step = work
        np.multiply(gradient, gradient, scratch)
        np.add(accumulator, scratch, accumulator)
        np.add(accumulator, self.epsilon, scratch)
        np.sqrt(scratch, scratch)
        np.multiply(gradient, rate, step)
        np.divide(step, scratch, step)
        np.subtract(weights, step, weights)
