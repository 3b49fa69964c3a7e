"""Metrics of binary decisions: the four counts at one or more thresholds, and ratios and areas computed from them."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import activations
from numpy_nn.arrays import Array, Float64Array, FloatArray, Variable, scalar
from numpy_nn.losses.loss import EPSILON, paired
from numpy_nn.metrics.metric import Metric, weights_in_rows

# A value below every prediction. With top_k, it replaces all but the k largest predictions, and is the threshold.
_LOWEST = -1e10


class _Confusion(Metric):
    """The weighted counts of correct and wrong predictions above and below each threshold.

    Attributes:
        true_positives, false_positives, true_negatives, false_negatives: the counts, (thresholds,).
    """

    counts: tuple[str, ...] = ("true_positives", "false_positives", "true_negatives", "false_negatives")
    top_k: int | None = None
    class_id: int | None = None
    multi_label: bool = False  # whether to count each output by itself: then the counts are (thresholds, outputs)

    def __init__(self, thresholds: Sequence[float] | Float64Array, name: str | None, dtype: str | None) -> None:
        super().__init__(dtype, name)
        self._thresholds = np.asarray(thresholds, np.float64)
        self._evenly = _are_even(self._thresholds)
        self.reset_state()

    def reset_state(self) -> None:
        """Discard all rows."""
        shape = (len(self._thresholds), 1) if self.multi_label else (len(self._thresholds),)
        self.true_positives, self.false_positives = np.zeros(shape), np.zeros(shape)
        self.true_negatives, self.false_negatives = np.zeros(shape), np.zeros(shape)

    @property
    def variables(self) -> list[Variable]:
        """The counts that the result needs, as they are now."""
        return [
            Variable.viewing(getattr(self, name), name, f"{self.name}/{name}", trainable=False) for name in self.counts
        ]

    def update_state(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Add rows of labels, positive unless 0, and predictions, (rows, outputs)."""
        given, predictions = paired(y_true, self._numbers(y_pred))
        if self.top_k is not None:
            predictions = _only_largest(predictions, self.top_k)
        rows = len(given)
        labels, predictions = given.reshape(rows, -1) != 0, predictions.reshape(rows, -1)
        if self.class_id is not None:
            outputs = labels.shape[1]
            if not -outputs <= self.class_id < outputs:
                raise ValueError(
                    f"class_id must be one of the {outputs} outputs, 0 to {outputs - 1}, got {self.class_id}"
                )
            labels, predictions = labels[:, [self.class_id]], predictions[:, [self.class_id]]
        self._add(labels, predictions, self._weights(sample_weight, labels.shape))

    def _weights(self, sample_weight: npt.ArrayLike | None, shape: tuple[int, ...]) -> Float64Array:
        return weights_in_rows(sample_weight, shape)

    def _add(self, labels: npt.NDArray[np.bool_], predictions: FloatArray, weights: Float64Array) -> None:
        """Count all outputs together or, with `multi_label`, each by itself."""
        above = _above_evenly if self._evenly else _above
        right, wrong = np.where(labels, weights, 0), np.where(labels, 0, weights)
        if self.multi_label:
            columns = zip(predictions.T, right.T, wrong.T, strict=True)
            counted = np.stack([above(self._thresholds, *column) for column in columns], axis=-1)
        else:
            predictions, right, wrong = predictions.ravel(), right.ravel(), wrong.ravel()
            counted = np.stack(above(self._thresholds, predictions, right, wrong))
        true_positives, false_positives = counted
        self.true_positives = self.true_positives + true_positives
        self.false_positives = self.false_positives + false_positives
        self.false_negatives = self.false_negatives + (right.sum(axis=0) - true_positives)
        self.true_negatives = self.true_negatives + (wrong.sum(axis=0) - false_positives)

    def _rate(self, name: str) -> Float64Array:
        """Return the rate of that name at each threshold."""
        right, wrong = {
            "precision": (self.true_positives, self.false_positives),
            "recall": (self.true_positives, self.false_negatives),
            "sensitivity": (self.true_positives, self.false_negatives),
            "specificity": (self.true_negatives, self.false_positives),
        }[name]
        return _ratio(right, right + wrong)


