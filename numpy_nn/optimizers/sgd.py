"""SGD: gradient descent, plain, with momentum, or with Nesterov momentum."""

from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import Arrays, Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRate


class SGD(Optimizer):
    """Gradient descent, plain or with momentum.

        weight   = weight - learning_rate * gradient                             plain
        velocity = momentum * velocity - learning_rate * gradient
        weight   = weight + velocity                                             momentum
        weight   = weight + momentum * velocity - learning_rate * gradient       Nesterov

    Matches ``keras.optimizers.SGD``.

    Raises:
        ValueError: if ``momentum`` lies outside [0, 1], or ``learning_rate`` is negative.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.momentum = within("momentum", momentum, 0.0, 1.0)
        self.nesterov = nesterov
        self.state_names = ("velocity",) if momentum else ()

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        step = np.multiply(gradient, rate, work[0])
        if not self.momentum:
            np.subtract(weights, step, weights)
            return
        (velocity,) = state
        np.multiply(velocity, self.momentum, velocity)
        np.subtract(velocity, step, velocity)
        if not self.nesterov:
            np.add(weights, velocity, weights)
            return
        np.subtract(weights, step, weights)
        np.multiply(velocity, self.momentum, step)
        np.add(weights, step, weights)
