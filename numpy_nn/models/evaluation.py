"""Loss and metrics of a network over many rows."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import metrics
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray, Variable, scalar
from numpy_nn.data import Prepared
from numpy_nn.metrics import Metric
from numpy_nn.models.backprop import forward
from numpy_nn.models.layout import Layout
from numpy_nn.models.objective import Objective
from numpy_nn.models.workspace import QUIET

# How many rows go through the network at a time.
ROWS = 4096


class Metrics:
    """The metrics that a network reports beside its loss; a metric of metrics, as Keras's.

    Attributes:
        loss: the mean loss of what was last trained or evaluated.
        given: what the user gave, and what of it counts rows by their weights.
        plain, weighted: the metrics made of it.
        settled: whether the first labels have decided what ``"accuracy"`` means.
    """

    name = "compile_metrics"

    def __init__(self, plain: Any, weighted: Any) -> None:
        self.loss = metrics.Mean("loss")
        self.given = (_flat("metrics", plain), _flat("weighted_metrics", weighted))
        self.settled = False
        self.plain, self.weighted = ([metrics.object_of(each) for each in some] for some in self.given)

    def settle(self, labels: npt.NDArray[Any], outputs: int, dtype: np.dtype[Any]) -> None:
        """Make the metrics again once there are labels, which decide what ``"accuracy"`` means."""
        if self.settled:
            return
        predictions = np.broadcast_to(np.zeros((), dtype), (len(labels), outputs))
        self.plain, self.weighted = (
            [metrics.object_of(each, labels, predictions) for each in some] for some in self.given
        )
        self.settled = True

    def named(self) -> Iterator[tuple[str, Metric, bool]]:
        """Yield each metric with its name in the logs, and whether it counts rows by their weights.

        As in Keras, a weighted metric of a name that is taken is ``weighted_``, and further ones are numbered.
        """
        uses: dict[str, int] = {}
        for metric, weighted in [*((each, False) for each in self.plain), *((each, True) for each in self.weighted)]:
            name = f"weighted_{metric.name}" if weighted and metric.name in uses else metric.name
            number = uses.get(name, 0)
            uses[name] = number + 1
            yield (f"{name}_{number}" if number else name), metric, weighted

    def __bool__(self) -> bool:
        return bool(self.plain or self.weighted)

    @property
    def metrics(self) -> list[Metric]:
        """All metrics."""
        return [*self.plain, *self.weighted]

    @property
    def variables(self) -> list[Variable]:
        """The variables of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def remember(self, logs: Mapping[str, Any]) -> None:
        """Keep the loss of what was trained or evaluated; the metrics have their state."""
        self.loss.reset_state()
        if "loss" in logs:
            self.loss.update_state([logs["loss"]])

    def result(self) -> dict[str, Any]:
        """Return the results of all metrics by name."""
        return {name: scalar(value) for name, value in self.results()}

    def reset_state(self) -> None:
        """Discard all rows."""
        for _, metric, _ in self.named():
            metric.reset_state()

    def update(
        self, labels: npt.NDArray[Any], predictions: FloatArray, weights: FloatArray | None, batch_size: int
    ) -> None:
        """Add rows; metrics of the user are updated by batches."""
        for _, metric, weighted in self.named():
            step = batch_size if _is_of_the_user(metric) else max(1, len(labels))
            for start in range(0, len(labels), step):
                rows = slice(start, start + step)
                some = () if weights is None or not weighted else (weights[rows],)
                metric.update_state(labels[rows], predictions[rows], *some)

    def results(self) -> Iterator[tuple[str, Any]]:
        """Yield the name and the result of each metric over all rows since `reset`."""
        for name, metric, _ in self.named():
            result = metric.result()
            yield name, float(result) if np.ndim(result) == 0 else np.asarray(result)


