"""The base class of optimizers whose rule takes whole variables: their norms, rows or columns."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Iterator

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers.optimizer import Optimizer, Part


class OptimizerByVariable(Optimizer):
    """An optimizer whose rule takes whole variables in their own shape, for their norms, rows or columns."""

    def _lay_out(self, parameters: FloatArray) -> None:
        """Create the scratch arrays and the state of each variable."""
        work = [self._split(np.empty_like(parameters)) for _ in range(self._work)]
        state = [self._split(getattr(self, name)) for name in self.state_names]
        self._parts = [
            Part([each[index] for each in work], [each[index] for each in state])
            for index in range(len(self._split(parameters)))
        ]

    def _slots_of_rule(self) -> Iterator[FloatArray]:
        for part in self._parts:
            yield from part.state

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        rate = self._next_rate()
        for weights, slope, part in zip(self._split(parameters), self._split(gradient), self._parts, strict=True):
            self.rule(weights, slope, rate, *part)
