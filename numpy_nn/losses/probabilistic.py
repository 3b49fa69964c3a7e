"""Losses that compare distributions without being a cross-entropy. p are predictions, y targets."""

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.losses.loss import EPSILON, Loss, MeanOverOutputs


class KLDivergence(Loss):
    """y log(y / p), summed over the outputs: what is lost by taking p for y. Matches ``keras.losses.KLDivergence``."""

    name = "kl_divergence"

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(name, reduction, dtype)

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return sum(y log(y / p)), both kept between 1e-7 and 1."""
        y = np.clip(targets, EPSILON, 1)
        divergence: FloatArray = (y * np.log(y / np.clip(predictions, EPSILON, 1))).sum(axis=-1)
        return divergence

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write -y / p / divisor: dL/da, and 0 where p does not lie between 1e-7 and 1."""
        within = (predictions >= EPSILON) & (predictions <= 1)
        np.divide(np.clip(targets, EPSILON, 1), np.clip(predictions, EPSILON, 1), out)
        np.multiply(out, within / -divisor, out)


class Poisson(MeanOverOutputs):
    """p - y log p, averaged over the outputs. Matches ``keras.losses.Poisson``."""

    name = "poisson"

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(name, reduction, dtype)

    def each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return p - y log(p + 1e-7)."""
        value: FloatArray = p - y * np.log(p + EPSILON)
        return value

    def slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        """Write 1 - y / (p + 1e-7)."""
        np.divide(y, p + EPSILON, out)
        np.subtract(1, out, out)