class _Count(_Confusion):
    """One of the four counts."""

    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(_checked(thresholds, 0.5), name, dtype)
        self.thresholds = thresholds

    def result(self) -> Array:
        """Return the count: a number for one threshold, otherwise an array."""
        return _one_or_all(getattr(self, self.counts[0]).copy())


class TruePositives(_Count):
    """The number of correct positive predictions. Matches ``keras.metrics.TruePositives``."""

    counts = ("true_positives",)


class FalsePositives(_Count):
    """The number of wrong positive predictions. Matches ``keras.metrics.FalsePositives``."""

    counts = ("false_positives",)


class TrueNegatives(_Count):
    """The number of correct negative predictions. Matches ``keras.metrics.TrueNegatives``."""

    counts = ("true_negatives",)


class FalseNegatives(_Count):
    """The number of wrong negative predictions. Matches ``keras.metrics.FalseNegatives``."""

    counts = ("false_negatives",)


class _OfTop(_Confusion):
    """Base class of precision and recall.

    Args:
        thresholds: one threshold or several; predictions above it are positive. By default 0.5; with ``top_k``, none.
        top_k: if set, only the k largest predictions of a row are positive.
        class_id: if set, only this output counts.
        name, dtype: see `Metric`.

    Raises:
        ValueError: if a threshold lies outside [0, 1].
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(_checked(thresholds, 0.5 if top_k is None else _LOWEST), name, dtype)
        self.thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id


class Precision(_OfTop):
    """The share of positive predictions that are correct. Matches ``keras.metrics.Precision``."""

    counts = ("true_positives", "false_positives")

    def result(self) -> Array:
        """Return true positives / predicted positives: a number for one threshold, otherwise an array."""
        return _one_or_all(self._rate("precision"))


class Recall(_OfTop):
    """The share of positive labels that are predicted. Matches ``keras.metrics.Recall``."""

    counts = ("true_positives", "false_negatives")

    def result(self) -> Array:
        """Return true positives / positive labels: a number for one threshold, otherwise an array."""
        return _one_or_all(self._rate("recall"))


class _AtLeast(_Confusion):
    """The best value of one rate over the thresholds at which another rate reaches a required value."""

    omitted = (*Metric.omitted, "thresholds", "value")
    asked: str  # the rate with the required value, which is also the name of that argument
    best: str  # the rate that is the result

    def __init__(
        self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: str | None
    ) -> None:
        if not 0 <= value <= 1:
            raise ValueError(f"{self.asked} must lie between 0 and 1, got {value!r}")
        if _whole("num_thresholds", num_thresholds) <= 0:
            raise ValueError(f"num_thresholds must be at least 1, got {num_thresholds}")
        even = np.array([0.5]) if num_thresholds == 1 else _even(num_thresholds)
        super().__init__(even, name, dtype)
        self._evenly = num_thresholds > 1  # Keras does not treat two thresholds given by the user as even
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id

    def result(self) -> Array:
        """Return the best rate; 0 if the other never reaches the required value."""
        reached = self._rate(self.asked) >= self.value
        return scalar(np.where(reached, self._rate(self.best), 0).max(initial=0))


class SensitivityAtSpecificity(_AtLeast):
    """The best sensitivity (recall) at a specificity of at least the given value. Matches Keras's class."""

    asked = "specificity"
    best = "sensitivity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


class SpecificityAtSensitivity(_AtLeast):
    """The best specificity at a sensitivity (recall) of at least the given value. Matches Keras's class."""

    asked = "sensitivity"
    best = "specificity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


class PrecisionAtRecall(_AtLeast):
    """The best precision at a recall of at least the given value. Matches ``keras.metrics.PrecisionAtRecall``."""

    asked = "recall"
    best = "precision"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


class RecallAtPrecision(_AtLeast):
    """The best recall at a precision of at least the given value. Matches ``keras.metrics.RecallAtPrecision``."""

    asked = "precision"
    best = "recall"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision


