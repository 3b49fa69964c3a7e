"""Losses: their values, with and without sample weights, and their gradient as it shows in a network's weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.core.spec import FloatArray
from bench.parity.probes.network import ROWS, cast, trained

OUTPUTS = 3

# What labels a loss or a metric is for, by a part of its name; the first that fits. The rest take any numbers.
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

# Which activation gives what such labels are compared with.
_ENDS = {"classes": "softmax", "bits": "sigmoid", "one-hot": "softmax", "shares": "softmax", "counts": "sigmoid"}

# Behind which activations a loss is trained, by the one that its predictions come from. A cross-entropy behind its own
# is computed from the logits, behind a hard sigmoid from the predictions; behind the other of the two that know their
# logits, Keras takes these for its own all the same.
_BEHIND = {
    "linear": ("linear", "sigmoid"),
    "sigmoid": ("sigmoid", "softmax", "hard_sigmoid"),
    "softmax": ("softmax", "sigmoid", "hard_sigmoid"),
}


def label_kind(name: str) -> str:
    """Return what kind of labels the loss or metric of that name is for."""
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
    """Return predictions to compare with labels of a kind, (rows, outputs)."""
    values = rng.standard_normal((ROWS, outputs))
    end = None if logits else _ENDS.get(kind)
    if end == "softmax":
        values = np.exp(values)
        values /= values.sum(axis=1, keepdims=True)
    elif end == "sigmoid":
        values = 1.0 / (1.0 + np.exp(-values))
    return values


def loss(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return a loss's values, and what training a network with it comes to, behind each last layer that it may have."""
    kind = label_kind(target.__name__)
    logits = bool(arguments.get("from_logits"))
    made = target(**arguments)
    y, p, shares = labels(kind, rng), predictions(kind, rng, logits=logits), rng.uniform(0.25, 1.75, ROWS)
    found = {"values": made(y, p), "weighted values": made(y, p, sample_weight=shares)}
    if arguments.get("reduction") in ("none", None) and "reduction" in arguments:
        return found  # a network is to lower one number
    for end in ("linear",) if logits else _BEHIND[_ENDS.get(kind, "linear")]:
        layers = [api.layers.Dense(5, activation="tanh"), api.layers.Dense(OUTPUTS, activation=end)]
        result = trained(api, layers, rng, y=y, loss=target(**arguments))
        found |= {f"{quantity} behind {end}": value for quantity, value in result.items()}
    return found


def loss_function(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the value of each row."""
    kind = label_kind(target.__name__)
    y, p = labels(kind, rng), predictions(kind, rng, logits=bool(arguments.get("from_logits")))
    return {"values": target(cast(api, y), cast(api, p), **arguments)}
