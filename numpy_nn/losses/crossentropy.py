"""What the cross-entropies share: the choice between logits and probabilities, and label smoothing.

Behind its own activation, a sigmoid or a softmax, a cross-entropy is computed from the logits and not from rounded
probabilities, so neither the loss nor its gradient becomes NaN at a finite logit. For the plain cross-entropies the
gradient with respect to the logits is *prediction minus target*. Keras does the same behind such a layer. Behind any
other activation, and when called with arrays, a cross-entropy receives only probabilities and clips them to
[1e-7, 1 - 1e-7], as Keras does.

Each subclass has both forms: `per_row` and `write_gradient` from logits z, `per_row_of_predictions` and
`gradient_of_predictions` from probabilities p; y are the targets.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import warnings

import numpy as np
import numpy.typing as npt

from numpy_nn import activations
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.losses.loss import EPSILON, Form, RowLoss


class Crossentropy(RowLoss):
    """What the cross-entropies share.

    Args:
        from_logits: whether predictions are logits, which makes the last layer linear.
        label_smoothing: the share of each label, between 0 and 1, that is spread evenly over all classes.
        axis: the axis of the outputs when called with arrays; in a network it is the last.
        reduction, name, dtype: see `Loss`.
    """

    activation: Activation
    takes_any_logits: bool = True  # whether it accepts the logits of both sigmoid and softmax

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

    def fuses(self, activation: Activation) -> bool:
        """Return whether the loss receives logits: behind a sigmoid or a softmax, or with ``from_logits=True``.

        As in Keras, both activations pass their logits to any cross-entropy: binary cross-entropy behind a softmax
        takes the sigmoid of the softmax's logits.
        """
        if activation is self.activation:
            return True
        if self.takes_any_logits and activation in (activations.sigmoid, activations.softmax):
            return True
        return self.from_logits and activation is activations.linear

    def link(self, activation: Activation) -> Activation:
        """Return the loss's own activation if it fuses, otherwise that of the last layer."""
        if not self.fuses(activation):
            return activation
        if self.from_logits and activation is not activations.linear:
            warnings.warn(
                f"{self.name} has from_logits=True behind a last layer with activation {activation.name!r}, "
                "whose output is probabilities; as in Keras, the layer's logits are used",
                stacklevel=2,
            )
        return self.activation

    def behind(self, activation: Activation) -> Form:
        """Return the form from logits if the loss fuses; otherwise for logits or probabilities, as they are given."""
        form = super().behind(activation)
        if self.fuses(activation):
            return form
        if self.from_logits:
            return form._replace(gradient=self.gradient_of_logits)
        return form._replace(per_row=self.per_row_of_predictions, gradient=self.gradient_of_predictions)

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
        self.write_gradient(p, y, divisor, out)

    def _per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        per_row = self.per_row if self.from_logits else self.per_row_of_predictions
        return per_row(predictions, targets)

    def _smoothed(self, y: FloatArray, choices: int) -> FloatArray:
        """Return the targets with `label_smoothing` of each spread evenly over that many choices."""
        return y * (1 - self.label_smoothing) + self.label_smoothing / choices if self.label_smoothing else y


def unclipped(p: FloatArray) -> npt.NDArray[np.bool_]:
    """Return where clipping leaves p unchanged; only there does the gradient pass."""
    within: npt.NDArray[np.bool_] = (p >= EPSILON) & (p <= 1 - EPSILON)
    return within


def power_slope(base: FloatArray, exponent: float) -> FloatArray:
    """Return the derivative of base^exponent with respect to base."""
    return exponent * np.power(base, exponent - 1) if exponent else np.zeros_like(base)