class AUC(_Confusion):
    """The area under a curve through the rates at many thresholds. Matches ``keras.metrics.AUC``.

    Args:
        num_thresholds: the number of thresholds, evenly spaced from 0 to 1.
        curve: ``"ROC"``, recall against the false positive rate; ``"PR"``, precision against recall; or ``"PRGAIN"``,
            their gains (Flach and Kull, 2015).
        summation_method: the height of the curve between thresholds: ``"interpolation"`` for the mean of both ends (for
            PR, precision is interpolated as in Davis and Goadrich, 2006), ``"minoring"`` for the lower end,
            ``"majoring"`` for the higher.
        name, dtype: see `Metric`.
        thresholds: thresholds to use instead of evenly spaced ones; 0 and 1 are added.
        multi_label: whether to compute one curve for each output and average their areas.
        num_labels: the number of outputs, for ``multi_label``.
        label_weights: the weight of each output.
        from_logits: whether predictions are logits.

    Raises:
        ValueError: if an argument is out of range.
    """

    omitted = (*Metric.omitted, "thresholds")

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        if str(curve).upper() not in ("ROC", "PR", "PRGAIN"):
            raise ValueError(f"curve must be 'ROC', 'PR' or 'PRGAIN', got {curve!r}")
        if str(summation_method).lower() not in ("interpolation", "minoring", "majoring"):
            raise ValueError(
                f"summation_method must be 'interpolation', 'minoring' or 'majoring', got {summation_method!r}"
            )
        if thresholds is None and _whole("num_thresholds", num_thresholds) <= 1:
            raise ValueError(f"num_thresholds must be at least 2, got {num_thresholds}")
        if thresholds is not None and np.ndim(thresholds) != 1:
            raise TypeError(f"thresholds must be a list of numbers, got {thresholds!r}")
        if num_labels and not multi_label:
            raise ValueError(f"num_labels requires multi_label=True, got num_labels={num_labels}")
        even = _even(num_thresholds)[1:-1] if thresholds is None else np.sort(np.asarray(thresholds, np.float64))
        self.multi_label = multi_label
        super().__init__(np.concatenate(([-EPSILON], even, [1 + EPSILON])), name, dtype)
        self._evenly = thresholds is None or _are_even(np.concatenate(([0.0], even, [1.0])))
        self.num_thresholds = len(self._thresholds)
        self.curve = curve.upper()
        self.summation_method = summation_method.lower()
        self._are_given = thresholds is not None
        self.num_labels = num_labels
        self.label_weights = label_weights
        self.from_logits = from_logits

    @property
    def thresholds(self) -> list[float]:
        """All thresholds in ascending order; the first is just below 0, the last just above 1."""
        ascending: list[float] = self._thresholds.tolist()
        return ascending

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this metric."""
        return super().get_config() | ({"thresholds": self.thresholds[1:-1]} if self._are_given else {})

    def update_state(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Add rows of labels, positive unless 0, and predictions, (rows, outputs)."""
        super().update_state(y_true, activations.sigmoid(y_pred) if self.from_logits else y_pred, sample_weight)

    def _weights(self, sample_weight: npt.ArrayLike | None, shape: tuple[int, ...]) -> Float64Array:
        weights = super()._weights(sample_weight, shape)
        return weights if self.multi_label or self.label_weights is None else weights * np.asarray(self.label_weights)

    def result(self) -> Array:
        """Return the area."""
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self._interpolated_precision()
        else:
            x, y = self._curve()
            heights = {
                "interpolation": (y[:-1] + y[1:]) / 2,
                "minoring": np.minimum(y[:-1], y[1:]),
                "majoring": np.maximum(y[:-1], y[1:]),
            }[self.summation_method]
            areas = (x[:-1] - x[1:]) * heights
        area = areas.sum(axis=0)
        if not self.multi_label or self.label_weights is None:
            return scalar(area.mean())
        weights = np.asarray(self.label_weights)
        return scalar(_ratio((area * weights).sum(), weights.sum()))

    def _curve(self) -> tuple[Float64Array, Float64Array]:
        """Return the coordinates of the curve; x decreases as the threshold increases."""
        tp, fp, fn, tn = self.true_positives, self.false_positives, self.false_negatives, self.true_negatives
        if self.curve == "ROC":
            return _ratio(fp, fp + tn), self._rate("recall")
        if self.curve == "PR":
            return self._rate("recall"), self._rate("precision")
        odds = _ratio(tp + fn, tn + fp)  # of positive labels
        recall_gain = np.where(tp == 0, 0.0, 1 - odds * _ratio(fn, tp))
        return np.maximum(recall_gain, 0.0), np.where(tp == 0, 1.0, 1 - odds * _ratio(fp, tp))

    def _interpolated_precision(self) -> Float64Array:
        """Return the areas between thresholds; true positives are linear in the predicted positives."""
        tp, predicted = self.true_positives, self.true_positives + self.false_positives
        gained = tp[:-1] - tp[1:]
        slope = _ratio(gained, np.maximum(predicted[:-1] - predicted[1:], 0))
        intercept = tp[1:] - slope * predicted[1:]
        both = (predicted[:-1] > 0) & (predicted[1:] > 0)
        growth = np.where(both, _ratio(predicted[:-1], np.maximum(predicted[1:], 0)), 1.0)
        positives = np.maximum(tp[1:] + self.false_negatives[1:], 0)
        return _ratio(slope * (gained + intercept * np.log(growth)), positives)


