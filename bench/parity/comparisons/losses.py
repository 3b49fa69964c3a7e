"""Losses: values, with and without sample weights, and gradients through the weights of a trained network."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.core.evaluate import activate
from bench.core.spec import FloatArray
from bench.parity.comparisons.network import ROWS, cast, trained

OUTPUTS = 3

# The labels of a loss or metric by a part of its name, first match first. The others take any numbers.
_LABELS = (
    ("sparse", "classes"),
    ("generalizedcrossentropy", "classes"),
    ("binary", "bits"),
    ("categoricalhinge", "one-hot"),
    ("hinge", "signs"),
    ("categorical", "one-hot"),
    ("kldivergence", "shares"),
    ("poisson", "counts"),
    ("logarithmic", "counts"),
    ("percentage", "counts"),
)

# The activation whose outputs go with these labels.
_ENDS = {"classes": "softmax", "bits": "sigmoid", "one-hot": "softmax", "shares": "softmax", "counts": "sigmoid"}

# The last activations that a loss is trained with. A cross-entropy behind its own activation is computed from the
# logits, behind a hard sigmoid from the predictions. Keras uses the logits of both sigmoid and softmax.
_BEHIND = {
    "linear": ("linear", "sigmoid"),
    "sigmoid": ("sigmoid", "softmax", "hard_sigmoid"),
    "softmax": ("softmax", "sigmoid", "hard_sigmoid"),
}


def label_kind(name: str) -> str:
    """Return the kind of labels of a loss or metric."""
    bare = name.lower().replace("_", "")
    return next((kind for part, kind in _LABELS if part in bare), "numbers")


def labels(kind: str, rng: np.random.Generator, outputs: int = OUTPUTS) -> FloatArray:
    """Return labels of a kind, (rows, outputs), or (rows,) for classes."""
    classes = rng.integers(0, outputs, ROWS)
    if kind == "classes":
        return classes.astype(np.float64)
    if kind == "one-hot":
        return np.eye(outputs)[classes]
    if kind == "shares":
        return rng.dirichlet(np.ones(outputs), ROWS)
    if kind == "numbers":
        return rng.standard_normal((ROWS, outputs))
    bits = rng.integers(0, 2, (ROWS, outputs)).astype(np.float64)
    return {"bits": bits, "signs": 2.0 * bits - 1.0, "counts": 1.0 + rng.integers(0, 5, (ROWS, outputs))}[kind]


def predictions(kind: str, rng: np.random.Generator, outputs: int = OUTPUTS, *, logits: bool = False) -> FloatArray:
    """Return predictions for labels of a kind, (rows, outputs); shares begin with a row where Keras clips."""
    values: FloatArray = rng.standard_normal((ROWS, outputs))
    end = None if logits else _ENDS.get(kind)
    if end is not None:
        values = activate(end, values)
        values[0] = np.resize([0.0, 1.0, 0.5], outputs)
    return values


def loss(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return values, and the weights of networks trained with the loss, one for each last activation.

    About half of the draws train with sample weights.
    """
    kind = label_kind(target.__name__)
    logits = bool(arguments.get("from_logits"))
    made = target(**arguments)
    y, p, shares = labels(kind, rng), predictions(kind, rng, logits=logits), rng.uniform(0.25, 1.75, ROWS)
    found = {"values": made(y, p), "weighted values": made(y, p, sample_weight=shares)}
    if arguments.get("reduction") in ("none", None) and "reduction" in arguments:
        return found  # training needs one number
    used = shares if rng.integers(2) else None
    for end in ("linear",) if logits else _BEHIND[_ENDS.get(kind, "linear")]:
        layers = [api.layers.Dense(5, activation="tanh"), api.layers.Dense(OUTPUTS, activation=end)]
        result = trained(api, layers, rng, y=y, loss=target(**arguments), sample_weight=used)
        found |= {f"{quantity} behind {end}": value for quantity, value in result.items()}
    return found


def loss_function(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the value of each row."""
    kind = label_kind(target.__name__)
    y, p = labels(kind, rng), predictions(kind, rng, logits=bool(arguments.get("from_logits")))
    return {"values": target(cast(api, y), cast(api, p), **arguments)}
