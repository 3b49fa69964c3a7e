"""Losses: how wrong the predictions are, and which way is down.

A cross-entropy is computed from the logits, never from rounded probabilities, so that neither it nor its gradient can
become NaN on a finite logit: behind a sigmoid or softmax the gradient with respect to the logits is simply
*prediction minus target*. Keras does the same behind such a layer.

Targets are (rows, outputs) inside a network; `prepare` makes them of what a user has. The mean runs over the rows, and
for the binary and the squared loss over the outputs as well, as in Keras.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import activations
from numpy_nn.activations import Activation
from numpy_nn.arrays import Float64Array, FloatArray
from numpy_nn.names import find

# What Keras keeps probabilities away from 0 and 1 by, where it is given no logits.
_EPSILON = 1e-7


class Loss:
    """What a network minimizes.

    Attributes:
        name: Keras's name.
        activation: the activation whose output this loss compares, if there is only one.
        from_logits: whether the last layer leaves that activation to the loss.
    """

    name: str
    activation: Activation | None = None
    from_logits: bool = False
    reduction: str | None = "sum_over_batch_size"

    def fuses(self, activation: Activation) -> bool:  # noqa: ARG002
        """Return whether `gradient` is with respect to the logits, behind that last layer."""
        return self.activation is not None

    def behind(self, activation: Activation) -> "Loss":  # noqa: ARG002
        """Return the form of this loss that goes behind a last layer's activation."""
        return self

    def __call__(self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
        """Return the mean loss of predictions, (rows, outputs), as ``keras.losses`` does for bare arrays."""
        predictions = np.asarray(y_pred, dtype=np.float64)
        if predictions.ndim != 2:
            raise ValueError(f"predictions must have the shape (rows, outputs), got {predictions.shape}")
        targets = self.prepare(y_true, predictions.shape[1], predictions.dtype)
        if targets.shape[0] != predictions.shape[0]:
            raise ValueError(f"there are {targets.shape[0]} rows of labels for {predictions.shape[0]} of predictions")
        logits = predictions if self.from_logits else self._logits(predictions)
        return float(self.per_row(logits, targets).mean())

    def link(self, activation: Activation) -> Activation:
        """Return the activation that turns the last layer's logits into what is compared with the targets.

        Raises:
            ValueError: if the last layer's ``activation`` is not one that this loss goes with.
        """
        if self.activation is None:
            return activation
        if self.from_logits and activation is activations.linear:
            return self.activation
        if not self.from_logits and activation is self.activation:
            return self.activation
        wanted = "a linear last layer" if self.from_logits else f"a last layer with activation {self.activation.name!r}"
        raise ValueError(
            f"{self.name} with from_logits={self.from_logits} needs {wanted}, got activation {activation.name!r}"
        )

    def prepare(self, y: npt.ArrayLike, outputs: int, dtype: np.dtype[Any]) -> FloatArray:
        """Return labels as targets, (rows, outputs). Labels of shape (rows,) and (rows, 1) mean the same.

        Raises:
            ValueError: if the labels are no finite numbers, or their shape does not fit ``outputs``.
        """
        labels = np.asarray(y)
        if labels.dtype.kind not in "biuf":
            raise ValueError(f"labels must be numbers, got an array of type {labels.dtype}")
        targets = labels.astype(dtype)
        if targets.ndim == 1:
            targets = targets[:, np.newaxis]
        if targets.ndim != 2 or targets.shape[1] != outputs:
            raise ValueError(f"labels must have the shape (rows, {outputs}), got {labels.shape}")
        if not np.isfinite(targets).all():
            raise ValueError("labels must be finite, got NaN or infinity")
        return targets

    def per_row(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,), from logits and targets, (rows, outputs)."""
        raise NotImplementedError

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write the gradient of the mean loss into ``out``; all feature-major, (outputs, rows).

        For a loss with an `activation` of its own the gradient is with respect to the logits, otherwise with respect
        to the predictions.
        """
        raise NotImplementedError

    def _logits(self, predictions: Float64Array) -> Float64Array:
        """Return what `per_row` takes, given the last layer's output."""
        return predictions


class BinaryCrossentropy(Loss):
    """-y log p - (1 - y) log(1 - p), with p = sigmoid(z): softplus(z) - y z, averaged over outputs and rows.

    Matches ``keras.losses.BinaryCrossentropy``.
    """

    name = "binary_crossentropy"
    activation = activations.sigmoid

    def __init__(self, from_logits: bool = False) -> None:
        self.from_logits = from_logits

    def per_row(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return max(z, 0) - y z + log(1 + exp(-|z|)), the mean over outputs; it overflows nowhere."""
        losses = np.maximum(logits, 0) - targets * logits + np.log1p(np.exp(-np.abs(logits)))
        mean: FloatArray = losses.mean(axis=1)
        return mean

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (p - y) / (rows · outputs): dL/dz."""
        np.subtract(predictions, targets, out)
        np.multiply(out, 1.0 / (divisor * predictions.shape[0]), out)

    def _logits(self, predictions: Float64Array) -> Float64Array:
        p = np.clip(predictions, _EPSILON, 1.0 - _EPSILON)
        logits: Float64Array = np.log(p) - np.log1p(-p)
        return logits


class CategoricalCrossentropy(Loss):
    """-sum(y log p), with p = softmax(z), for targets that sum to one: averaged over rows.

    Matches ``keras.losses.CategoricalCrossentropy``.
    """

    name = "categorical_crossentropy"
    activation = activations.softmax

    def __init__(self, from_logits: bool = False) -> None:
        self.from_logits = from_logits

    def per_row(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return -sum(y log softmax(z)), the largest logit taken off first."""
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        losses: FloatArray = -(targets * log_softmax).sum(axis=1)
        return losses

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (p - y) / rows: dL/dz."""
        np.subtract(predictions, targets, out)
        np.multiply(out, 1.0 / divisor, out)

    def _logits(self, predictions: Float64Array) -> Float64Array:
        p = predictions / predictions.sum(axis=1, keepdims=True)
        logits: Float64Array = np.log(np.clip(p, _EPSILON, 1.0 - _EPSILON))
        return logits


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """Categorical cross-entropy from integer labels, (rows,) or (rows, 1). Matches Keras's class of this name."""

    name = "sparse_categorical_crossentropy"

    def prepare(self, y: npt.ArrayLike, outputs: int, dtype: np.dtype[Any]) -> FloatArray:
        """Return the labels one-hot, (rows, outputs).

        Raises:
            ValueError: if a label is no integer in [0, outputs).
        """
        labels = super().prepare(y, 1, np.dtype(np.float64))[:, 0]
        classes = labels.astype(np.intp)
        if (classes != labels).any():
            raise ValueError(f"{self.name} needs integer labels, got {labels[classes != labels][0]!r}")
        if classes.size and not 0 <= classes.min() <= classes.max() < outputs:
            raise ValueError(
                f"labels must lie between 0 and {outputs - 1} for {outputs} outputs, "
                f"got {classes.min()} to {classes.max()}"
            )
        targets = np.zeros((classes.size, outputs), dtype)
        targets[np.arange(classes.size), classes] = 1
        return targets


class MeanSquaredError(Loss):
    """(a - y)², averaged over outputs and rows. Matches ``keras.losses.MeanSquaredError``."""

    name = "mean_squared_error"

    def per_row(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the mean over outputs of (a - y)²; what the other losses call logits are predictions here."""
        mean: FloatArray = np.square(logits - targets).mean(axis=1)
        return mean

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write 2 (a - y) / (rows · outputs): dL/da."""
        np.subtract(predictions, targets, out)
        np.multiply(out, 2.0 / (divisor * predictions.shape[0]), out)


LOSSES: dict[str, Callable[[], Loss]] = {
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
}


def get(identifier: str | Loss, outputs: int | None = None) -> Loss:  # noqa: ARG001
    """Return the loss named ``identifier``.

    Raises:
        ValueError: if there is no such loss; the nearest name is given.
    """
    return identifier if isinstance(identifier, Loss) else find("loss", identifier, LOSSES)()