def _checked(thresholds: float | Sequence[float] | None, default: float) -> list[float]:
    """Return thresholds as a list.

    Raises:
        ValueError: if one lies outside [0, 1].
    """
    if thresholds is None:
        return [default]
    listed = list(thresholds) if isinstance(thresholds, Sequence) else [thresholds]
    outside = [each for each in listed if not 0 <= each <= 1]
    if outside:
        raise ValueError(f"thresholds must lie between 0 and 1, got {outside[0]!r}")
    return listed


def _whole(name: str, value: Any) -> int:
    """Return ``value`` if it is a whole number.

    Raises:
        TypeError: if it is another kind of value.
    """
    if not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    return int(value)


def _even(count: int) -> Float64Array:
    """Return evenly spaced numbers from 0 to 1."""
    return np.arange(count) / (count - 1)


def _are_even(thresholds: Float64Array) -> bool:
    """Return whether thresholds run from 0 to 1 in even steps, within Keras's tolerance."""
    return len(thresholds) > 2 and np.allclose(thresholds, _even(len(thresholds)), atol=EPSILON)


def _above(
    thresholds: Float64Array, predictions: FloatArray, right: Float64Array, wrong: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the sums of ``right`` and of ``wrong`` over the predictions above each threshold."""
    each = [predictions > threshold for threshold in thresholds.astype(predictions.dtype)]
    return np.array([right[yes].sum() for yes in each]), np.array([wrong[yes].sum() for yes in each])


def _above_evenly(
    thresholds: Float64Array, predictions: FloatArray, right: Float64Array, wrong: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the result of `_above` for even thresholds in one pass over the predictions.

    A prediction lies above all thresholds up to that of its bucket. Predictions are clipped to [0, 1]; a prediction of
    0 is above only a threshold below 0.
    """
    count = len(thresholds)
    buckets = np.ceil(np.clip(predictions, 0, 1) * (count - 1)).astype(np.intp)
    if thresholds[0] < 0:
        buckets = np.maximum(buckets, 1)
    sums = [np.bincount(buckets, each, minlength=count + 1)[1:] for each in (right, wrong)]
    true_positives, false_positives = (each[::-1].cumsum()[::-1] for each in sums)
    return true_positives, false_positives


def _only_largest(predictions: FloatArray, k: int) -> FloatArray:
    """Return predictions in which all but the k largest of each row are below every threshold.

    As in Keras, a row is the last axis: all predictions if there is no other.

    Raises:
        ValueError: if a row has fewer than k predictions.
    """
    if not 0 <= k <= predictions.shape[-1]:
        raise ValueError(f"top_k must lie between 0 and the {predictions.shape[-1]} predictions of a row, got {k}")
    largest = np.argsort(-predictions, axis=-1, kind="stable")[..., :k]
    kept = np.full_like(predictions, _LOWEST)
    np.put_along_axis(kept, largest, np.take_along_axis(predictions, largest, axis=-1), axis=-1)
    return kept


def _ratio(above: Any, below: Any) -> Float64Array:
    """Return above / below, 0 where ``below`` is 0."""
    ratio: Float64Array = np.divide(above, below, out=np.zeros(np.shape(below)), where=np.asarray(below) != 0)
    return ratio


def _one_or_all(values: Float64Array) -> Array:
    return scalar(values[0] if len(values) == 1 else values)
