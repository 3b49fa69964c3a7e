"""What training minimizes: a loss behind the network's last activation, and how the rows' losses become one number."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np

from numpy_nn import losses
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.losses import Loss
from numpy_nn.models.layout import Layout


def loss_to_train_with(given: Any, layout: Layout | None, output: str) -> Loss | None:
    """Return the loss that a user gave, alone, in a list of one, or by the name of the ``output``; None for none.

    Raises:
        ValueError: if the name is unknown, the loss has no gradient, it gives no single number, or it does not fit the
            network's layout.
    """
    if isinstance(given, dict) and "class_name" not in given:
        if list(given) != [output]:
            raise ValueError(f"loss must have one entry, for the output {output!r}, got {list(given)}")
        given = given[output]
    given = given[0] if isinstance(given, list | tuple) and len(given) == 1 else given
    if given is None:
        return None
    loss = losses.object_of(given, None if layout is None else layout.outputs)
    if type(loss).gradient is Loss.gradient:
        raise ValueError(losses.lacks_gradient(type(loss).__name__))
    if loss.reduction in (None, "none"):
        raise ValueError("the reduction of a training loss must not be 'none': training minimizes one number")
    if layout is not None:
        Objective(loss, layout.last)  # raises where they do not fit
    return loss


class Objective:
    """A loss in the form that it takes behind an activation.

    Attributes:
        loss: the loss.
        last: the network's last activation.
        form: computes the loss and its gradient, from logits if they are fused.
        link: the activation between the logits and what ``form`` takes.
        fused: whether ``form`` takes logits and gives dL/dz, as a cross-entropy behind its sigmoid or softmax does.
        counts_rows: whether the sum of the losses is divided by the number of rows and by nothing else.
    """

    def __init__(self, loss: Loss, last: Activation) -> None:
        self.loss = loss
        self.last = last
        self.link = loss.link(last)
        self.fused = loss.fuses(last)
        self.form = loss.behind(last)
        self.counts_rows = loss.reduction in ("sum_over_batch_size", "mean") and not loss.leaves_rows_out

    def per_row(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,), from logits and targets of shape (rows, outputs)."""
        return self.form.per_row(logits if self.fused else np.asarray(self.last(logits)), targets)

    def reduced(self, losses: FloatArray, targets: FloatArray, weights: FloatArray | None, batch_size: int) -> float:
        """Return the mean over batches of each batch's reduced loss, batches weighted by their number of rows."""
        weighted = losses if weights is None else losses * weights
        if self.counts_rows:
            return float(weighted.mean())
        starts = np.arange(0, len(losses), batch_size)
        rows = np.diff(starts, append=len(losses))
        sums = np.add.reduceat(weighted, starts)
        if self.loss.reduction != "sum":
            divisors = np.add.reduceat(self._shares(targets, weights), starts)
            sums = np.divide(sums, divisors, out=np.zeros_like(sums), where=divisors != 0)
        return float((sums * rows).sum() / len(losses))

    def divisor(self, targets: FloatArray, weights: FloatArray | None) -> float:
        """Return what the sum of the rows' losses is divided by."""
        if self.loss.reduction == "sum":
            return 1.0
        # Where no row counts there is no gradient, whatever it is divided by.
        return float(self._shares(targets, weights).sum()) or 1.0

    def _shares(self, targets: FloatArray, weights: FloatArray | None) -> FloatArray:
        """Return what each row, (rows,), contributes to the divisor of the sum of their losses."""
        shares = np.ones(len(targets), targets.dtype)
        if weights is not None and self.loss.reduction == "mean_with_sample_weight":
            shares = weights
        return shares * self.loss.counted(targets) if self.loss.leaves_rows_out else shares
