"""A penalty on a layer's output, added to the loss: ``activity_regularizer``, or a layer."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np

from numpy_nn import regularizers
from numpy_nn.arrays import FloatArray
from numpy_nn.layers.shapes import Identity
from numpy_nn.layers.stage import Stage
from numpy_nn.regularizers import Regularizer


class ActivityRegularization(Identity):
    """Adds l1 · sum|x| + l2 · sum(x²), divided by the number of rows in the batch, to the loss; returns x.

    Matches ``keras.layers.ActivityRegularization``.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        kwargs.pop("activity_regularizer", None)
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)
        self.l1 = l1
        self.l2 = l2


class Penalized(Stage):
    """The stage of an ``activity_regularizer``, after its layer: out = x, with a penalty."""

    def __init__(self, regularizer: Regularizer, features: int, rows: int, dtype: np.dtype[Any]) -> None:
        self._regularizer = regularizer
        self._x = np.empty((features, rows), dtype)
        self._gradient = np.empty_like(self._x)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write x, and store it."""
        np.copyto(self._x, x)
        np.copyto(out, x)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dx = dL/dout + dR(x)/dx / rows."""
        self._gradient.fill(0)
        self._regularizer.add_gradient(self._x.T, self._gradient.T)  #                    (rows, features)
        np.multiply(self._gradient, 1 / self._x.shape[1], self._gradient)
        np.add(delta, self._gradient, out)

    def penalty(self) -> float:
        """Return R(x) / rows."""
        return float(self._regularizer(self._x.T)) / int(self._x.shape[1])
