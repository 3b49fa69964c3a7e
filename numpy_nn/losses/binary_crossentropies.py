"""Binary cross-entropies: the surprise -y log p - (1 - y) log(1 - p), with p = sigmoid(z)."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np

from numpy_nn import activations
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.losses.crossentropy import Crossentropy, power_slope, unclipped
from numpy_nn.losses.loss import EPSILON, Form


class BinaryCrossentropy(Crossentropy):
    """-y log p - (1 - y) log(1 - p), with p = sigmoid(z): softplus(z) - y z, averaged over the outputs.

    Matches ``keras.losses.BinaryCrossentropy``.
    """

    name = "binary_crossentropy"
    activation = activations.sigmoid

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return max(z, 0) - y z + log(1 + exp(-|z|)), the mean over outputs; it never overflows."""
        mean: FloatArray = _surprise_at_logits(predictions, self._smoothed(targets, 2)).mean(axis=-1)
        return mean

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (p - y) / (divisor · outputs): dL/dz."""
        if self.label_smoothing:
            targets = self._smoothed(targets, 2)
        np.subtract(predictions, targets, out)
        np.multiply(out, 1.0 / (divisor * predictions.shape[0]), out)

    def per_row_of_predictions(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return -y log p - (1 - y) log(1 - p), the mean over outputs."""
        mean: FloatArray = _surprise(p, self._smoothed(y, 2)).mean(axis=-1)
        return mean

    def gradient_of_predictions(self, p: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write ((1 - y) / (1 - p) - y / p) / (divisor · outputs): dL/dp."""
        _surprise_slope(p, self._smoothed(y, 2), out)
        np.multiply(out, 1.0 / (divisor * p.shape[0]), out)


class BinaryFocalCrossentropy(Crossentropy):
    """(1 - q)^gamma times the binary cross-entropy, where q = y p + (1 - y) (1 - p) is the share of the truth in p.

    Rows that are already classified well count little (Lin et al., 2018). ``apply_class_balancing`` also multiplies by
    y alpha + (1 - y) (1 - alpha). Matches ``keras.losses.BinaryFocalCrossentropy``.
    """

    name = "binary_focal_crossentropy"
    activation = activations.sigmoid
    takes_any_logits = False

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)
        self.apply_class_balancing = apply_class_balancing
        self.alpha = alpha
        self.gamma = gamma

    def fuses(self, activation: Activation) -> bool:
        """Return whether the loss receives logits; behind a softmax it uses logits and probabilities."""
        return self._is_mixed(activation) or super().fuses(activation)

    def link(self, activation: Activation) -> Activation:
        """Return the activation that `write_gradient` expects; linear behind a softmax, where it needs the logits."""
        return activations.linear if self._is_mixed(activation) else super().link(activation)

    def behind(self, activation: Activation) -> Form:
        """Return the form for this activation."""
        form = super().behind(activation)
        if self._is_mixed(activation):
            return form._replace(per_row=self._per_row_mixed, gradient=self._gradient_mixed)
        return form

    def _is_mixed(self, activation: Activation) -> bool:
        return activation is activations.softmax and not self.from_logits

    def _per_row_mixed(self, z: FloatArray, y: FloatArray) -> FloatArray:
        """Return f · cross-entropy as Keras does behind a softmax: f from its output, cross-entropy from its logits."""
        y = self._smoothed(y, 2)
        mean: FloatArray = (self._focus(activations.softmax(z), y)[0] * _surprise_at_logits(z, y)).mean(axis=-1)
        return mean

    def _gradient_mixed(self, z: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write f (sigmoid(z) - y), and f' · cross-entropy taken back through the softmax: dL/dz."""
        y, p = self._smoothed(y, 2), z.copy()
        activations.softmax.forward(p)
        focus, slope = self._focus(p, y)
        np.multiply(slope, _surprise_at_logits(z, y), out)
        activations.softmax.backward(out, p, out)
        np.add(out, focus * (np.asarray(activations.sigmoid(z)) - y), out)
        np.multiply(out, 1.0 / (divisor * z.shape[0]), out)

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the focal loss from logits, the mean over outputs."""
        y = self._smoothed(targets, 2)
        focus, _ = self._focus(activations.sigmoid(predictions), y)
        mean: FloatArray = (focus * _surprise_at_logits(predictions, y)).mean(axis=-1)
        return mean

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (f (p - y) + f' p (1 - p) · cross-entropy) / (divisor · outputs): dL/dz, where f = (1 - q)^gamma."""
        y, tiny = self._smoothed(targets, 2), np.finfo(predictions.dtype).tiny
        focus, slope = self._focus(predictions, y)
        surprise = -y * np.log(np.maximum(predictions, tiny)) - (1 - y) * np.log(np.maximum(1 - predictions, tiny))
        np.add(focus * (predictions - y), slope * predictions * (1 - predictions) * surprise, out)
        np.multiply(out, 1.0 / (divisor * predictions.shape[0]), out)

    def per_row_of_predictions(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return the focal loss from probabilities, the mean over outputs."""
        y = self._smoothed(y, 2)
        mean: FloatArray = (self._focus(p, y)[0] * _surprise(p, y)).mean(axis=-1)
        return mean

    def gradient_of_predictions(self, p: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (f · the cross-entropy's slope + f' · cross-entropy) / (divisor · outputs): dL/dp."""
        y = self._smoothed(y, 2)
        focus, slope = self._focus(p, y)
        _surprise_slope(p, y, out)
        np.add(focus * out, slope * _surprise(p, y), out)
        np.multiply(out, 1.0 / (divisor * p.shape[0]), out)

    def _focus(self, p: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the factor of the cross-entropy and its derivative with respect to p."""
        missing = 1 - (y * p + (1 - y) * (1 - p))
        weight: Any = y * self.alpha + (1 - y) * (1 - self.alpha) if self.apply_class_balancing else 1
        slope = weight * power_slope(missing, self.gamma) * (1 - 2 * y)
        return weight * np.power(missing, self.gamma), slope


def _surprise_at_logits(z: FloatArray, y: FloatArray) -> FloatArray:
    """Return softplus(z) - y z, in a form that never overflows."""
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


def _surprise(p: FloatArray, y: FloatArray) -> FloatArray:
    """Return -y log p - (1 - y) log(1 - p)."""
    q = np.clip(p, EPSILON, 1 - EPSILON)
    return -(y * np.log(q) + (1 - y) * np.log(1 - q))


def _surprise_slope(p: FloatArray, y: FloatArray, out: FloatArray) -> None:
    """Write the derivative of `_surprise` with respect to p: (1 - y) / (1 - p) - y / p."""
    q = np.clip(p, EPSILON, 1 - EPSILON)
    np.subtract((1 - y) / (1 - q), y / q, out)
    np.multiply(out, unclipped(p), out)
