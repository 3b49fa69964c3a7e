"""Muon: momentum, made orthogonal for each kernel."""

import math
import re
from collections.abc import Sequence
from typing import Unpack

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.adam import Adam
from numpy_nn.optimizers.by_variable import OptimizerByVariable
from numpy_nn.optimizers.optimizer import (
    BELOW_ONE,
    Arrays,
    Part,
    SharedButDecay,
    norm,
    within,
)
from numpy_nn.optimizers.schedules import LearningRate

# Keras adds this to a norm before dividing by it.
_EPSILON = 1e-7


class Muon(OptimizerByVariable):
    """Updates kernels by orthogonal matrices, in which all directions count equally, and other variables by Adam.

        velocity = momentum * velocity + gradient
        step     = orthogonal(gradient + momentum * velocity)          without ``nesterov``: orthogonal(velocity)
        weight   = weight - learning_rate * rms_rate * sqrt(max(rows, columns)) * step

    ``orthogonal`` returns a matrix with the same singular vectors and singular values near 1, computed by Newton-Schulz
    steps: X = a X + b (X Xᵀ) X + c (X Xᵀ)² X, a quintic in each singular value. Adam, with ``adam_weight_decay``,
    updates vectors, and kernels whose path matches one of ``exclude_layers``, such as that of the last layer. Matches
    ``keras.optimizers.Muon``. Sources: Jordan et al., 2024; Liu et al., 2025, for the length of the step.

    Raises:
        ValueError: if a beta or ``momentum`` lies outside [0, 1), or another argument is out of range.
    """

    state_names = ("velocity", "variance")
    _work = 2

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        *,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **shared: Unpack[SharedButDecay],
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, **shared)
        self.adam_beta_1 = within("adam_beta_1", adam_beta_1, 0.0, BELOW_ONE)
        self.adam_beta_2 = within("adam_beta_2", adam_beta_2, 0.0, BELOW_ONE)
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = within("epsilon", epsilon, 0.0)
        self.exclude_layers = list(exclude_layers or ())
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = within("momentum", momentum, 0.0, 1.0)
        self.ns_steps = int(within("ns_steps", ns_steps, 0))
        self.nesterov = nesterov
        self.rms_rate = rms_rate
        self._adam = Adam(beta_1=adam_beta_1, beta_2=adam_beta_2, epsilon=epsilon, name="adam")

    def _lay_out(self, parameters: FloatArray) -> None:
        super()._lay_out(parameters)
        self._parts = [
            part if self._is_adams(part.state[0], path) else Part(part.work, part.state[:1])
            for part, path in zip(self._parts, self._paths, strict=True)
        ]

    def _is_adams(self, variable: FloatArray, path: str) -> bool:
        """Return whether a variable is updated by Adam."""
        excluded = [*self.exclude_layers, *(["(?i)embedding"] if self.exclude_embeddings else [])]
        return variable.ndim != 2 or any(re.search(each, path) for each in excluded)

    def _decay_of(self, variable: FloatArray, path: str) -> float | None:
        return self.adam_weight_decay if self._is_adams(variable, path) else self.weight_decay

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a variable in place."""
        if len(state) == 2:
            self._adam.iterations = self._updates
            self._adam.rule(weights, gradient, rate * self.adam_lr_ratio, work, state)
            return
        (velocity,) = state
        np.multiply(velocity, self.momentum, velocity)
        np.add(velocity, gradient, velocity)
        step = self._orthogonal(gradient + self.momentum * velocity if self.nesterov else velocity)
        length = 1.0 if self.rms_rate is None else math.sqrt(max(step.shape)) * self.rms_rate
        np.subtract(weights, rate * length * step, weights)

    def _orthogonal(self, matrix: FloatArray) -> FloatArray:
        """Return a matrix with the singular vectors of ``matrix`` and singular values near 1."""
        tall = matrix.shape[0] > matrix.shape[1]
        x = matrix.T if tall else matrix
        x = x / (norm(x) + _EPSILON)
        for _ in range(self.ns_steps):
            square = x @ x.T
            x = self.muon_a * x + (self.muon_b * square + self.muon_c * square @ square) @ x
        return x.T if tall else x