class Running:
    """Loss and metrics, by name, of the batches added so far.

    As in Keras the loss is the mean over batches of each batch's loss, batches weighted by their number of rows.
    """

    def __init__(self, objective: Objective, reported: Metrics) -> None:
        self._objective = objective
        self._reported = reported
        self._total = 0.0
        self.rows = 0

    def add(self, logits: FloatArray, penalty: float, batch: Prepared) -> None:
        """Add a batch: its logits, (rows, outputs), and what regularizers add to its loss."""
        if not self.rows:
            self._reported.reset_state()
        count = len(logits)
        with np.errstate(**QUIET):
            losses = self._objective.per_row(logits, batch.targets)
            self._total += count * (self._objective.reduced(losses, batch.targets, batch.weights, count) + penalty)
            if self._reported:
                self._reported.update(batch.labels, np.asarray(self._objective.last(logits)), batch.weights, count)
        self.rows += count

    def logs(self) -> dict[str, Any]:
        """Return loss and metrics of all rows so far, in the order of their names."""
        logs = {"loss": self._total / max(self.rows, 1), **dict(self._reported.results())}
        return dict(sorted(logs.items()))


def measure(
    objective: Objective,
    reported: Metrics,
    logits: FloatArray,
    examples: Prepared,
    batch_size: int,
    penalty: float,
) -> dict[str, Any]:
    """Return loss and metrics, by name, of logits, (rows, outputs); the loss counts batches as training does."""
    _, targets, labels, weights = examples
    with np.errstate(**QUIET):
        loss = objective.reduced(objective.per_row(logits, targets), targets, weights, batch_size) + penalty
        logs: dict[str, Any] = {"loss": loss}
        if reported:
            reported.reset_state()
            reported.update(labels, np.asarray(objective.last(logits)), weights, batch_size)
            logs |= reported.results()
    return dict(sorted(logs.items()))


def evaluate(
    layout: Layout, objective: Objective, reported: Metrics, examples: Prepared, batch_size: int
) -> dict[str, Any]:
    """Return loss and metrics, by name, with the weights as they are."""
    logits, penalty = logits_of(layout, examples.rows)
    return measure(objective, reported, logits, examples, batch_size, penalty)


def logits_of(layout: Layout, examples: FloatArray) -> tuple[FloatArray, float]:
    """Return the logits of rows with ones, (rows, outputs), and what regularizers add to the loss."""
    count = len(examples)
    logits = np.empty((count, layout.outputs), examples.dtype)
    of_activities = 0.0
    with np.errstate(**QUIET):
        for start in range(0, count, ROWS):
            rows = examples[start : start + ROWS]
            workspace = layout.workspace(len(rows), training=False)
            logits[start : start + ROWS] = forward(workspace, rows.T if workspace.reads_ones else rows.T[:-1]).T
            of_activities += len(rows) * sum(stage.penalty() for stage in workspace.penalized)
    return logits, layout.penalties(None) + of_activities / count if layout.penalizes else 0.0


def predicted(layout: Layout, x: npt.NDArray[Any], dtype: np.dtype[Any]) -> FloatArray:
    """Return what the last layer gives many rows, (rows, outputs)."""
    outputs = np.empty((len(x), layout.outputs), dtype)
    with np.errstate(**QUIET):
        for start in range(0, len(x), ROWS):
            some = x[start : start + ROWS]
            workspace = layout.workspace(len(some), training=False)
            workspace.features[...] = some.reshape(len(some), -1)
            outputs[start : start + ROWS] = finished(forward(workspace, workspace.below), layout.last)
    return outputs


def finished(logits: FloatArray, activation: Activation) -> FloatArray:
    """Return predictions, (rows, outputs), from the logits in a buffer, (outputs, rows), which is overwritten."""
    activation.forward(logits)
    return logits.T


def _is_of_the_user(metric: Metric) -> bool:
    """Return whether a metric is not of this package, or computes a function, so that it may depend on the batches."""
    return not type(metric).__module__.startswith("numpy_nn.") or type(metric) is metrics.MeanMetricWrapper


def _flat(name: str, given: Any) -> list[Any]:
    """Return metrics given in a list, or in a list or dictionary of one list, for the one output.

    As in Keras, any name may stand for the one output.

    Raises:
        ValueError: if they are neither a list nor a dictionary.
    """
    if not given:
        return []
    if not isinstance(given, list | tuple | dict):
        raise ValueError(f"{name} must be a list, or a dictionary by output, got {given!r}")
    each_output = given.values() if isinstance(given, dict) else given
    return [each for item in each_output for each in (item if isinstance(item, list | tuple) else [item])]
