"""Accuracies: the share of correct predictions, and the functions that mark them."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import FloatArray
from numpy_nn.config import float_type
from numpy_nn.losses.loss import numbers, one_a_row, paired
from numpy_nn.metrics.metric import MeanOf, Metric


def _accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> FloatArray:
    labels, predictions = paired(y_true, numbers(y_pred, None))
    return _floats(labels == predictions)


def binary_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, threshold: float = 0.5) -> FloatArray:
    """Return 1 where prediction and label lie on the same side of the threshold, else 0."""
    labels, predictions = paired(y_true, numbers(y_pred, None))
    return _floats((predictions > np.asarray(threshold, predictions.dtype)) == labels)


def categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> FloatArray:
    """Return 1 for each row whose largest prediction is at the index of the largest label, else 0."""
    return _floats(np.argmax(y_true, axis=-1) == np.argmax(y_pred, axis=-1))


def sparse_categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> FloatArray:
    """Return 1 for each row whose label, (rows,) or (rows, 1), is the index of its largest prediction, else 0."""
    predictions = np.asarray(y_pred)
    return _floats(one_a_row(y_true, predictions.shape[:-1]) == predictions.argmax(axis=-1))


def top_k_categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, k: int = 5) -> FloatArray:
    """Return 1 for each row in which the class of the largest label has one of the k largest predictions, else 0."""
    return sparse_top_k_categorical_accuracy(np.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, k: int = 5, from_sorted_ids: bool = False
) -> FloatArray:
    """Return 1 for each row whose label has one of the k largest predictions, ties included, else 0.

    With ``from_sorted_ids=True`` predictions are classes, the likeliest first.

    Raises:
        TypeError: if ``k`` is not a whole number.
    """
    if not isinstance(k, int | np.integer):
        raise TypeError(f"k must be a whole number, got {k!r}")
    predictions = np.asarray(y_pred)
    labels = one_a_row(y_true, predictions.shape[:-1])[..., np.newaxis]
    if from_sorted_ids:
        return _floats((predictions[..., :k] == labels).any(axis=-1))
    likelier = predictions > np.take_along_axis(predictions, labels.astype(np.intp), axis=-1)
    return _floats((likelier.sum(axis=-1) < k) & np.isfinite(predictions).all(axis=-1))


class Accuracy(MeanOf):
    """The share of predictions that equal their label. Matches ``keras.metrics.Accuracy``."""

    def __init__(self, name: str | None = "accuracy", dtype: str | None = None) -> None:
        super().__init__(_accuracy, name, dtype)


class BinaryAccuracy(MeanOf):
    """The share of predictions on their label's side of ``threshold``. Matches ``keras.metrics.BinaryAccuracy``."""

    def __init__(self, name: str | None = "binary_accuracy", dtype: str | None = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(MeanOf):
    """The share of rows whose largest prediction is at the label. Matches ``keras.metrics.CategoricalAccuracy``."""

    def __init__(self, name: str | None = "categorical_accuracy", dtype: str | None = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanOf):
    """`CategoricalAccuracy` with integer labels. Matches ``keras.metrics.SparseCategoricalAccuracy``."""

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: str | None = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanOf):
    """The share of rows whose class is among the k likeliest. Matches ``keras.metrics.TopKCategoricalAccuracy``."""

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: str | None = None) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)
        self.k = k


class SparseTopKCategoricalAccuracy(MeanOf):
    """`TopKCategoricalAccuracy` with integer labels. Matches ``keras.metrics.SparseTopKCategoricalAccuracy``."""

    omitted = (*Metric.omitted, "from_sorted_ids")

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
        self.k = k
        self.from_sorted_ids = from_sorted_ids

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this metric; as in Keras, ``from_sorted_ids`` only if it is set."""
        return super().get_config() | ({"from_sorted_ids": True} if self.from_sorted_ids else {})


def _floats(matches: npt.NDArray[Any]) -> FloatArray:
    return np.asarray(matches, float_type())
