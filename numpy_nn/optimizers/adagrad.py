"""Adagrad and its relatives, RMSprop and Adadelta: steps divided by a root mean square of the gradients so far."""

from collections.abc import Sequence
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import Arrays, Optimizer, Shared, forget, within
from numpy_nn.optimizers.schedules import LearningRate


class Adagrad(Optimizer):
    """Gradient descent, each weight's step divided by the root of the sum of its squared gradients.

        accumulator = accumulator + gradient²
        weight      = weight - learning_rate * gradient / sqrt(accumulator + epsilon)

    Matches ``keras.optimizers.Adagrad``: the accumulator starts at 0.1. Source: Duchi, Hazan and Singer, 2011.

    Raises:
        ValueError: if ``learning_rate``, ``initial_accumulator_value`` or ``epsilon`` is negative.
    """

    _work = 2
    state_names = ("accumulator",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.initial_accumulator_value = within("initial_accumulator_value", initial_accumulator_value, 0.0)
        self.epsilon = within("epsilon", epsilon, 0.0)

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


class RMSprop(Optimizer):
    """Gradient descent, each weight's step divided by a running root mean square of its gradient.

        velocity = rho * velocity + (1 - rho) * gradient²
        mean     = rho * mean + (1 - rho) * gradient                             centered
        step     = learning_rate * gradient / sqrt(velocity - mean² + epsilon)   without mean² unless centered
        moment   = momentum * moment + step                                      with momentum
        weight   = weight - step                                                 or moment

    Matches ``keras.optimizers.RMSprop``: epsilon is added under the root. Source: Hinton's lecture 6e, 2012.

    Raises:
        ValueError: if ``rho`` or ``momentum`` lies outside [0, 1], or ``learning_rate`` or ``epsilon`` is negative.
    """

    _work = 2

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = within("rho", rho, 0.0, 1.0)
        self.momentum = within("momentum", momentum, 0.0, 1.0)
        self.epsilon = within("epsilon", epsilon, 0.0)
        self.centered = centered
        self.state_names = ("velocity", *(["mean"] if centered else []), *(["moment"] if momentum else []))

    def _passes(self) -> Sequence[Sequence[str]]:
        return [(name,) for name in ("velocity", "moment", "mean") if name in self.state_names]

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        velocity, *others = state
        scratch, step = work
        np.multiply(gradient, gradient, scratch)
        forget(velocity, scratch, self.rho, scratch)
        if self.centered:
            mean = others[0]
            forget(mean, gradient, self.rho, scratch)
            np.multiply(mean, mean, scratch)
            np.subtract(velocity, scratch, scratch)
            np.add(scratch, self.epsilon, scratch)
        else:
            np.add(velocity, self.epsilon, scratch)
        np.sqrt(scratch, scratch)
        np.multiply(gradient, rate, step)
        np.divide(step, scratch, step)
        if self.momentum:
            moment = others[-1]
            np.multiply(moment, self.momentum, moment)
            step = np.add(moment, step, moment)
        np.subtract(weights, step, weights)


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

    _work = 2
    state_names = ("squares", "steps")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = within("rho", rho, 0.0, 1.0)
        self.epsilon = within("epsilon", epsilon, 0.0)

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
