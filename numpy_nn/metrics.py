"""Metrics, from labels and predictions of shape (rows, outputs)."""

from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from numpy_nn.arrays import FloatArray
from numpy_nn.names import find


class Metric:
    """A number that is gathered over rows."""

    name: str

    def update_state(
        self, y_true: npt.NDArray[Any], y_pred: FloatArray, sample_weight: FloatArray | None = None
    ) -> None:
        """Take rows into account; labels and predictions are (rows, outputs), weights (rows,)."""
        raise NotImplementedError

    def result(self) -> float:
        """Return the number over all rows since `reset_state`."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget all rows."""
        raise NotImplementedError


class Accuracy(Metric):
    """The share of rows that are predicted rightly, as Keras reads ``"accuracy"``.

    With one output: whether the prediction lies on the label's side of 0.5. With more: whether the largest stands at
    the place that the label names, or at the largest of one-hot labels.
    """

    name = "accuracy"
    _direction = "up"

    def __init__(self) -> None:
        self.reset_state()

    def update_state(
        self, y_true: npt.NDArray[Any], y_pred: FloatArray, sample_weight: FloatArray | None = None
    ) -> None:
        """Take rows into account."""
        if y_pred.shape[1] == 1:
            right = ((y_pred > 0.5) == y_true)[:, 0]
        else:
            place = y_true[:, 0] if y_true.shape[1] == 1 else y_true.argmax(axis=1)
            right = y_pred.argmax(axis=1) == place
        self._right += float(right.sum() if sample_weight is None else (right * sample_weight).sum())
        self._rows += float(len(right) if sample_weight is None else sample_weight.sum())

    def result(self) -> float:
        """Return the share."""
        return self._right / self._rows if self._rows else 0.0

    def reset_state(self) -> None:
        """Forget all rows."""
        self._right = self._rows = 0.0


METRICS: dict[str, Callable[[], Metric]] = {"acc": Accuracy, "accuracy": Accuracy}


def get(identifier: str | Metric, y_true: Any = None, y_pred: Any = None) -> Metric:  # noqa: ARG001
    """Return the metric of that name; what some mean by it, labels and predictions say.

    Raises:
        ValueError: if there is no such metric; the nearest name is given.
    """
    return identifier if isinstance(identifier, Metric) else find("metric", identifier, METRICS)()
