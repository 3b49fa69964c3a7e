"""Adamax: Adam with a decaying maximum of the gradient instead of its root mean square."""

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.moments import OfMoments, approach
from numpy_nn.optimizers.optimizer import Arrays


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
        np.multiply(scratch, 1.0 - self.beta_1 ** (self.iterations + 1), scratch)
        np.multiply(mean, rate, step)
        np.divide(step, scratch, step)
        np.subtract(weights, step, weights)
