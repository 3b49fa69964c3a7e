"""Metrics: figures that training reports but does not minimize.

A metric collects rows with ``update_state(y_true, y_pred, sample_weight=None)``, arrays of (rows, outputs), and
computes one ``result()`` from all of them. Sums are float64 for predictions of any number type.

Where to look: ``metric`` for the base class and means; ``accuracy``; ``confusion`` for true and false positives and
negatives, precision, recall and areas under curves; ``scores`` for F-scores, the coefficient of determination and
correlations; ``of_losses`` for losses as metrics.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from numpy_nn.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from numpy_nn.metrics.confusion import (
    AUC,
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from numpy_nn.metrics.metric import Mean, MeanMetricWrapper, Metric, Sum
from numpy_nn.metrics.of_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from numpy_nn.metrics.scores import (
    ConcordanceCorrelation,
    F1Score,
    FBetaScore,
    PearsonCorrelation,
    R2Score,
    concordance_correlation,
    pearson_correlation,
)
from numpy_nn.names import described, described_function, find, public, snake_case, spellings

__all__ = [
    "AUC",
    "METRICS",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pearson_correlation",
    "poisson",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]

# The classes by Keras's lower-case names.
METRICS: dict[str, type[Metric]] = {
    snake_case(kind.__name__): kind for kind in public(Metric, globals()).values() if kind is not MeanMetricWrapper
}
_KNOWN = spellings(
    METRICS,
    bce=BinaryCrossentropy,
    mae=MeanAbsoluteError,
    mape=MeanAbsolutePercentageError,
    mse=MeanSquaredError,
    msle=MeanSquaredLogarithmicError,
) | {"MeanMetricWrapper": MeanMetricWrapper}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: globals()[name] for name in __all__ if name.islower() and name not in ("deserialize", "get", "serialize")
}


def get(identifier: Any) -> Any:
    """Return the metric that ``identifier`` names, as ``keras.metrics.get`` does.

    It may be a name in any of Keras's spellings (``"mse"``, ``"mean_squared_error"``, ``"MeanSquaredError"``), a
    metric's class, or the result of `serialize` or ``keras.metrics.serialize``; a metric, a function of labels and
    predictions, and None stay as they are.

    Raises:
        ValueError: if there is no such metric; the message suggests the nearest name.
    """
    if isinstance(identifier, Mapping):
        if isinstance(function := identifier.get("config"), str):
            return find("metric function", function, _FUNCTIONS)
        config = dict(identifier.get("config") or {})
        if isinstance(config.get("fn"), Mapping):  # the function of a MeanMetricWrapper, by name
            config["fn"] = find("metric function", str(config["fn"].get("config")), _FUNCTIONS)
        return find("metric", str(identifier.get("class_name")), _KNOWN).from_config(config)
    if isinstance(identifier, str):
        return find("metric", identifier, _KNOWN)()
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        return identifier()
    if identifier is None or callable(identifier):
        return identifier
    raise ValueError(f"a metric must be a name, a function or a Metric, got {identifier!r}")


def object_of(
    identifier: Any, y_true: npt.NDArray[Any] | None = None, y_pred: npt.NDArray[Any] | None = None
) -> Metric:
    """Return the metric object for what `get` accepts, as a network reports it.

    ``"accuracy"`` and ``"acc"`` are the binary accuracy for one output, the sparse one for one label per row, otherwise
    the categorical one, by labels and predictions or arrays of their shapes; without them, `Accuracy`. A function of
    labels and predictions that returns one value per row becomes their mean. A metric given by name keeps that name.

    Raises:
        ValueError: if there is no such metric.
    """
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        metric: Any = Accuracy() if y_pred is None else _accuracy_for(y_pred if y_true is None else y_true, y_pred)
    else:
        metric = get(identifier)
    if metric is None:
        raise ValueError("a metric must be a name, a function or a Metric, got None")
    if not isinstance(metric, Metric):
        name = getattr(metric, "__name__", None)
        return MeanMetricWrapper(metric, "lambda" if name == "<lambda>" else name)
    if isinstance(identifier, str):
        metric.name = identifier
    return metric


def _accuracy_for(y_true: npt.NDArray[Any], y_pred: npt.NDArray[Any]) -> Metric:
    """Return the accuracy for labels and predictions of their shapes."""
    labels, predictions = np.shape(y_true), np.shape(y_pred)
    if predictions[-1] == 1:
        return BinaryAccuracy()
    sparse = len(labels) < len(predictions) or labels[-1] == 1
    return SparseCategoricalAccuracy() if sparse else CategoricalAccuracy()


def serialize(metric: Metric | Callable[..., Any]) -> dict[str, Any]:
    """Return a dictionary from which `get` and Keras recreate the metric, without its rows."""
    return described("metrics", metric) if isinstance(metric, Metric) else described_function(metric)


def deserialize(config: str | Mapping[str, Any]) -> Any:
    """Return the metric that `serialize` described."""
    return get(config)
