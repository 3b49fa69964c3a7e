"""The neutral evaluator: one float64 forward pass, loss and accuracy, the same code for every contender.

A framework reports averages over an epoch while its weights change, with its own rounding. The evaluator computes loss
and accuracy of every snapshot in the same way.
"""

from collections.abc import Sequence

import numpy as np

from bench.core.spec import CLASSIFICATION, REGRESSION, FloatArray, NetworkSpec

# The activations and losses that the harness supports, by Keras's names.
ACTIVATIONS = ("relu", "sigmoid", "tanh", "softmax", "linear")
LOSSES = (
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "mean_squared_error",
)


def forward(network: NetworkSpec, weights: Sequence[FloatArray], x: FloatArray) -> list[FloatArray]:
    """Return the logits z of every layer, (rows, units), in float64."""
    logits: list[FloatArray] = []
    a: FloatArray = np.asarray(x, dtype=np.float64)
    for layer, kernel, bias in zip(network.layers, weights[0::2], weights[1::2], strict=True):
        z = a @ kernel.astype(np.float64) + bias.astype(np.float64)  #  (rows, units)
        logits.append(z)
        a = activate(layer.activation, z)
    return logits


def activate(activation: str, z: FloatArray) -> FloatArray:
    """Return the activation of logits, (rows, units), by Keras's name."""
    if activation == "relu":
        return np.maximum(z, 0.0)
    if activation == "sigmoid":
        probability: FloatArray = np.exp(-np.logaddexp(0.0, -z))
        return probability
    if activation == "tanh":
        return np.tanh(z)
    if activation == "softmax":
        shifted = np.exp(z - z.max(axis=1, keepdims=True))
        softmax: FloatArray = shifted / shifted.sum(axis=1, keepdims=True)
        return softmax
    if activation == "linear":
        return z
    raise NotImplementedError(f"the evaluator supports the activations {', '.join(ACTIVATIONS)}, got {activation!r}")


def mean_loss(network: NetworkSpec, logits: FloatArray, targets: FloatArray) -> float:
    """Return the mean loss of the last layer's logits, (rows, outputs), against targets of the same shape."""
    if network.loss == "binary_crossentropy":
        return float((np.logaddexp(0.0, logits) - targets * logits).mean())
    if network.loss in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
        top = logits.max(axis=1, keepdims=True)
        log_sum = top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
        return float((targets * (log_sum - logits)).sum(axis=1).mean())
    if network.loss == "mean_squared_error":
        return float(np.square(activate(network.layers[-1].activation, logits) - targets).mean())
    raise NotImplementedError(f"the evaluator supports the losses {', '.join(LOSSES)}, got {network.loss!r}")


def accuracy(network: NetworkSpec, logits: FloatArray, targets: FloatArray) -> float:
    """Return the share of rows on the right side of one half (one output), or with the largest output at the label."""
    outputs = activate(network.layers[-1].activation, logits)
    if outputs.shape[1] == 1:
        return float(((outputs > 0.5) == (targets > 0.5)).mean())
    return float((outputs.argmax(axis=1) == targets.argmax(axis=1)).mean())


def r2(network: NetworkSpec, logits: FloatArray, targets: FloatArray) -> float:
    """Return R², the share of the targets' variance that is explained; 1 at best, 0 for their mean, and no least."""
    residual = np.square(activate(network.layers[-1].activation, logits) - targets).sum()
    return float(1.0 - residual / np.square(targets - targets.mean(axis=0)).sum())


def score(task: str, network: NetworkSpec, logits: FloatArray, targets: FloatArray) -> float:
    """Return how well a network does: its accuracy, or R² in a regression."""
    return r2(network, logits, targets) if task == REGRESSION else accuracy(network, logits, targets)


def as_targets(network: NetworkSpec, y: FloatArray) -> FloatArray:
    """Return labels as float64 targets, (rows, outputs): one-hot where the loss takes integers."""
    if network.loss == "sparse_categorical_crossentropy":
        one_hot: FloatArray = np.eye(network.layers[-1].units)[np.asarray(y).reshape(-1).astype(int)]
        return one_hot
    return np.asarray(y, dtype=np.float64).reshape(len(y), -1)


def loss_and_score(
    network: NetworkSpec, weights: Sequence[FloatArray], x: FloatArray, targets: FloatArray, task: str = CLASSIFICATION
) -> tuple[float, float]:
    """Return the mean loss and the score of a set of weights; both may be NaN or infinite if the weights are."""
    with np.errstate(over="ignore", invalid="ignore"):
        logits = forward(network, weights, x)[-1]
        return mean_loss(network, logits, targets), score(task, network, logits, targets)
