"""Cross-entropies: the surprise at the label, -log p of what came true.

Behind the activation it belongs to, a sigmoid or a softmax, a cross-entropy is computed from the logits, never from
rounded probabilities, so that neither it nor its gradient can become NaN on a finite logit: for the plain ones the
gradient with respect to the logits is simply *prediction minus target*. Keras does the same behind such a layer. Behind
any other activation, and called with arrays, a cross-entropy sees probabilities alone, and keeps them 1e-7 away from 0
and 1, as Keras's do.

Each class here has both forms: `per_row` and `gradient` from logits z, `per_row_of_predictions` and
`gradient_of_predictions` from probabilities p; y are the targets.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import activations
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.losses.loss import EPSILON, CategoricalLabels, Loss


class Crossentropy(Loss):
    """What the cross-entropies share.

    Args:
        from_logits: whether predictions are logits, and the last layer therefore linear.
        label_smoothing: how much of each label, between 0 and 1, is spread over all that could have come true.
        axis: where the outputs lie when it is called with arrays; in a network they come last.
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.
    """

    activation: Activation

    takes_any_logits: bool = True  # whether a sigmoid's and a softmax's logits are alike to it

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this loss again."""
        own = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing, "axis": self.axis}
        return super().get_config() | own

    def fuses(self, activation: Activation) -> bool:
        """Return whether the loss has the logits: behind a sigmoid or a softmax, or where it is given them.

        As in Keras, where both activations hand their logits to any cross-entropy, whichever its own is: binary
        cross-entropy behind a softmax takes the sigmoid of the softmax's logits.
        """
        if activation is self.activation:
            return True
        if self.takes_any_logits and activation in (activations.sigmoid, activations.softmax):
            return True
        return self.from_logits and activation is activations.linear

    def link(self, activation: Activation) -> Activation:
        """Return the loss's own activation where it fuses, otherwise the last layer's."""
        if not self.fuses(activation):
            return activation
        if self.from_logits and activation is not activations.linear:
            warnings.warn(
                f"{self.name} has from_logits=True behind a last layer with activation {activation.name!r}, "
                "whose output is no logits; as in Keras, its logits are used",
                stacklevel=2,
            )
        return self.activation

    def behind(self, activation: Activation) -> Loss:
        """Return itself where it fuses; otherwise the form for logits, or for probabilities, that came another way."""
        super().behind(activation)
        if self.fuses(activation):
            return self
        if self.from_logits:
            return _Form(self, self.per_row, self.gradient_of_logits)
        return _Form(self, self.per_row_of_predictions, self.gradient_of_predictions)

    def per_row_of_predictions(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,), from probabilities, (rows, outputs)."""
        raise NotImplementedError

    def gradient_of_predictions(self, p: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write the gradient with respect to the probabilities, (outputs, rows)."""
        raise NotImplementedError

    def gradient_of_logits(self, z: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write the gradient with respect to logits that are an activation's output, (outputs, rows)."""
        p = z.copy()
        self.activation.forward(p)
        self.gradient(p, y, divisor, out)

    def _per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        per_row = self.per_row if self.from_logits else self.per_row_of_predictions
        return per_row(predictions, targets)

    def _smoothed(self, y: FloatArray, choices: int) -> FloatArray:
        """Return the targets with `label_smoothing` of each spread evenly over that many choices."""
        return y * (1 - self.label_smoothing) + self.label_smoothing / choices if self.label_smoothing else y


class _Form(Loss):
    """A cross-entropy as it goes behind an activation that is not its own."""

    def __init__(
        self,
        loss: Crossentropy,
        per_row: Callable[[FloatArray, FloatArray], FloatArray],
        gradient: Callable[[FloatArray, FloatArray, float, FloatArray], None],
    ) -> None:
        super().__init__(loss.name, loss.reduction, loss.dtype)
        self._loss = loss
        self._of_rows = per_row
        self._gradient = gradient

    def prepare(self, y: npt.ArrayLike, outputs: int, dtype: np.dtype[Any]) -> FloatArray:
        """Return the labels as the loss itself does."""
        return self._loss.prepare(y, outputs, dtype)

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,)."""
        return self._of_rows(predictions, targets)

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write the gradient with respect to the predictions, (outputs, rows)."""
        self._gradient(predictions, targets, divisor, out)


