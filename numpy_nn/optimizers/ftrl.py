"""Ftrl: follow the regularized leader, for sparse weights."""

import math
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import Arrays, Optimizer, Shared, within
from numpy_nn.optimizers.schedules import LearningRate


class Ftrl(Optimizer):
    """Follow the regularized leader (proximal): with ``l1``, weights with small gradients become exactly zero.

        sigma  = ((squares + gradient²)^-power - squares^-power) / learning_rate
        linear = linear + gradient + 2 * l2_shrinkage * weight - sigma * weight
        squares = squares + gradient²
        weight = (clip(linear, ±l1) - linear) / (squares^-power / learning_rate + 2 * l2 + beta / learning_rate)

    Matches ``keras.optimizers.Ftrl``. Source: McMahan et al., 2013.

    Raises:
        ValueError: if ``learning_rate_power`` is positive, or another argument is negative.
    """

    _work = 3
    state_names = ("squares", "linear")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.learning_rate_power = within("learning_rate_power", learning_rate_power, -math.inf, 0.0)
        self.initial_accumulator_value = within("initial_accumulator_value", initial_accumulator_value, 0.0)
        self.l1_regularization_strength = within("l1_regularization_strength", l1_regularization_strength, 0)
        self.l2_regularization_strength = within("l2_regularization_strength", l2_regularization_strength, 0)
        self.l2_shrinkage_regularization_strength = within(
            "l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength, 0.0, math.inf
        )
        self.beta = beta

    def _initial(self, name: str) -> float:
        return self.initial_accumulator_value if name == "squares" else 0.0

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place."""
        squares, linear = state
        before, after, scratch = work
        np.power(squares, -self.learning_rate_power, before)
        np.multiply(gradient, gradient, scratch)
        np.add(squares, scratch, squares)
        np.power(squares, -self.learning_rate_power, after)

        np.subtract(after, before, before)
        np.divide(before, rate, before)
        np.subtract(2.0 * self.l2_shrinkage_regularization_strength, before, before)
        np.multiply(before, weights, before)
        np.add(linear, gradient, linear)
        np.add(linear, before, linear)

        np.divide(after, rate, after)
        np.add(after, 2.0 * (self.l2_regularization_strength + self.beta / (2.0 * rate)), after)
        np.clip(linear, -self.l1_regularization_strength, self.l1_regularization_strength, scratch)
        np.subtract(scratch, linear, scratch)
        np.divide(scratch, after, weights)
