"""The base class of Adam and related rules, and running means that are updated in place."""

import math
from typing import ClassVar, Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import BELOW_ONE, Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRateSchedule


class OfMoments(Optimizer):
    """Base class of rules with running means of the gradient (decay beta_1) and of its size (decay beta_2).

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
    """Move a running mean towards a target: mean = mean + share * (target - mean).

    ``target`` may be ``scratch``.
    """
    np.subtract(target, mean, scratch)
    np.multiply(scratch, share, scratch)
    np.add(mean, scratch, mean)


def forget(mean: FloatArray, target: FloatArray, rho: float, scratch: FloatArray) -> None:
    """Decay a running mean by rho: mean = rho * mean + (1 - rho) * target.

    Equal to `approach` with a share of 1 - rho, except for rounding; each optimizer uses the form that Keras uses.
    ``target`` may be ``scratch``.
    """
    np.multiply(target, 1.0 - rho, scratch)
    np.multiply(mean, rho, mean)
    np.add(mean, scratch, mean)
