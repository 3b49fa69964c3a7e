"""Categorical cross-entropies: the surprise -log p at the label, with p = softmax(z)."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import activations
from numpy_nn.arrays import FloatArray
from numpy_nn.losses.crossentropy import Crossentropy, power_slope, unclipped
from numpy_nn.losses.loss import EPSILON, CategoricalLabels


class CategoricalCrossentropy(Crossentropy):
    """-sum(y log p), with p = softmax(z), for targets that sum to one.

    Matches ``keras.losses.CategoricalCrossentropy``.
    """

    name = "categorical_crossentropy"
    activation = activations.softmax

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return -sum(y log softmax(z)), with the largest logit subtracted first."""
        shifted = predictions - predictions.max(axis=-1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        losses: FloatArray = -(self._smoothed(targets, targets.shape[-1]) * log_softmax).sum(axis=-1)
        return losses

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (p - y) / divisor: dL/dz."""
        if self.label_smoothing:
            targets = self._smoothed(targets, len(targets))
        np.subtract(predictions, targets, out)
        np.multiply(out, 1.0 / divisor, out)

    def per_row_of_predictions(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return -sum(y log(p / sum(p)))."""
        share = np.clip(p / p.sum(axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
        losses: FloatArray = -(self._smoothed(y, y.shape[-1]) * np.log(share)).sum(axis=-1)
        return losses

    def gradient_of_predictions(self, p: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (g - sum(g p / sum(p))) / sum(p) / divisor, where g = -y sum(p) / p: dL/dp."""
        total = p.sum(axis=0)
        share = p / total
        np.divide(self._smoothed(y, len(y)), np.clip(share, EPSILON, 1 - EPSILON), out)
        np.multiply(out, -1.0 * unclipped(share), out)
        _through_shares(out, share, total * divisor)


class CategoricalFocalCrossentropy(Crossentropy):
    """-alpha sum((1 - p)^gamma y log p), with p = softmax(z): well-classified rows count little.

    ``alpha`` may hold one number for each output. Matches ``keras.losses.CategoricalFocalCrossentropy``.
    """

    name = "categorical_focal_crossentropy"
    activation = activations.softmax
    takes_any_logits = False

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)
        self.alpha = alpha
        self.gamma = gamma

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the focal loss from logits."""
        return self.per_row_of_predictions(activations.softmax(predictions), targets)

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Compute dL/dp, then backpropagate it through the softmax: dL/dz."""
        self.gradient_of_predictions(predictions, targets, divisor, out)
        self.activation.backward(out, predictions, out)

    def per_row_of_predictions(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return -alpha sum((1 - p)^gamma y log p), with p divided by its sum."""
        share = np.clip(p / p.sum(axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
        focus = np.asarray(self.alpha, p.dtype) * np.power(1 - share, self.gamma)
        losses: FloatArray = -(focus * self._smoothed(y, y.shape[-1]) * np.log(share)).sum(axis=-1)
        return losses

    def gradient_of_predictions(self, p: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (g - sum(g p)) / divisor: dL/dp for p that sum to one.

        Here g = -alpha y ((1 - p)^gamma / p - gamma (1 - p)^(gamma - 1) log p).
        """
        total = p.sum(axis=0)
        share = p / total
        q = np.clip(share, EPSILON, 1 - EPSILON)
        alpha = np.asarray(self.alpha, p.dtype).reshape(-1, 1)  # (outputs, 1) or (1, 1)
        np.subtract(power_slope(1 - q, self.gamma) * np.log(q), np.power(1 - q, self.gamma) / q, out)
        np.multiply(out, alpha * self._smoothed(y, len(y)) * unclipped(share), out)
        _through_shares(out, share, total * divisor)


class SparseCategoricalCrossentropy(CategoricalLabels, CategoricalCrossentropy):
    """Categorical cross-entropy from integer labels, (rows,) or (rows, 1). Matches Keras's class of this name.

    Rows whose label is ``ignore_class`` are left out; a mean is taken over the other rows.
    """

    omitted = (*CategoricalLabels.omitted, "axis", "label_smoothing")
    name = "sparse_categorical_crossentropy"

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(from_logits, axis=axis, reduction=reduction, name=name, dtype=dtype)
        self.ignore_class = ignore_class
        self.leaves_rows_out = ignore_class is not None

    def counted(self, targets: FloatArray) -> npt.NDArray[np.bool_]:
        """Return which rows have a label that is not ``ignore_class``, (rows,)."""
        return np.asarray(targets.any(axis=-1))

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (p - y) / divisor: dL/dz, 0 for rows that do not count."""
        super().write_gradient(predictions, targets, divisor, out)
        if self.leaves_rows_out:
            np.multiply(out, self.counted(targets.T), out)

    def per_row_of_predictions(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return -log(p / sum(p)) at the label, 0 for ignored rows; here Keras clips before it divides."""
        q = np.clip(p, EPSILON, 1 - EPSILON)
        losses: FloatArray = self.counted(y) * np.log(q.sum(axis=-1)) - (y * np.log(q)).sum(axis=-1)
        return losses

    def gradient_of_predictions(self, p: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (1 / sum(p) - y / p) / divisor: dL/dp."""
        q = np.clip(p, EPSILON, 1 - EPSILON)
        np.subtract(1 / q.sum(axis=0), y / q, out)
        np.multiply(out, unclipped(p) / divisor, out)
        if self.leaves_rows_out:
            np.multiply(out, self.counted(y.T), out)

    def _counts(self, classes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        return np.ones(classes.shape, np.bool_) if self.ignore_class is None else classes != self.ignore_class

    def _masked(self, weights: FloatArray | None, y_true: npt.ArrayLike, losses: FloatArray) -> FloatArray | None:
        if self.ignore_class is None:
            return weights
        counts = self._counts(np.asarray(y_true).reshape(losses.shape)).astype(losses.dtype)
        if self.reduction in ("sum_over_batch_size", "mean") and counts.any():
            counts *= counts.size / counts.sum()
        return counts if weights is None else counts * weights


class CategoricalOrSparse(CategoricalCrossentropy):
    """``loss="crossentropy"`` for several outputs: sparse for one integer label a row, otherwise categorical."""

    name = "crossentropy"

    def prepare(self, y: npt.ArrayLike, outputs: int, dtype: np.dtype[Any]) -> FloatArray:
        """Return integer or one-hot labels as one-hot, (rows, outputs)."""
        labels = np.asarray(y)
        if labels.ndim == 1 or labels.shape[-1] == 1:
            return SparseCategoricalCrossentropy(name=self.name).prepare(labels, outputs, dtype)
        return super().prepare(labels, outputs, dtype)


class CategoricalGeneralizedCrossEntropy(CategoricalLabels):
    """(1 - p^q) / q at the label, between the cross-entropy (q near 0) and the absolute error (q near 1).

    It tolerates wrong labels better than a cross-entropy (Zhang and Sabuncu, 2018). Takes integer labels. Matches
    ``keras.losses.CategoricalGeneralizedCrossEntropy``.

    Raises:
        ValueError: if ``q`` does not lie between 0 and 1.
    """

    name = "categorical_generalized_cross_entropy"

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        if not 0 < q < 1:
            raise ValueError(f"q must lie between 0 and 1, got {q!r}")
        super().__init__(name, reduction, dtype)
        self.q = q

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return (1 - p^q) / q at the label."""
        losses: FloatArray = (1 - np.power((predictions * targets).sum(axis=-1), self.q)) / self.q
        return losses

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write -p^(q - 1) / divisor at the label, 0 elsewhere: dL/da."""
        p = (predictions * targets).sum(axis=0)
        np.multiply(targets, np.power(p, self.q - 1) / -divisor, out)


def _through_shares(out: FloatArray, share: FloatArray, total: FloatArray) -> None:
    """Convert the gradient with respect to share = p / sum(p), (outputs, rows), to one with respect to p, in place."""
    np.subtract(out, (out * share).sum(axis=0), out)
    np.divide(out, total, out)
