"""Metrics by hand; bench/parity compares them with Keras."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

from bench.parity.comparisons.losses import labels, predictions
from bench.parity.comparisons.metrics import label_kind_of_metric
from numpy_nn import losses, metrics
from numpy_nn.arrays import Array, Variable
from numpy_nn.metrics import METRICS, Metric

# The required arguments of metrics.
NEEDED = {
    "precision_at_recall": "recall",
    "recall_at_precision": "precision",
    "sensitivity_at_specificity": "specificity",
    "specificity_at_sensitivity": "sensitivity",
}


def test_accuracy_functions_mark_the_right_rows() -> None:
    predictions = [[0.1, 0.7, 0.2], [0.4, 0.4, 0.2]]
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy([1, 1], predictions), [1, 0])
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy([[1], [1]], predictions), [1, 0])
    np.testing.assert_array_equal(metrics.categorical_accuracy([[0, 1, 0], [1, 0, 0]], predictions), [1, 1])
    np.testing.assert_array_equal(metrics.binary_accuracy([1, 0], [[0.6], [0.6]]), [[1], [0]])
    np.testing.assert_array_equal(metrics.sparse_top_k_categorical_accuracy([2, 2], predictions, k=2), [1, 0])
    np.testing.assert_array_equal(
        metrics.sparse_top_k_categorical_accuracy([7, 3], [[7, 1], [1, 2]], k=1, from_sorted_ids=True), [1, 0]
    )
    assert metrics.mean_squared_error is losses.mean_squared_error


@pytest.mark.parametrize(
    ("y_true", "y_pred", "kind"),
    [
        ((8,), (8, 1), metrics.BinaryAccuracy),
        ((8, 1), (8, 1), metrics.BinaryAccuracy),
        ((8,), (8, 3), metrics.SparseCategoricalAccuracy),
        ((8, 1), (8, 3), metrics.SparseCategoricalAccuracy),
        ((8, 3), (8, 3), metrics.CategoricalAccuracy),
    ],
)
def test_accuracy_follows_the_shapes(y_true: tuple[int, ...], y_pred: tuple[int, ...], kind: type[Metric]) -> None:
    for name in ("accuracy", "acc"):
        metric = metrics.object_of(name, np.empty(y_true), np.empty(y_pred))
        assert type(metric) is kind
        assert metric.name == name
    assert type(metrics.get("accuracy")) is metrics.Accuracy


def test_get_accepts_kerass_spellings() -> None:
    for identifier in ("mse", "MSE", "mean_squared_error", "MeanSquaredError"):
        assert type(metrics.get(identifier)) is metrics.MeanSquaredError
        assert metrics.object_of(identifier).name == identifier
    assert type(metrics.get(metrics.AUC)) is metrics.AUC
    written = metrics.serialize(metrics.TopKCategoricalAccuracy(k=3))
    assert metrics.deserialize(written).get_config() == written["config"]

    def largest_error(y_true: np.ndarray, y_pred: np.ndarray) -> Any:
        return np.abs(y_true - y_pred).max(axis=-1)

    assert metrics.get(largest_error) is largest_error
    assert metrics.get(metrics.serialize(metrics.hinge)) is metrics.hinge
    assert metrics.get(None) is None
    custom = metrics.object_of(largest_error)
    assert custom.name == "largest_error"
    assert custom([[1.0, 2.0], [3.0, 4.0]], [[1.5, 2.0], [3.0, 2.0]]) == (0.5 + 2.0) / 2
    wrapper = metrics.MeanMetricWrapper(metrics.binary_accuracy, threshold=0.7)
    again = metrics.get(metrics.serialize(wrapper))
    assert again([1.0], [[0.6]]) == 0.0


def test_top_k_of_one_axis_takes_the_largest_of_all() -> None:
    labels, predictions = [0, 1, 1, 0, 0], [0.2, 0.1, 0.5, 0.0, 0.3]
    assert metrics.Precision(top_k=3)(labels, predictions) == pytest.approx(1 / 3)
    assert metrics.Recall(top_k=2)(labels, predictions) == 0.5


def test_a_negative_class_counts_from_the_last() -> None:
    assert metrics.Precision(class_id=-1)([[1, 0], [0, 1]], [[0.9, 0.9], [0.9, 0.9]]) == 0.5


def test_the_thresholds_of_an_auc_have_its_ends() -> None:
    assert metrics.AUC(num_thresholds=3).thresholds == [-1e-7, 0.5, 1 + 1e-7]
    given = metrics.AUC(thresholds=[0.3])
    assert given.thresholds == [-1e-7, 0.3, 1 + 1e-7]
    assert given.get_config()["thresholds"] == [0.3]
    assert "thresholds" not in metrics.AUC().get_config()


class Within(Metric):
    """The metric of the example in `Metric`, and a variable of two values."""

    def __init__(self, distance: float = 0.5, name: str = "within", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.distance = distance
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.rows = self.add_weight(name="rows")
        self.both = self.add_variable((2,), "ones", dtype="float64", name="both")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.hits.assign_add(np.sum(np.abs(np.subtract(y_true, y_pred)) < self.distance))
        self.rows.assign_add(len(y_pred))
        self.both.assign_sub([1.0, 0.0])

    def result(self) -> Any:
        return self.hits / self.rows


def test_a_metric_of_ones_own_keeps_its_rows_in_variables() -> None:
    metric = Within()
    assert metric([[1.0], [2.0]], [[1.2], [3.0]]) == 0.5
    result = metric([[1.0], [2.0]], [[1.2], [2.0]])
    assert type(result) is Array
    assert result.numpy() == 0.75
    assert [each.path for each in metric.variables] == ["within/hits", "within/rows", "within/both"]
    assert [each.dtype for each in metric.variables] == ["float32", "float32", "float64"]
    np.testing.assert_array_equal(metric.both.numpy(), [-1.0, 1.0])
    for again in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):  # noqa: S301 - our own bytes
        assert again.rows is again.variables[1]
        assert again.rows.path == "within/rows"
        assert again.rows == 4.0
    metric.reset_state()
    assert [float(np.sum(each)) for each in metric.variables] == [0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match=r"within/both must have the shape \(2,\), got \(\)"):
        metric.both.assign(1.0)


def test_a_variable_stays_one_where_it_is_changed_and_gives_arrays_elsewhere() -> None:
    total = metrics.Mean().total
    same = total
    total += 2.0
    assert total is same
    assert type(total) is Variable
    assert type(total / 2) is Array
    assert f"{total / 2:.1f}" == "1.0"


def test_what_a_metric_lacks_is_named() -> None:
    with pytest.raises(NotImplementedError, match=r"Metric needs update_state\(y_true, y_pred, sample_weight=None\)"):
        Metric()([1.0], [1.0])
    with pytest.raises(NotImplementedError, match=r"Metric needs result\(\)"):
        Metric().result()
    hasty = type("Hasty", (Metric,), {"__init__": lambda self: self.add_weight() and None})
    with pytest.raises(RuntimeError, match=r"Hasty.__init__ must call super\(\).__init__\(\) before"):
        hasty()


def test_results_and_variables_are_named_as_in_keras() -> None:
    for name in METRICS.keys() - {"r2_score"}:  # which has no result without rows
        arguments: Any = {NEEDED[name]: 0.5} if name in NEEDED else {}
        assert type(METRICS[name](**arguments).result()) is Array
    names = {kind: [each.name for each in kind(name="m").variables] for kind in (metrics.Mean, metrics.Precision)}
    assert names == {metrics.Mean: ["total", "count"], metrics.Precision: ["true_positives", "false_positives"]}
    assert metrics.Recall(name="m").variables[1].path == "m/false_negatives"


def test_metrics_without_a_name_are_counted() -> None:
    first, second = metrics.AUC().name, metrics.AUC().name
    assert first.startswith("auc")
    assert second.startswith("auc_")
    assert first != second


@pytest.mark.parametrize("name", sorted(METRICS.keys() - {"mean", "sum"}))
def test_results_in_float32_equal_those_in_float64_up_to_rounding(name: str) -> None:
    kind, rng = label_kind_of_metric(METRICS[name].__name__), np.random.default_rng(0)
    # without the first row, where float32 is inexact about what Keras clips
    y_true, y_pred = labels(kind, rng)[1:], (labels if name == "accuracy" else predictions)(kind, rng)[1:]
    arguments: Any = {NEEDED[name]: 0.5} if name in NEEDED else {}
    single, double = METRICS[name](**arguments), METRICS[name](**arguments)
    single.update_state(y_true, y_pred.astype("float32"))
    double.update_state(y_true, y_pred)
    np.testing.assert_allclose(single.result(), double.result(), rtol=1e-5)


def test_sums_are_float64_and_a_mean_of_nothing_is_zero() -> None:
    total = metrics.Sum()
    total.update_state(np.array([2.0**24], "float32"))
    total.update_state(np.array([1.0], "float32"))
    assert total.result() == 2**24 + 1
    assert metrics.Mean().result() == 0.0


def test_a_float32_prediction_at_the_threshold_is_not_above_it() -> None:
    assert metrics.BinaryAccuracy(threshold=0.1)([0.0], np.array([[0.1]], "float32")) == 1.0
    assert metrics.TruePositives(thresholds=0.1)([1.0], np.array([[0.1]], "float32")) == 0.0


def test_a_score_of_too_few_labels_is_not_adjusted() -> None:
    with pytest.warns(UserWarning, match="9 predictors are too many to adjust the score of 2 labels"):
        assert math.isfinite(metrics.R2Score(num_regressors=9)([[1.0], [2.0]], [[1.0], [2.5]]))


def test_later_updates_leave_earlier_results_unchanged() -> None:
    metric = metrics.TruePositives([0.25, 0.75])
    metric.update_state([1, 1], [0.5, 0.9])
    first = metric.result()
    metric.update_state([1, 1], [0.5, 0.9])
    assert list(np.asarray(first)) == [2.0, 1.0]
    assert list(np.asarray(metric.result())) == [4.0, 2.0]
