"""What Adam and its kin share: arguments, and running means that are updated in place."""

import math
from typing import ClassVar, Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import BELOW_ONE, Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRateSchedule


class OfMoments(Optimizer):
    """A rule that follows the gradient and its size by running means, which forget by beta_1 and beta_2 an update.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.
    """

    arguments: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon")
    _work = 2

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1 = within("beta_1", beta_1, 0.0, BELOW_ONE)
        self.beta_2 = within("beta_2", beta_2, 0.0, BELOW_ONE)
        self.epsilon = within("epsilon", epsilon, 0.0, math.inf)


def approach(mean: FloatArray, target: FloatArray, share: float, scratch: FloatArray) -> None:
    """Let a running mean come nearer to a target: mean = mean + share * (target - mean).

    ``target`` may be ``scratch``.
    """
    np.subtract(target, mean, scratch)
    np.multiply(scratch, share, scratch)
    np.add(mean, scratch, mean)


def forget(mean: FloatArray, target: FloatArray, rho: float, scratch: FloatArray) -> None:
    """Let a running mean keep the share rho of itself: mean = rho * mean + (1 - rho) * target.

    The same as `approach` by 1 - rho but for rounding; each optimizer has the form that Keras gives it. ``target`` may
    be ``scratch``.
    """
    np.multiply(target, 1.0 - rho, scratch)
    np.multiply(mean, rho, mean)
    np.add(mean, scratch, mean)
