"""F-scores, the coefficient of determination, and correlations."""

from __future__ import annotations  # evaluated, they would take a third of the import

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import Array, FloatArray, scalar
from numpy_nn.losses.loss import EPSILON, numbers, paired
from numpy_nn.metrics.metric import MeanOf, Metric, weights_in_rows


class FBetaScore(Metric):
    """(1 + beta²) precision recall / (beta² precision + recall), for each output. Matches ``keras.metrics.FBetaScore``.

    Args:
        average: how to combine the outputs: ``None`` keeps them, ``"micro"`` adds their counts, ``"macro"`` takes their
            mean, ``"weighted"`` their mean weighted by the frequency of each label.
        beta: how much more recall counts than precision.
        threshold: predictions above it are positive; by default, only the largest prediction of a row is.
        name, dtype: see `Metric`.

    Raises:
        ValueError: if an argument is out of range.
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(f"average must be None, 'micro', 'macro' or 'weighted', got {average!r}")
        if not _is_positive(beta):
            raise ValueError(f"beta must be a float above 0, as in 2.0, got {beta!r}")
        if threshold is not None and not (_is_positive(threshold) and threshold <= 1):
            raise ValueError(f"threshold must be a float above 0 and at most 1, as in 0.5, got {threshold!r}")
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.reset_state()

    def reset_state(self) -> None:
        """Discard all rows."""
        self.true_positives: Any = 0.0
        self.false_positives: Any = 0.0
        self.false_negatives: Any = 0.0
        self.intermediate_weights: Any = 0.0  # the frequency of each label

    def update_state(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Add rows of labels and predictions, (rows, outputs)."""
        labels, predictions = _in_rows(y_true, self._numbers(y_pred))
        if self.threshold is None:
            largest = predictions >= predictions.max(axis=-1, keepdims=True)
            yes = (largest & (np.abs(predictions) > 1e-9)).astype(labels.dtype)
        else:
            yes = (predictions > np.asarray(self.threshold, predictions.dtype)).astype(labels.dtype)
        weights = np.ones((1, 1)) if sample_weight is None else np.asarray(sample_weight).reshape(-1, 1)
        axis = None if self.average == "micro" else 0
        self.true_positives += (weights * yes * labels).sum(axis=axis)
        self.false_positives += (weights * yes * (1 - labels)).sum(axis=axis)
        self.false_negatives += (weights * (1 - yes) * labels).sum(axis=axis)
        self.intermediate_weights += (weights * labels).sum(axis=axis)

    def result(self) -> Array:
        """Return the score; one for each output if ``average`` is None."""
        precision = self.true_positives / (self.true_positives + self.false_positives + EPSILON)
        recall = self.true_positives / (self.true_positives + self.false_negatives + EPSILON)
        score = precision * recall / (self.beta**2 * precision + recall + EPSILON) * (1 + self.beta**2)
        if self.average == "weighted":
            shares = self.intermediate_weights / (np.sum(self.intermediate_weights) + EPSILON)
            return scalar(np.sum(score * shares))
        return scalar(score if self.average is None else np.mean(score))


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall: `FBetaScore` with beta 1. Matches ``keras.metrics.F1Score``."""

    omitted = (*Metric.omitted, "beta")

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)


class R2Score(Metric):
    """1 - (sum of squared errors) / (sum of squared deviations from the mean). Matches ``keras.metrics.R2Score``.

    Args:
        class_aggregation: how to combine the outputs: ``"uniform_average"`` takes their mean,
            ``"variance_weighted_average"`` their mean weighted by variance, ``None`` keeps them.
        num_regressors: the number of predictors, for the adjusted score; 0 for the plain one.
        name, dtype: see `Metric`.

    Raises:
        ValueError: if an argument is out of range.
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            raise ValueError(
                "class_aggregation must be None, 'uniform_average' or 'variance_weighted_average', "
                f"got {class_aggregation!r}"
            )
        if num_regressors < 0:
            raise ValueError(f"num_regressors must be at least 0, got {num_regressors}")
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.reset_state()

    def reset_state(self) -> None:
        """Discard all rows."""
        self.num_samples = 0
        self.squared_sum: Any = 0.0
        self.sum: Any = 0.0
        self.total_mse: Any = 0.0
        self.count: Any = 0.0

    def update_state(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Add rows of labels and predictions, (rows, outputs)."""
        labels, predictions = _in_rows(y_true, self._numbers(y_pred))
        y = labels.astype(np.float64)
        weights = weights_in_rows(sample_weight, y.shape)
        self.sum = self.sum + (weights * y).sum(axis=0)
        self.squared_sum = self.squared_sum + (weights * y * y).sum(axis=0)
        self.total_mse = self.total_mse + (weights * np.square(y - predictions)).sum(axis=0)
        self.count = self.count + weights.sum(axis=0)
        self.num_samples += y.size

    def result(self) -> Array:
        """Return the score; one for each output if ``class_aggregation`` is None."""
        with np.errstate(divide="ignore", invalid="ignore"):
            total = self.squared_sum - self.sum * (self.sum / self.count)
            raw = 1 - self.total_mse / total
        raw = np.where(np.isinf(raw), 0.0, raw)
        score: Any = raw
        if self.class_aggregation == "uniform_average":
            score = raw.mean()
        elif self.class_aggregation == "variance_weighted_average":
            score = np.sum(total * raw) / np.sum(total)
        if self.num_regressors:
            left = self.num_samples - self.num_regressors - 1
            if left > 0:
                score = 1 - (1 - score) * (self.num_samples - 1) / left
            else:
                warnings.warn(
                    f"{self.num_regressors} predictors are too many to adjust the score of {self.num_samples} labels; "
                    "as in Keras, the score is not adjusted",
                    stacklevel=2,
                )
        return scalar(score)


def pearson_correlation(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, axis: int = -1) -> FloatArray:
    """Return the correlation of labels and predictions along an axis, -1 to 1."""
    y, p = _centred(y_true, y_pred, axis)
    deviations = y.std(axis=axis, keepdims=True) * p.std(axis=axis, keepdims=True)
    correlation: FloatArray = (y * p / deviations).mean(axis=axis)
    return correlation


def concordance_correlation(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, axis: int = -1) -> FloatArray:
    """Return Lin's concordance along an axis: the correlation, reduced if means or variances differ."""
    labels, predictions = paired(y_true, numbers(y_pred, None))
    y, p = _centred(labels, predictions, axis)
    apart = labels.mean(axis=axis, keepdims=True) - predictions.mean(axis=axis, keepdims=True)
    spread = y.var(axis=axis, keepdims=True) + p.var(axis=axis, keepdims=True) + np.square(apart)
    concordance: FloatArray = (2 * y * p / (spread + EPSILON)).mean(axis=axis)
    return concordance


class PearsonCorrelation(MeanOf):
    """The mean of `pearson_correlation`. Matches ``keras.metrics.PearsonCorrelation``."""

    def __init__(self, name: str | None = "pearson_correlation", dtype: str | None = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)
        self.axis = axis


class ConcordanceCorrelation(MeanOf):
    """The mean of `concordance_correlation`. Matches ``keras.metrics.ConcordanceCorrelation``."""

    def __init__(self, name: str | None = "concordance_correlation", dtype: str | None = None, axis: int = -1) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
        self.axis = axis


def _is_positive(value: object) -> bool:
    """Return whether a value is a float above 0; a whole number is none, as in Keras."""
    return isinstance(value, float) and value > 0


def _in_rows(y_true: npt.ArrayLike, predictions: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return labels and predictions, both (rows, outputs).

    Raises:
        ValueError: if they have another number of axes.
    """
    labels, predictions = paired(y_true, predictions)
    if labels.ndim != 2:
        raise ValueError(f"labels and predictions must have the shape (rows, outputs), got {labels.shape}")
    return labels, predictions


def _centred(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, axis: int) -> tuple[FloatArray, FloatArray]:
    """Return labels and predictions, each minus its mean along the axis."""
    labels, predictions = paired(y_true, numbers(y_pred, None))
    y: FloatArray = labels - labels.mean(axis=axis, keepdims=True)
    p: FloatArray = predictions - predictions.mean(axis=axis, keepdims=True)
    return y, p
