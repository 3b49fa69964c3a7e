"""Adafactor: estimates the mean square of a kernel's gradient from those of its rows and columns."""

import math
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.by_variable import OptimizerByVariable
from numpy_nn.optimizers.optimizer import Arrays, Part, Shared, norm, within
from numpy_nn.optimizers.schedules import LearningRate, positive


class Adafactor(OptimizerByVariable):
    """Gradient descent with steps divided by a root mean square; kernels store it by row and by column only.

        beta     = 1 - t^beta_2_decay
        squares  = gradient² + epsilon_1
        rows     = beta * rows + (1 - beta) * mean of squares along the rows           of a kernel
        columns  = beta * columns + (1 - beta) * mean of squares along the columns
        velocity = rows columnsᵀ / mean of rows
        velocity = beta * velocity + (1 - beta) * squares                              of a vector
        step     = gradient / sqrt(velocity), divided by max(1, its root mean square / clip_threshold)
        weight   = weight - min(learning_rate, 1 / sqrt(t)) * max(epsilon_2, root mean square of the weights) * step

    t counts the updates from one. Matches ``keras.optimizers.Adafactor``, which bounds the rate for both values of
    ``relative_step``. Source: Shazeer and Stern, 2018.

    Raises:
        ValueError: if ``beta_2_decay`` is positive, ``clip_threshold`` is not, or another argument is negative.
    """

    state_names = ("velocity",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_2_decay = within("beta_2_decay", beta_2_decay, -math.inf, 0.0)
        self.epsilon_1 = within("epsilon_1", epsilon_1, 0.0)
        self.epsilon_2 = within("epsilon_2", epsilon_2, 0.0)
        self.clip_threshold = positive("clip_threshold", clip_threshold)
        self.relative_step = relative_step

    def _lay_out(self, parameters: FloatArray) -> None:
        super()._lay_out(parameters)
        for index, (work, (velocity,)) in enumerate(self._parts):
            # the means of a kernel's rows and columns; of a vector, Keras's files store two numbers instead
            shapes = [(size,) for size in velocity.shape] if velocity.ndim == 2 else [(), ()]
            self._parts[index] = Part(work, [*(np.zeros(shape, parameters.dtype) for shape in shapes), velocity])

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a variable in place."""
        rows, columns, velocity = state
        (scratch,) = work
        t = self._updates + 1
        beta = 1.0 - t**self.beta_2_decay
        np.multiply(gradient, gradient, scratch)
        np.add(scratch, self.epsilon_1, scratch)
        if velocity.ndim == 2:
            rows[...] = beta * rows + (1.0 - beta) * scratch.mean(axis=-1)
            columns[...] = beta * columns + (1.0 - beta) * scratch.mean(axis=-2)
            np.multiply((rows / rows.mean())[:, np.newaxis], columns, velocity)
        else:
            np.multiply(velocity, beta, velocity)
            np.multiply(scratch, 1.0 - beta, scratch)
            np.add(velocity, scratch, velocity)
        alpha = max(self.epsilon_2, _root_mean_square(weights)) * min(rate, 1.0 / math.sqrt(t))
        np.sqrt(velocity, scratch)
        np.divide(gradient, scratch, scratch)
        np.multiply(scratch, alpha / max(1.0, _root_mean_square(scratch) / self.clip_threshold), scratch)
        np.subtract(weights, scratch, weights)


def _root_mean_square(array: FloatArray) -> float:
    return norm(array) / math.sqrt(array.size)
