"""Adam and its relatives: AdamW, Adamax, Nadam and LAMB."""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
from collections.abc import Iterator, Sequence
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.by_variable import OptimizerByVariable
from numpy_nn.optimizers.optimizer import (
    BELOW_ONE,
    Arrays,
    Optimizer,
    Shared,
    SharedButDecay,
    approach,
    norm,
    within,
)
from numpy_nn.optimizers.schedules import LearningRate


class OfMoments(Optimizer):
    """Base class of rules with running means of the gradient (decay beta_1) and of its size (decay beta_2)."""

    _work = 2

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1 = within("beta_1", beta_1, 0.0, BELOW_ONE)
        self.beta_2 = within("beta_2", beta_2, 0.0, BELOW_ONE)
        self.epsilon = within("epsilon", epsilon, 0.0)


class Adam(OfMoments):
    """Gradient descent along a running mean of the gradient, divided by a running root mean square of it.

        mean     = mean + (1 - beta_1) * (gradient - mean)
        variance = variance + (1 - beta_2) * (gradient² - variance)
        alpha    = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)           both start at zero: corrected
        weight   = weight - alpha * mean / (sqrt(variance) + epsilon)

    t counts the updates from one. With ``amsgrad`` the largest variance so far replaces the variance.
    Matches ``keras.optimizers.Adam``: epsilon is the paper's *epsilon hat*. Source: Kingma and Ba, 2015, section 2.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **shared)
        self.amsgrad = amsgrad
        self.state_names = ("mean", "variance", *(["largest_variance"] if amsgrad else []))

    def _passes(self) -> Sequence[Sequence[str]]:
        return [("mean", "variance"), *([("largest_variance",)] if self.amsgrad else [])]

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        mean, variance, *largest = state
        scratch, step = work
        t = self._updates + 1
        approach(mean, gradient, 1.0 - self.beta_1, scratch)
        np.multiply(gradient, gradient, scratch)
        approach(variance, scratch, 1.0 - self.beta_2, scratch)
        if self.amsgrad:
            variance = np.maximum(largest[0], variance, out=largest[0])
        alpha = rate * (math.sqrt(1.0 - self.beta_2**t) / (1.0 - self.beta_1**t))
        np.sqrt(variance, scratch)
        np.add(scratch, self.epsilon, scratch)
        np.multiply(mean, alpha, step)
        np.divide(step, scratch, step)
        np.subtract(weights, step, weights)


class AdamW(Adam):
    """Adam with a weight decay of 0.004, applied to the weights directly and not to the running means.

    Matches ``keras.optimizers.AdamW``. Source: Loshchilov and Hutter, 2019.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Unpack[SharedButDecay],
    ) -> None:
        decay = within("weight_decay", weight_decay, 0.0)
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=decay, **shared)


class Adamax(OfMoments):
    """Gradient descent along a running mean of the gradient, divided by a decaying maximum of its size.

        mean    = mean + (1 - beta_1) * (gradient - mean)
        largest = max(beta_2 * largest, |gradient|)
        weight  = weight - learning_rate * mean / ((1 - beta_1^t) * (largest + epsilon))

    t counts the updates from one. Matches ``keras.optimizers.Adamax``. Source: Kingma and Ba, 2015, section 7.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.
    """

    state_names = ("mean", "largest")

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        mean, largest = state
        scratch, step = work
        approach(mean, gradient, 1.0 - self.beta_1, scratch)
        np.abs(gradient, scratch)
        np.multiply(largest, self.beta_2, largest)
        np.maximum(largest, scratch, out=largest)
        np.add(largest, self.epsilon, scratch)
        np.multiply(scratch, 1.0 - self.beta_1 ** (self._updates + 1), scratch)
        np.multiply(mean, rate, step)
        np.divide(step, scratch, step)
        np.subtract(weights, step, weights)


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

    def _lay_out(self, parameters: FloatArray) -> None:
        super()._lay_out(parameters)
        self.momentum_product = np.ones(())

    def _slots_of_rule(self) -> Iterator[FloatArray]:
        yield from super()._slots_of_rule()
        yield self.momentum_product

    def _momentum(self, t: int) -> float:
        return self.beta_1 * (1.0 - 0.5 * 0.96**t)

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        self.momentum_product *= self._momentum(self._updates + 1)
        super()._apply(parameters, gradient)

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        mean, variance = state
        scratch, step = work
        t, product = self._updates + 1, float(self.momentum_product)
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


class Lamb(OptimizerByVariable, OfMoments):
    """Adam with each variable's step scaled to the norm of the variable, for very large batches.

        mean     = mean + (1 - beta_1) * (gradient - mean)
        variance = variance + (1 - beta_2) * (gradient² - variance)
        step     = mean / (1 - beta_1^t) / (sqrt(variance / (1 - beta_2^t)) + epsilon)
        weight   = weight - learning_rate * |weights| / |step| * step

    t counts the updates from one; if either norm is zero, their ratio is replaced by one. Matches
    ``keras.optimizers.Lamb``. Source: You et al., 2020.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.
    """

    state_names = ("mean", "variance")

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a variable in place."""
        mean, variance = state
        scratch, step = work
        t = self._updates + 1
        approach(mean, gradient, 1.0 - self.beta_1, scratch)
        np.multiply(gradient, gradient, scratch)
        approach(variance, scratch, 1.0 - self.beta_2, scratch)
        np.divide(variance, 1.0 - self.beta_2**t, scratch)
        np.sqrt(scratch, scratch)
        np.add(scratch, self.epsilon, scratch)
        np.divide(mean, 1.0 - self.beta_1**t, step)
        np.divide(step, scratch, step)
        length, wanted = norm(step), norm(weights)
        np.multiply(step, rate * (wanted / length if wanted > 0 and length > 0 else 1.0), step)
        np.subtract(weights, step, weights)
