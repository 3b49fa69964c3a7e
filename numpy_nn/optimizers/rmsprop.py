"""RMSprop: each weight's step divided by a running root mean square of its gradient."""

import math
from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRateSchedule


class RMSprop(Optimizer):
    """Gradient descent, each weight's step divided by a running root mean square of its gradient.

        velocity = rho * velocity + (1 - rho) * gradient²
        mean     = rho * mean + (1 - rho) * gradient                             centered
        step     = learning_rate * gradient / sqrt(velocity - mean² + epsilon)   without mean² unless centered
        moment   = momentum * moment + step                                      with momentum
        weight   = weight - step                                                 or moment

    Matches ``keras.optimizers.RMSprop``: epsilon stands under the root. Source: Hinton's lecture 6e, 2012.

    Raises:
        ValueError: if ``rho`` or ``momentum`` lies outside [0, 1], or ``learning_rate`` or ``epsilon`` is negative.
    """

    _work = 2

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = within("rho", rho, 0.0, 1.0)
        self.momentum = within("momentum", momentum, 0.0, 1.0)
        self.epsilon = within("epsilon", epsilon, 0.0, math.inf)
        self.centered = centered
        self.state_names = ("velocity", *(["mean"] if centered else []), *(["moment"] if momentum else []))

    def rule(
        self,
        weights: FloatArray,
        gradient: FloatArray,
        learning_rate: float,
        work: Sequence[FloatArray],
        state: Sequence[FloatArray],
    ) -> None:
        """Update a block of the weights in place."""
        velocity, *others = state
        scratch, step = work
        np.multiply(gradient, gradient, scratch)
        np.multiply(scratch, 1.0 - self.rho, scratch)
        np.multiply(velocity, self.rho, velocity)
        np.add(velocity, scratch, velocity)
        if self.centered:
            mean = others[0]
            np.multiply(gradient, 1.0 - self.rho, scratch)
            np.multiply(mean, self.rho, mean)
            np.add(mean, scratch, mean)
            np.multiply(mean, mean, scratch)
            np.subtract(velocity, scratch, scratch)
            np.add(scratch, self.epsilon, scratch)
        else:
            np.add(velocity, self.epsilon, scratch)
        np.sqrt(scratch, scratch)
        np.multiply(gradient, learning_rate, step)
        np.divide(step, scratch, step)
        if self.momentum:
            moment = others[-1]
            np.multiply(moment, self.momentum, moment)
            step = np.add(moment, step, moment)
        np.subtract(weights, step, weights)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
