"""Metrics: results after three updates, with and without sample weights, and after a reset."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.core.spec import FloatArray
from bench.parity.comparisons.losses import label_kind, labels, predictions
from bench.parity.comparisons.network import ROWS, cast

# The labels of a metric whose name contains no loss. Metrics that count hits and misses take bits.
_LABELS = {
    "Accuracy": "classes",
    "F1Score": "one-hot",
    "FBetaScore": "one-hot",
    "MeanMetricWrapper": "numbers",
    "TopKCategoricalAccuracy": "one-hot",
}

# Metrics of one array; all others compare two.
_REDUCING = ("Mean", "Sum")


def metric(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the results of a metric after each update."""
    name = target.__name__
    made = target(**{**arguments, "fn": api.losses.mean_squared_error} if "fn" in arguments else arguments)
    kind = label_kind_of_metric(name)

    def batch() -> list[FloatArray]:
        y = labels(kind, rng)
        # the metric Accuracy compares labels with labels
        same = name == "Accuracy"
        p = labels(kind, rng) if same else predictions(kind, rng, logits=bool(arguments.get("from_logits")))
        return [cast(api, each) for each in ((y,) if name in _REDUCING else (y, p))]

    made.update_state(*batch())
    first = np.array(made.result())  # a copy: Keras updates the array of several thresholds in place
    made.update_state(*batch(), sample_weight=rng.uniform(0.25, 1.75, ROWS))
    second = np.array(made.result())
    made.update_state(*batch())
    third = np.array(made.result())
    made.reset_state()
    made.update_state(*batch())
    return {
        "result after one update": first,
        "result after two updates, one weighted": second,
        "result after three updates": third,
        "result after a reset": made.result(),
        "name": np.array(made.name),
    }


def label_kind_of_metric(name: str) -> str:
    """Return the kind of labels of a metric, by the name of its class."""
    kind = _LABELS.get(name) or label_kind(name)
    counts = kind == "numbers" and not name.startswith(("Mean", "Sum", "R2", "RootMean", "LogCosh"))
    return "bits" if counts and not name.endswith(("Similarity", "Correlation")) else kind
