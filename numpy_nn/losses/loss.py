"""The base class of losses: a value for each row, its gradient, and the reduction of rows to one number."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from numpy_nn.activations import Activation, linear
from numpy_nn.arrays import Array, FloatArray, scalar
from numpy_nn.config import EPSILON as EPSILON  # exported
from numpy_nn.config import float_type
from numpy_nn.names import Configured, arguments_of, snake_case

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Form(NamedTuple):
    """What a network needs of a loss behind its last activation: see the methods of `Loss` with these names."""

    prepare: Callable[[npt.ArrayLike, int, np.dtype[Any]], FloatArray]
    per_row: Callable[[FloatArray, FloatArray], FloatArray]
    gradient: Callable[[FloatArray, FloatArray, float, FloatArray], None]


class Loss(Configured):
    """The quantity that a network minimizes. Matches ``keras.losses.Loss``.

    A loss of your own gives the loss of each row, and its gradient with respect to the predictions::

        class Asymmetric(Loss):
            def call(self, y_true, y_pred):  # (rows,)
                error = y_pred - y_true
                return np.mean(np.where(error > 0, 3, 1) * error**2, axis=-1)

            def gradient(self, y_true, y_pred):  # (rows, outputs)
                error = y_pred - y_true
                return np.where(error > 0, 3, 1) * 2 * error / error.shape[-1]

    See `FunctionLoss` for functions, `numerical` for a gradient by differences, and ``testing.gradient_check`` to prove
    one. The losses of this package are each a `RowLoss`.

    Args:
        name: the loss's name; by default, Keras's.
        reduction: how to combine the losses of the rows: ``"sum_over_batch_size"`` and ``"mean"`` divide their sum by
            the number of rows, ``"mean_with_sample_weight"`` by the sum of the sample weights; ``"sum"`` adds them;
            ``"none"`` and ``None`` return one loss per row.
        dtype: the number type of calls; by default, that of the predictions.

    Attributes:
        activation: the activation whose logits this form of the loss takes, or ``None`` if it takes predictions.
        from_logits: whether the loss applies that activation in place of the last layer.

    Raises:
        ValueError: if the reduction is unknown.
    """

    omitted: ClassVar[tuple[str, ...]] = ("reduction", "name", "dtype")
    name: str = "loss"
    activation: Activation | None = None
    from_logits: bool = False
    axis: int = -1
    leaves_rows_out: bool = False  # whether some rows do not count: see `counted`

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: str | None = None
    ) -> None:
        if reduction not in REDUCTIONS:
            raise ValueError(f"reduction must be one of {', '.join(map(str, REDUCTIONS))}, got {reduction!r}")
        self.name = name or type(self).name
        self.reduction = reduction
        self.dtype = None if dtype is None else float_type(dtype).name

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this loss, as Keras's ``get_config`` does."""
        return {"name": self.name, "reduction": self.reduction} | super().get_config()

    # Called with arrays

    def __call__(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> Array:
        """Return the loss of predictions, (rows, outputs), reduced as `reduction` says."""
        losses = np.asarray(self._losses(y_true, numbers(y_pred, self.dtype)))
        weights = None if sample_weight is None else np.asarray(sample_weight, losses.dtype)
        if weights is not None and weights.ndim == losses.ndim + 1 and weights.shape[-1] == 1:
            weights = weights[..., 0]
        weights = self._masked(weights, y_true, losses)
        if weights is not None:
            losses = losses * weights
        if self.reduction in ("none", None):
            return scalar(losses)
        total = losses.sum(dtype=losses.dtype)
        if self.reduction == "sum":
            return scalar(total)
        divisor = weights.sum() if self.reduction == "mean_with_sample_weight" and weights is not None else losses.size
        return scalar(total / divisor if divisor else np.zeros_like(total))

    def _losses(self, y_true: npt.ArrayLike, predictions: FloatArray) -> FloatArray:
        """Return what `call` gives for labels in the predictions' number type and with as many axes."""
        losses: FloatArray = self.call(*same_rank(np.asarray(y_true).astype(predictions.dtype), predictions))
        return losses

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each row, (rows,), of predictions, (rows, outputs)."""
        raise NotImplementedError(f"{type(self).__name__} needs call(y_true, y_pred), the loss of each row")

    def gradient(self, y_true: Any, y_pred: Any) -> Any:
        """Return the gradient of each row's loss with respect to its predictions, (rows, outputs)."""
        raise NotImplementedError(lacks_gradient(type(self).__name__))

    def _masked(self, weights: FloatArray | None, y_true: npt.ArrayLike, losses: FloatArray) -> FloatArray | None:  # noqa: ARG002 - for losses that leave rows out
        """Return the sample weights, with 0 for rows that do not count."""
        return weights

    # Within a network

    def counted(self, targets: FloatArray) -> npt.NDArray[np.bool_]:
        """Return which rows of the targets, (rows, outputs), count, (rows,); a mean is taken over these."""
        return np.ones(len(targets), np.bool_)

    def fuses(self, activation: Activation) -> bool:  # noqa: ARG002 - for losses that do
        """Return whether this loss, behind a last layer with that activation, includes the activation's derivative.

        Then `per_row` takes logits, and `write_gradient` takes the logits after `link` and writes dL/dz. Otherwise both
        take the predictions, and the gradient is dL/da.
        """
        return False

    def link(self, activation: Activation) -> Activation:
        """Return the activation to apply to the last layer's logits for `write_gradient`."""
        return activation

    def behind(self, activation: Activation) -> Form:  # noqa: ARG002 - for losses that have two forms
        """Return the form of this loss for a last layer with that activation; most losses have one form.

        Raises:
            ValueError: if `axis` is not the last axis, which holds the outputs of a network.
        """
        if self.axis not in (-1, 1):
            raise ValueError(f"{self.name} must have axis -1 in a network, got {self.axis}")
        return Form(self.prepare, self.per_row, self.write_gradient)

    def prepare(self, y: npt.ArrayLike, outputs: int, dtype: np.dtype[Any]) -> FloatArray:
        """Return labels as targets, (rows, outputs). Labels of shape (rows,) and (rows, 1) mean the same.

        Raises:
            ValueError: if the labels are not finite numbers, or their shape does not fit ``outputs``.
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

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,), from predictions (or logits) and targets, (rows, outputs).

        Raises:
            ValueError: if `call` does not return one loss for each row.
        """
        losses = np.asarray(self.call(targets, predictions))
        if losses.shape not in ((len(predictions),), (len(predictions), 1)):
            raise ValueError(
                f"{self.name} must return one loss a row, ({len(predictions)},), got the shape {losses.shape}: take "
                "the mean over the outputs, axis=-1, and not over the rows"
            )
        return losses.reshape(-1)

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write the gradient of the sum over rows, divided by ``divisor``, into ``out``; all are (outputs, rows).

        The gradient is with respect to the predictions, or the logits if the loss `fuses` with the last activation.

        Raises:
            ValueError: if `gradient` does not return an array of the predictions' shape.
        """
        gradient = np.asarray(self.gradient(targets.T, predictions.T))
        if gradient.shape != predictions.T.shape:
            raise ValueError(
                f"the gradient of {self.name} must have the shape of the predictions, {predictions.T.shape}, "
                f"got {gradient.shape}"
            )
        np.divide(gradient.T, divisor, out)


class FunctionLoss(Loss):
    """A loss that is a function of labels and predictions, with its gradient.

    A network takes such a function as its loss, if the function has its gradient as an attribute::

        def squared_root(y_true, y_pred):  # (rows,)
            return np.mean(np.sqrt(1 + (y_pred - y_true) ** 2), axis=-1)

        def slope(y_true, y_pred):  # (rows, outputs)
            error = y_pred - y_true
            return error / np.sqrt(1 + error**2) / error.shape[-1]

        squared_root.gradient = slope
        model.compile("adam", loss=squared_root)

    Raises:
        ValueError: if no gradient is given and ``fn`` has none.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        gradient: Callable[..., Any] | None = None,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        named = name or str(getattr(fn, "__name__", type(fn).__name__))
        super().__init__(named, reduction, dtype)
        self.fn = fn
        self._gradient = gradient or getattr(fn, "gradient", None)
        if self._gradient is None:
            raise ValueError(lacks_gradient(named))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return what the function gives."""
        return self.fn(y_true, y_pred)

    def gradient(self, y_true: Any, y_pred: Any) -> Any:
        """Return what the gradient's function gives."""
        return self._gradient(y_true, y_pred)  # type: ignore[misc] # checked above


def numerical(loss: Loss | Callable[..., Any]) -> FunctionLoss:
    """Return a loss whose gradient is taken by central differences, at two evaluations for each output.

    For a function without a gradient, or an object of a class with `call` alone::

        def power(y_true, y_pred):
            return np.mean(np.abs(y_pred - y_true) ** 1.5, axis=-1)

        model.compile("adam", loss=losses.numerical(power))

    The loss of a row must depend on that row alone. Slower than a gradient of your own, and exact to about nine digits.
    """
    if isinstance(loss, Loss):
        return FunctionLoss(loss.call, partial(_differences, loss.call), loss.reduction, loss.name, loss.dtype)
    return FunctionLoss(loss, partial(_differences, loss))


def _differences(fn: Callable[..., Any], y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """Return the central differences of each row's loss, (rows, outputs); predictions are shifted in float64."""
    shifted, gradient = np.array(y_pred, np.float64), np.empty(y_pred.shape)
    for output in range(y_pred.shape[-1]):
        sides = []
        for distance in (_STEP, -_STEP):
            shifted[:, output] = y_pred[:, output] + np.float64(distance)
            sides.append(np.asarray(fn(y_true, shifted)).reshape(-1))
        shifted[:, output] = y_pred[:, output]
        gradient[:, output] = (sides[0] - sides[1]) / (2 * _STEP)
    return gradient


# The distance of central differences that loses the fewest digits of float64.
_STEP = 1e-5


def lacks_gradient(name: str) -> str:
    """Return what to say of a loss without a gradient."""
    return (
        f"{name} has no gradient, which this package does not derive: add gradient(y_true, y_pred), (rows, outputs), "
        f"as a method of the class or an attribute of the function, or use numpy_nn.losses.numerical({name})"
    )


class RowLoss(Loss):
    """A loss of this package: `per_row` and `write_gradient` side by side, in the form that networks use."""

    def _losses(self, y_true: npt.ArrayLike, predictions: FloatArray) -> FloatArray:
        return self.call(y_true, predictions)

    def call(self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> FloatArray:
        """Return the loss of each row, (...,), of predictions (..., outputs), as the functions of this package do.

        Raises:
            ValueError: if the shapes of labels and predictions do not fit.
        """
        targets, predictions = paired(y_true, numbers(y_pred, self.dtype))
        return self._per_row(np.moveaxis(predictions, self.axis, -1), np.moveaxis(targets, self.axis, -1))

    def _per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row when called with arrays; a network calls `per_row`."""
        return self.per_row(predictions, targets)

    def gradient(self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> FloatArray:
        """Return the gradient of each row's loss with respect to its predictions, (rows, outputs)."""
        predictions = numbers(y_pred, self.dtype)
        targets = self.prepare(y_true, predictions.shape[-1], predictions.dtype)
        linked, form = np.array(predictions.T), self.behind(linear)
        self.link(linear).forward(linked)
        out = np.empty_like(linked)
        form.gradient(linked, targets.T, 1.0, out)
        return out.T

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,), from predictions (or logits) and targets, (rows, outputs)."""
        raise NotImplementedError

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write the gradient, as `Loss.write_gradient` does."""
        raise NotImplementedError


class PlainLoss(RowLoss):
    """A loss without further options, whose arguments have Keras's order."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(name, reduction, dtype)


class MeanOverOutputs(PlainLoss):
    """The mean of a function of each output, `_each`; `_slope` writes its derivative with respect to p."""

    def _each(self, p: FloatArray, y: FloatArray) -> FloatArray:
        raise NotImplementedError

    def _slope(self, p: FloatArray, y: FloatArray, out: FloatArray) -> None:
        raise NotImplementedError

    def per_row(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the mean over the outputs."""
        mean: FloatArray = self._each(predictions, targets).mean(axis=-1)
        return mean

    def write_gradient(self, predictions: FloatArray, targets: FloatArray, divisor: float, out: FloatArray) -> None:
        """Write `_slope` / (divisor · outputs): dL/da."""
        self._slope(predictions, targets, out)
        np.multiply(out, 1.0 / (divisor * predictions.shape[0]), out)


class CategoricalLabels(RowLoss):
    """A loss whose labels are integers, one class for each row; its targets are one-hot."""

    def call(self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> FloatArray:
        """Return the loss of each row, (...,), from classes (...,) or (..., 1) and predictions (..., outputs)."""
        predictions = np.moveaxis(numbers(y_pred, self.dtype), self.axis, -1)
        shape, outputs = predictions.shape[:-1], predictions.shape[-1]
        targets = self.prepare(one_a_row(y_true, shape).reshape(-1), outputs, predictions.dtype)
        return self._per_row(predictions, targets.reshape(*shape, outputs))

    def prepare(self, y: npt.ArrayLike, outputs: int, dtype: np.dtype[Any]) -> FloatArray:
        """Return the labels one-hot, (rows, outputs).

        Raises:
            ValueError: if a label is not an integer in [0, outputs).
        """
        labels = super().prepare(y, 1, np.dtype(np.float64))[:, 0]
        classes = labels.astype(np.intp)
        if (classes != labels).any():
            raise ValueError(f"{self.name} needs integer labels, got {labels[classes != labels][0]!r}")
        rows = np.flatnonzero(self._counts(classes))
        counted = classes[rows]
        if counted.size and not 0 <= counted.min() <= counted.max() < outputs:
            raise ValueError(
                f"labels must lie between 0 and {outputs - 1} for {outputs} outputs, "
                f"got {counted.min()} to {counted.max()}"
            )
        targets = np.zeros((classes.size, outputs), dtype)
        targets[rows, counted] = 1
        return targets

    def _counts(self, classes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Return which labels count."""
        return np.ones(classes.shape, np.bool_)


def function(kind: type[Loss]) -> Callable[..., Array]:
    """Return Keras's function for a loss: ``function(y_true, y_pred, *options)`` returns one loss per row.

    Its name is the class's in lower case; its options are the class's own arguments.
    """
    name = snake_case(kind.__name__)
    options = arguments_of(kind.__init__, "reduction", "name", "dtype")

    def per_row(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, *arguments: Any, **named: Any) -> Array:
        if len(arguments) > len(options):
            raise TypeError(f"{name} takes labels, predictions and at most {len(options)} more arguments")
        made = kind(**dict(zip(options, arguments, strict=False)), **named)
        return scalar(made.call(y_true, y_pred))

    per_row.__module__, per_row.__name__, per_row.__qualname__ = "numpy_nn.losses", name, name  # pickled by name
    per_row.__doc__ = f"Return the `{kind.__name__}` of each row, (rows,). Matches ``keras.losses.{name}``."
    return per_row


def paired(y_true: npt.ArrayLike, predictions: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return labels in the predictions' number type, and the predictions, both of one shape.

    Raises:
        ValueError: if their shapes differ by more than a last axis of length one.
    """
    labels, predictions = same_rank(np.asarray(y_true).astype(predictions.dtype), predictions)
    if labels.shape != predictions.shape:
        raise ValueError(f"labels and predictions must have the same shape, got {labels.shape} and {predictions.shape}")
    return labels, predictions


def one_a_row(y_true: npt.ArrayLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Return labels of the shape (rows,) or (rows, 1) as (rows,), where ``shape`` is that of the rows.

    Raises:
        ValueError: if there is not exactly one label for each row.
    """
    labels = np.asarray(y_true)
    if labels.shape not in (shape, (*shape, 1)):
        raise ValueError(f"labels must have the shape {shape}, got {labels.shape}")
    return labels.reshape(shape)


def same_rank(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return two arrays with the same number of axes, if one of them has an additional last axis of length one.

    (rows,) becomes (rows, 1); with more axes, the additional one is removed, as in Keras.
    """
    if second.ndim == first.ndim + 1:
        return same_rank(second, first)[::-1]
    if first.ndim != second.ndim + 1 or first.shape[-1] != 1:
        return first, second
    return (first, second[..., np.newaxis]) if second.ndim == 1 else (first[..., 0], second)


def numbers(values: npt.ArrayLike, dtype: str | None) -> FloatArray:
    """Return an array of ``dtype``; by default its own float type, or the default float type for other data."""
    array = np.asarray(values)
    if dtype is None and array.dtype.kind == "f":
        return array
    return array.astype(float_type(dtype))
