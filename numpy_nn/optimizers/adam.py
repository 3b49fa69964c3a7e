"""Adam and AdamW: running means of the gradient and of its square."""

import math
from collections.abc import Sequence
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.moments import OfMoments, approach
from numpy_nn.optimizers.optimizer import Arrays, Shared, SharedButDecay
from numpy_nn.optimizers.schedules import LearningRateSchedule


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

    arguments = (*OfMoments.arguments, "amsgrad")

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
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
        t = self.iterations + 1
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
        learning_rate: float | LearningRateSchedule = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Unpack[SharedButDecay],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **shared)
