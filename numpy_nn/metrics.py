"""Metrics, from predictions and targets of shape (rows, outputs)."""

from collections.abc import Callable

from numpy_nn.arrays import FloatArray
from numpy_nn.names import find


def accuracy(targets: FloatArray, predictions: FloatArray) -> float:
    """Return the share of rows that are predicted rightly, as Keras reads ``"accuracy"``.

    With one output: whether the prediction lies on the target's side of 0.5. With more: whether the largest stands at
    the same place in both.
    """
    if predictions.shape[1] == 1:
        return float(((predictions > 0.5) == targets).mean())
    return float((predictions.argmax(axis=1) == targets.argmax(axis=1)).mean())


Metric = Callable[[FloatArray, FloatArray], float]

METRICS: dict[str, Metric] = {"accuracy": accuracy}


def get(name: str) -> Metric:
    """Return the metric of that name.

    Raises:
        ValueError: if there is no such metric; the nearest name is given.
    """
    return find("metric", name, METRICS)
