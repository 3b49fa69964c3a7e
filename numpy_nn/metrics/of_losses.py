"""Losses as metrics: their weighted mean over all rows."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import losses
from numpy_nn.arrays import Array, FloatArray, scalar
from numpy_nn.losses.loss import numbers, paired
from numpy_nn.metrics.metric import Mean, MeanOf, Metric


class MeanSquaredError(MeanOf):
    """Matches ``keras.metrics.MeanSquaredError``."""

    def __init__(self, name: str | None = "mean_squared_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


class RootMeanSquaredError(Mean):
    """The root of the mean squared error. Matches ``keras.metrics.RootMeanSquaredError``."""

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: str | None = None) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override] # takes labels and predictions, unlike the mean of values
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Add rows."""
        labels, predictions = paired(y_true, self._numbers(y_pred))
        super().update_state(np.square(predictions - labels), sample_weight)

    def result(self) -> Array:
        """Return the root of the mean."""
        return scalar(np.sqrt(super().result()))


class MeanAbsoluteError(MeanOf):
    """Matches ``keras.metrics.MeanAbsoluteError``."""

    def __init__(self, name: str | None = "mean_absolute_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanOf):
    """Matches ``keras.metrics.MeanAbsolutePercentageError``."""

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanOf):
    """Matches ``keras.metrics.MeanSquaredLogarithmicError``."""

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanOf):
    """Matches ``keras.metrics.LogCoshError``."""

    def __init__(self, name: str | None = "logcosh", dtype: str | None = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


class CosineSimilarity(MeanOf):
    """The cosine, 1 for the same direction; the loss is its negative. Matches ``keras.metrics.CosineSimilarity``.

    As in Keras, ``get_config`` omits ``axis``.
    """

    omitted = (*Metric.omitted, "axis")

    def __init__(self, name: str | None = "cosine_similarity", dtype: str | None = None, axis: int = -1) -> None:
        super().__init__(_cosine_similarity, name, dtype, axis=axis)


class Hinge(MeanOf):
    """Matches ``keras.metrics.Hinge``."""

    def __init__(self, name: str | None = "hinge", dtype: str | None = None) -> None:
        super().__init__(losses.hinge, name, dtype)


class SquaredHinge(MeanOf):
    """Matches ``keras.metrics.SquaredHinge``."""

    def __init__(self, name: str | None = "squared_hinge", dtype: str | None = None) -> None:
        super().__init__(losses.squared_hinge, name, dtype)


class CategoricalHinge(MeanOf):
    """Matches ``keras.metrics.CategoricalHinge``."""

    def __init__(self, name: str | None = "categorical_hinge", dtype: str | None = None) -> None:
        super().__init__(losses.categorical_hinge, name, dtype)


class KLDivergence(MeanOf):
    """Matches ``keras.metrics.KLDivergence``."""

    def __init__(self, name: str | None = "kl_divergence", dtype: str | None = None) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


class Poisson(MeanOf):
    """Matches ``keras.metrics.Poisson``."""

    def __init__(self, name: str | None = "poisson", dtype: str | None = None) -> None:
        super().__init__(losses.poisson, name, dtype)


class BinaryCrossentropy(MeanOf):
    """Matches ``keras.metrics.BinaryCrossentropy``."""

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        options: dict[str, Any] = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(losses.binary_crossentropy, name, dtype, **options)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing


class CategoricalCrossentropy(MeanOf):
    """Matches ``keras.metrics.CategoricalCrossentropy``."""

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        options: dict[str, Any] = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(losses.categorical_crossentropy, name, dtype, **options)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


class SparseCategoricalCrossentropy(MeanOf):
    """Matches ``keras.metrics.SparseCategoricalCrossentropy``.

    Rows of ``ignore_class`` add nothing to the sum. As in Keras, the sum is divided by the number of the other rows if
    sample weights are given, and by the number of all rows otherwise.
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        options: dict[str, Any] = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(losses.sparse_categorical_crossentropy, name, dtype, **options)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def update_state(  # type: ignore[override] # as the class it is derived from
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Add rows."""
        if self.ignore_class is not None and sample_weight is not None:
            weights = np.asarray(sample_weight)
            sample_weight = weights * (np.asarray(y_true).reshape(weights.shape) != self.ignore_class)
        super().update_state(y_true, y_pred, sample_weight)


def _cosine_similarity(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, axis: int = -1) -> FloatArray:
    return -losses.cosine_similarity(y_true, numbers(y_pred, None), axis)
