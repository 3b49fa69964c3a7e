"""Lamb: Adam with steps proportional to the norm of the weights."""

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.moments import OfMoments, approach
from numpy_nn.optimizers.optimizer import Arrays, OptimizerByVariable, norm


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
        t = self.iterations + 1
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
