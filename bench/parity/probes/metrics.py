"""Metrics: their result after each of three updates, with and without sample weights, and after starting anew."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.core.spec import FloatArray
from bench.parity.probes.losses import label_kind, labels, predictions
from bench.parity.probes.network import ROWS, cast

# What labels a metric is for where its name does not say it as a loss's does; those that count hits and misses
# are for bits.
_LABELS = {
    "Accuracy": "classes",
    "F1Score": "one-hot",
    "FBetaScore": "one-hot",
    "MeanMetricWrapper": "numbers",
    "TopKCategoricalAccuracy": "one-hot",
}

# Metrics that reduce values, where all others compare two arrays.
_REDUCING = ("Mean", "Sum")


def metric(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the results of a metric, by update."""
    name = target.__name__
    made = target(**{**arguments, "fn": api.losses.mean_squared_error} if "fn" in arguments else arguments)
    kind = _label_kind(name)

    def batch() -> list[FloatArray]:
        y = labels(kind, rng)
        # a metric that is called accuracy and nothing else compares labels with labels
        same = name == "Accuracy"
        p = labels(kind, rng) if same else predictions(kind, rng, logits=bool(arguments.get("from_logits")))
        return [cast(api, each) for each in ((y,) if name in _REDUCING else (y, p))]

    made.update_state(*batch())
    first = np.array(made.result())  # a copy: with several thresholds Keras's own goes on counting
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
        "result after starting anew": made.result(),
        "name": np.array(made.name),
    }


def _label_kind(name: str) -> str:
    kind = _LABELS.get(name) or label_kind(name)
    counts = kind == "numbers" and not name.startswith(("Mean", "Sum", "R2", "RootMean", "LogCosh"))
    return "bits" if counts and not name.endswith(("Similarity", "Correlation")) else kind
