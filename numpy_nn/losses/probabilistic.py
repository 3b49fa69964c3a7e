"""Losses that compare distributions, except the cross-entropies. p are predictions, y targets."""

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.losses.loss import EPSILON, MeanOverOutputs, PlainLoss


class KLDivergence(PlainLoss):
    """y log(y / p), summed over the outputs. Matches ``keras.losses.KLDivergence``."""

    name = "kl_divergence"

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return sum(y log(y / p)), both clipped to [1e-7, 1]."""
        y = np.clip(targets, EPSILON, 1)
        divergence: FloatArray = (y * np.log(y / np.clip(predictions, EPSILON, 1))).sum(axis=-1)
        return divergence

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write -y / p / divisor: dL/da, and 0 where p lies outside [1e-7, 1]."""
        within = (predictions >= EPSILON) & (predictions <= 1)
        np.divide(np.clip(targets, EPSILON, 1), np.clip(predictions, EPSILON, 1), out)
        np.multiply(out, within / -divisor, out)


class Poisson(MeanOverOutputs):
    """p - y log(p + 1e-7), averaged over the outputs. Matches ``keras.losses.Poisson``."""

    name = "poisson"

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        value: FloatArray = p - y * np.log(p + EPSILON)
        return value

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        np.divide(y, p + EPSILON, out)
        np.subtract(1, out, out)
