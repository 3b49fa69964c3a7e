"""Margin losses. p are predictions, y targets: -1 or 1; 0 and 1 are converted to these."""

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.losses.loss import MeanOverOutputs, PlainLoss


class Hinge(MeanOverOutputs):
    """max(1 - y p, 0), averaged over the outputs. Matches ``keras.losses.Hinge``."""

    name = "hinge"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        return np.maximum(1 - _signed(y) * p, 0)

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        signed = _signed(y)
        np.multiply(-signed, signed * p <= 1, out)


class SquaredHinge(MeanOverOutputs):
    """max(1 - y p, 0)², averaged over the outputs. Matches ``keras.losses.SquaredHinge``."""

    name = "squared_hinge"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        return np.square(np.maximum(1 - _signed(y) * p, 0))

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        signed = _signed(y)
        np.multiply(-2 * signed, np.maximum(1 - signed * p, 0), out)


class CategoricalHinge(PlainLoss):
    """max(1 + the largest of (1 - y) p - sum(y p), 0), for one-hot y. Matches ``keras.losses.CategoricalHinge``."""

    name = "categorical_hinge"

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the missing margin, 0 if the margin is met."""
        right = (targets * predictions).sum(axis=-1)
        wrong = ((1 - targets) * predictions).max(axis=-1)
        value: FloatArray = np.maximum(wrong - right + 1, 0)
        return value

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (1 - y at the largest of (1 - y) p) - y, where margin is missing, / divisor: dL/da.

        Outputs that tie for the largest share its gradient equally.
        """
        others = (1 - targets) * predictions
        wrong = others.max(axis=0)
        missing = wrong - (targets * predictions).sum(axis=0) + 1 >= 0
        largest = others == wrong
        np.multiply(1 - targets, largest / largest.sum(axis=0), out)
        np.subtract(out, targets, out)
        np.multiply(out, missing / divisor, out)


def _signed(y: FloatArray) -> FloatArray:
    """Return targets as -1 and 1, if they are all 0 or 1."""
    return 2 * y - 1 if ((y == 0) | (y == 1)).all() else y
