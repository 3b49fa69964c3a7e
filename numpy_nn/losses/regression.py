"""Losses for targets that are numbers. p are predictions, y targets, e = p - y."""

from __future__ import annotations  # evaluated, they would take a third of the import

import math

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.losses.loss import EPSILON, MeanOverOutputs, RowLoss


class MeanSquaredError(MeanOverOutputs):
    """e², averaged over the outputs. Matches ``keras.losses.MeanSquaredError``."""

    name = "mean_squared_error"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        return np.square(p - y)

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write 2 e / (divisor · outputs): dL/da."""
        np.subtract(predictions, targets, out)
        np.multiply(out, 2.0 / (divisor * predictions.shape[0]), out)


class MeanAbsoluteError(MeanOverOutputs):
    """|e|, averaged over the outputs. Matches ``keras.losses.MeanAbsoluteError``."""

    name = "mean_absolute_error"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        return np.abs(p - y)

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        np.subtract(p, y, out)
        np.sign(out, out)


class MeanAbsolutePercentageError(MeanOverOutputs):
    """100 |e| / max(|y|, 1e-7), averaged over the outputs.

    Matches ``keras.losses.MeanAbsolutePercentageError``.
    """

    name = "mean_absolute_percentage_error"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        return 100 * np.abs((y - p) / np.maximum(np.abs(y), EPSILON))

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        np.subtract(p, y, out)
        np.sign(out, out)
        np.multiply(out, 100 / np.maximum(np.abs(y), EPSILON), out)


class MeanSquaredLogarithmicError(MeanOverOutputs):
    """(log(1 + p) - log(1 + y))², averaged over the outputs; p and y below 1e-7 count as 1e-7.

    Matches ``keras.losses.MeanSquaredLogarithmicError``.
    """

    name = "mean_squared_logarithmic_error"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        squared: FloatArray = np.square(np.log(np.maximum(p, EPSILON) + 1) - np.log(np.maximum(y, EPSILON) + 1))
        return squared

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        above = np.maximum(p, EPSILON) + 1
        np.subtract(np.log(above), np.log(np.maximum(y, EPSILON) + 1), out)
        np.multiply(out, 2 * (p >= EPSILON) / above, out)


class Huber(MeanOverOutputs):
    """e² / 2 for |e| <= delta, else delta |e| - delta² / 2, averaged over outputs. Matches ``keras.losses.Huber``.

    As in Keras, ``get_config`` omits ``delta``.
    """

    omitted = (*RowLoss.omitted, "delta")
    name = "huber_loss"

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.delta = delta

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        e = np.abs(p - y)
        return np.where(e <= self.delta, 0.5 * np.square(e), self.delta * e - 0.5 * self.delta**2)

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        np.subtract(p, y, out)
        np.clip(out, -self.delta, self.delta, out=out)


class LogCosh(MeanOverOutputs):
    """log(cosh(e)), averaged over the outputs, computed without overflow. Matches ``keras.losses.LogCosh``."""

    name = "log_cosh"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        e = np.abs(p - y)
        value: FloatArray = e + np.log1p(np.exp(-2 * e)) - math.log(2)
        return value

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        np.subtract(p, y, out)
        np.tanh(out, out)


class CosineSimilarity(RowLoss):
    """-cos of the angle between predictions and targets of a row. Matches ``keras.losses.CosineSimilarity``.

    Both vectors are divided by their length, which is at least 1e-7. As in Keras, ``get_config`` omits ``axis``.
    """

    omitted = (*RowLoss.omitted, "axis")
    name = "cosine_similarity"

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return -sum(p y) / (|p| |y|)."""
        lengths = _inverse_length(predictions, -1) * _inverse_length(targets, -1)
        cosine: FloatArray = -(predictions * targets * lengths).sum(axis=-1)
        return cosine

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write -(y / |y| - cos · p / |p|) / |p| / divisor: dL/da; the second term is 0 where |p| is below 1e-7."""
        inverse = _inverse_length(predictions, 0)
        unit = predictions * inverse
        np.multiply(targets, _inverse_length(targets, 0), out)
        cosine = (unit * out).sum(axis=0) * (inverse < 1 / EPSILON)
        np.subtract(cosine * unit, out, out)
        np.multiply(out, inverse / divisor, out)


def _inverse_length(vectors: FloatArray, axis: int) -> FloatArray:
    """Return 1 / |vector|, at most 1e7, with the axis kept."""
    squares = np.square(vectors).sum(axis=axis, keepdims=True)
    with np.errstate(divide="ignore"):
        inverse: FloatArray = np.minimum(1 / np.sqrt(squares), 1 / EPSILON)
    return inverse