class BinaryCrossentropy(Crossentropy):
    """-y log p - (1 - y) log(1 - p), with p = sigmoid(z): softplus(z) - y z, averaged over the outputs.

    Matches ``keras.losses.BinaryCrossentropy``.
    """

    name = "binary_crossentropy"
    activation = activations.sigmoid

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return max(z, 0) - y z + log(1 + exp(-|z|)), the mean over outputs; it overflows nowhere."""
        mean: FloatArray = _surprise_at_logits(predictions, self._smoothed(targets, 2)).mean(axis=-1)
        return mean

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
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

    So rows that are right already count little (Lin et al., 2018). With ``apply_class_balancing`` it is weighed by
    y alpha + (1 - y) (1 - alpha) as well. Matches ``keras.losses.BinaryFocalCrossentropy``.
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

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this loss again."""
        own = {"apply_class_balancing": self.apply_class_balancing, "alpha": self.alpha, "gamma": self.gamma}
        return super().get_config() | own

    def fuses(self, activation: Activation) -> bool:
        """Return whether the loss has the logits: behind a softmax it has both, and uses both."""
        return self._is_mixed(activation) or super().fuses(activation)

    def link(self, activation: Activation) -> Activation:
        """Return what `gradient` takes of the logits: behind a softmax themselves."""
        return activations.linear if self._is_mixed(activation) else super().link(activation)

    def behind(self, activation: Activation) -> Loss:
        """Return the form that goes there."""
        form = super().behind(activation)
        return _Form(self, self._per_row_mixed, self._gradient_mixed) if self._is_mixed(activation) else form

    def _is_mixed(self, activation: Activation) -> bool:
        return activation is activations.softmax and not self.from_logits

    def _per_row_mixed(self, z: FloatArray, y: FloatArray) -> FloatArray:
        """Return f · cross-entropy as Keras has it behind a softmax: f of its output, the other of its logits."""
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
        np.add(out, focus * (activations.sigmoid(z) - y), out)
        np.multiply(out, 1.0 / (divisor * z.shape[0]), out)

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the focal loss from logits, the mean over outputs."""
        y = self._smoothed(targets, 2)
        focus, _ = self._focus(activations.sigmoid(predictions), y)
        mean: FloatArray = (focus * _surprise_at_logits(predictions, y)).mean(axis=-1)
        return mean

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
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
        """Return what the cross-entropy is multiplied by, and the derivative of that with respect to p."""
        missing = 1 - (y * p + (1 - y) * (1 - p))
        weight: Any = y * self.alpha + (1 - y) * (1 - self.alpha) if self.apply_class_balancing else 1
        slope = weight * _power_slope(missing, self.gamma) * (1 - 2 * y)
        return weight * np.power(missing, self.gamma), slope


class CategoricalCrossentropy(Crossentropy):
    """-sum(y log p), with p = softmax(z), for targets that sum to one.

    Matches ``keras.losses.CategoricalCrossentropy``.
    """

    name = "categorical_crossentropy"
    activation = activations.softmax

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return -sum(y log softmax(z)), the largest logit taken off first."""
        shifted = predictions - predictions.max(axis=-1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        losses: FloatArray = -(self._smoothed(targets, targets.shape[-1]) * log_softmax).sum(axis=-1)
        return losses

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
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
        np.multiply(out, -1.0 * _within(share), out)
        _through_shares(out, share, total * divisor)


class CategoricalFocalCrossentropy(Crossentropy):
    """-alpha sum((1 - p)^gamma y log p), with p = softmax(z): rows that are right already count little.

    ``alpha`` may be a number for each output. Matches ``keras.losses.CategoricalFocalCrossentropy``.
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

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this loss again."""
        return super().get_config() | {"alpha": self.alpha, "gamma": self.gamma}

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the focal loss from logits."""
        return self.per_row_of_predictions(activations.softmax(predictions), targets)

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write dL/dp, and take it back through the softmax: dL/dz."""
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
        np.subtract(_power_slope(1 - q, self.gamma) * np.log(q), np.power(1 - q, self.gamma) / q, out)
        np.multiply(out, alpha * self._smoothed(y, len(y)) * _within(share), out)
        _through_shares(out, share, total * divisor)


class SparseCategoricalCrossentropy(CategoricalLabels, CategoricalCrossentropy):
    """Categorical cross-entropy from integer labels, (rows,) or (rows, 1). Matches Keras's class of this name.

    Rows whose label is ``ignore_class`` count for nothing, and a mean is one over the other rows.
    """

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

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this loss again."""
        return Loss.get_config(self) | {"from_logits": self.from_logits, "ignore_class": self.ignore_class}

    def counted(self, targets: FloatArray) -> npt.NDArray[np.bool_]:
        """Return which rows have a label that is not ``ignore_class``, (rows,)."""
        return np.asarray(targets.any(axis=-1))

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (p - y) / divisor: dL/dz, 0 for rows that do not count."""
        super().gradient(predictions, targets, divisor, out)
        if self.leaves_rows_out:
            np.multiply(out, self.counted(targets.T), out)

    def per_row_of_predictions(self, p: FloatArray, y: FloatArray) -> FloatArray:
        """Return -log(p / sum(p)) at the label, 0 without one: unlike the class above, Keras clips, then divides."""
        q = np.clip(p, EPSILON, 1 - EPSILON)
        losses: FloatArray = self.counted(y) * np.log(q.sum(axis=-1)) - (y * np.log(q)).sum(axis=-1)
        return losses

    def gradient_of_predictions(self, p: FloatArray, y: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write (1 / sum(p) - y / p) / divisor: dL/dp."""
        q = np.clip(p, EPSILON, 1 - EPSILON)
        np.subtract(1 / q.sum(axis=0), y / q, out)
        np.multiply(out, _within(p) / divisor, out)
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
    """What ``loss="crossentropy"`` is for several outputs: sparse for a whole number a row, else categorical."""

    name = "crossentropy"

    def prepare(self, y: npt.ArrayLike, outputs: int, dtype: np.dtype[Any]) -> FloatArray:
        """Return the labels one-hot, (rows, outputs), whichever they are."""
        labels = np.asarray(y)
        if labels.ndim == 1 or labels.shape[-1] == 1:
            return SparseCategoricalCrossentropy(name=self.name).prepare(labels, outputs, dtype)
        return super().prepare(labels, outputs, dtype)


class CategoricalGeneralizedCrossEntropy(CategoricalLabels):
    """(1 - p^q) / q at the label, between the cross-entropy (q near 0) and the absolute error (q near 1).

    It bears wrong labels better than a cross-entropy (Zhang and Sabuncu, 2018). Takes integer labels. Matches
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

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this loss again."""
        return super().get_config() | {"q": self.q}

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return (1 - p^q) / q at the label."""
        losses: FloatArray = (1 - np.power((predictions * targets).sum(axis=-1), self.q)) / self.q
        return losses

    def gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write -p^(q - 1) / divisor at the label, 0 elsewhere: dL/da."""
        p = (predictions * targets).sum(axis=0)
        np.multiply(targets, np.power(p, self.q - 1) / -divisor, out)


def _within(p: FloatArray) -> npt.NDArray[np.bool_]:
    """Return where clipping leaves p as it is, so that it passes gradients on."""
    within: npt.NDArray[np.bool_] = (p >= EPSILON) & (p <= 1 - EPSILON)
    return within


def _surprise_at_logits(z: FloatArray, y: FloatArray) -> FloatArray:
    """Return softplus(z) - y z, written so that it overflows nowhere."""
    losses: FloatArray = np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))
    return losses


def _surprise(p: FloatArray, y: FloatArray) -> FloatArray:
    """Return -y log p - (1 - y) log(1 - p)."""
    q = np.clip(p, EPSILON, 1 - EPSILON)
    losses: FloatArray = -(y * np.log(q) + (1 - y) * np.log(1 - q))
    return losses


def _surprise_slope(p: FloatArray, y: FloatArray, out: FloatArray) -> None:
    """Write the derivative of that with respect to p: (1 - y) / (1 - p) - y / p."""
    q = np.clip(p, EPSILON, 1 - EPSILON)
    np.subtract((1 - y) / (1 - q), y / q, out)
    np.multiply(out, _within(p), out)


def _power_slope(base: FloatArray, exponent: float) -> FloatArray:
    """Return the derivative of base^exponent with respect to base."""
    slope: FloatArray = exponent * np.power(base, exponent - 1) if exponent else np.zeros_like(base)
    return slope


def _through_shares(out: FloatArray, share: FloatArray, total: FloatArray) -> None:
    """Turn the gradient with respect to share = p / sum(p), (outputs, rows), into that with respect to p."""
    np.subtract(out, (out * share).sum(axis=0), out)
    np.divide(out, total, out)
