"""Metrics: results from Keras after several updates, and by hand."""

import math
from typing import Any

import numpy as np
import pytest
from beside_keras import ask_keras, assert_same, drawn
from hypothesis import strategies as st

from numpy_nn import losses, metrics
from numpy_nn.metrics import METRICS, Metric

rate = st.floats(0.0, 1.0, allow_subnormal=False)  # which TensorFlow takes for 0
thresholds = st.none() | rate | st.lists(rate, min_size=2, max_size=5) | st.just([0.0, 0.25, 0.5, 0.75, 1.0])
# Not one that a rate of few rows can meet exactly, where the last digit of a sum would decide.
asked = st.sampled_from([0.0, 0.137, 0.41, 0.683, 0.941])
of_top = {
    "thresholds": thresholds,
    "top_k": st.none() | st.integers(1, 3),
    "class_id": st.none() | st.integers(0, 2),
}
at_least = {"num_thresholds": st.sampled_from([1, 2, 3, 10, 200]), "class_id": st.none() | st.integers(0, 2)}
auc = {
    "num_thresholds": st.sampled_from([2, 3, 20, 200]),
    "curve": st.sampled_from(["ROC", "PR", "PRGAIN"]),
    "summation_method": st.sampled_from(["interpolation", "minoring", "majoring"]),
    "thresholds": st.lists(rate, min_size=1, max_size=5) | st.just([0.25, 0.5, 0.75]),
    "multi_label": st.booleans(),
    # exact in float32, since Keras computes with these in that type
    "label_weights": st.lists(st.floats(0.125, 2.0, width=32), min_size=3, max_size=3),
}
crossentropy = {"from_logits": st.booleans(), "label_smoothing": st.floats(0.0, 0.5, allow_subnormal=False)}
k = {"k": st.integers(1, 4)}

# For each metric: what its labels are, what its predictions are, arguments that it needs, and those that it may have.
Strategies = dict[str, st.SearchStrategy[Any]]
KINDS: dict[str, tuple[str, str, Strategies, Strategies]] = {
    "accuracy": ("bits", "bits", {}, {}),
    "auc": ("bits", "shares", {}, auc),
    "binary_accuracy": ("bits", "shares", {}, {"threshold": rate}),
    "binary_crossentropy": ("bits", "shares", {}, crossentropy),
    "categorical_accuracy": ("one hot", "shares", {}, {}),
    "categorical_crossentropy": ("one hot", "shares", {}, crossentropy),
    "categorical_hinge": ("one hot", "numbers", {}, {}),
    "concordance_correlation": ("numbers", "numbers", {}, {}),
    "cosine_similarity": ("numbers", "numbers", {}, {}),
    "f1_score": (
        "bits",
        "shares",
        {},
        {
            "average": st.sampled_from([None, "micro", "macro", "weighted"]),
            "threshold": st.none() | st.floats(0.1, 1.0),
        },
    ),
    "f_beta_score": (
        "one hot",
        "shares",
        {},
        {"average": st.sampled_from([None, "micro", "macro", "weighted"]), "beta": st.floats(0.5, 3.0)},
    ),
    "false_negatives": ("bits", "shares", {}, {"thresholds": thresholds}),
    "false_positives": ("bits", "shares", {}, {"thresholds": thresholds}),
    "hinge": ("bits", "numbers", {}, {}),
    "kl_divergence": ("shares", "shares", {}, {}),
    "log_cosh_error": ("numbers", "numbers", {}, {}),
    "mean_absolute_error": ("numbers", "numbers", {}, {}),
    "mean_absolute_percentage_error": ("numbers", "numbers", {}, {}),
    "mean_squared_error": ("numbers", "numbers", {}, {}),
    "mean_squared_logarithmic_error": ("shares", "numbers", {}, {}),
    "pearson_correlation": ("numbers", "numbers", {}, {}),
    "poisson": ("shares", "shares", {}, {}),
    "precision": ("bits", "shares", {}, of_top),
    "precision_at_recall": ("bits", "shares", {"recall": asked}, at_least),
    "r2_score": (
        "numbers",
        "numbers",
        {},
        {
            "class_aggregation": st.sampled_from([None, "uniform_average", "variance_weighted_average"]),
            "num_regressors": st.integers(0, 4),
        },
    ),
    "recall": ("bits", "shares", {}, of_top),
    "recall_at_precision": ("bits", "shares", {"precision": asked}, at_least),
    "root_mean_squared_error": ("numbers", "numbers", {}, {}),
    "sensitivity_at_specificity": ("bits", "shares", {"specificity": asked}, at_least),
    "sparse_categorical_accuracy": ("classes", "shares", {}, {}),
    "sparse_categorical_crossentropy": (
        "classes",
        "shares",
        {},
        {"from_logits": st.booleans(), "ignore_class": st.none() | st.integers(0, 2)},
    ),
    "sparse_top_k_categorical_accuracy": ("classes", "coarse shares", {}, k),
    "specificity_at_sensitivity": ("bits", "shares", {"sensitivity": asked}, at_least),
    "squared_hinge": ("bits", "numbers", {}, {}),
    "top_k_categorical_accuracy": ("one hot", "coarse shares", {}, k),
    "true_negatives": ("bits", "shares", {}, {"thresholds": thresholds}),
    "true_positives": ("bits", "shares", {}, {"thresholds": thresholds}),
}
OUTPUTS = 3

# Keras takes log(2) as float32, also when it computes in float64.
BOUNDS = {"log_cosh_error": 1e-7}


def values(kind: str, rng: np.random.Generator, rows: int) -> Any:
    numbers = rng.standard_normal((rows, OUTPUTS)) * 2
    shares = rng.random((rows, OUTPUTS))
    shares[0] = [0.0, 1.0, 0.5]  # at the thresholds, and where Keras clips
    return {
        "bits": (numbers > 0).astype(float),
        "one hot": np.eye(OUTPUTS)[rng.integers(0, OUTPUTS, rows)],
        "classes": rng.integers(0, OUTPUTS, rows),
        "numbers": numbers,
        "shares": shares,
        "coarse shares": np.round(shares * 4) / 4,  # with ties, and exact in float32
    }[kind].tolist()


@st.composite
def calls(draw: st.DrawFn, name: str) -> dict[str, Any]:
    labels, predictions, needed, optional = KINDS[name]
    arguments = draw(st.fixed_dictionaries(needed, optional=optional))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    updates = []
    for _ in range(3):
        rows = draw(st.integers(2, 6))
        y_true = values(labels, rng, rows)
        y_pred = values("numbers" if arguments.get("from_logits") else predictions, rng, rows)
        updates.append([y_true, y_pred, draw(st.none() | st.just(rng.random(rows).tolist()))])
    return {"name": name, "class": METRICS[name].__name__, "arguments": arguments, "updates": updates}


def test_results_are_those_of_keras() -> None:
    names = sorted(METRICS.keys() - {"mean", "sum"})
    assert names == sorted(KINDS)
    cases = [case for name in names for case in drawn(calls(name), 16)]
    answers = ask_keras(
        """
        for case in cases:
            metric = getattr(keras.metrics, case["class"])(**case["arguments"])
            results = []
            for y_true, y_pred, weights in case["updates"]:
                y_true, y_pred = np.array(y_true), np.array(y_pred)
                if "TopK" in case["class"]:  # TensorFlow's in_top_k takes no float64
                    y_pred = y_pred.astype("float32")
                metric.update_state(y_true, y_pred, weights and np.array(weights))
                results.append(plain(metric.result()))
            metric.reset_state()
            metric.update_state(y_true, y_pred, weights and np.array(weights))
            config = metric.get_config()
            if config.get("label_weights") is not None:
                config["label_weights"] = plain(config["label_weights"])
            answers.append([results, plain(metric.result()), config])
        """,
        cases,
    )
    for case, (results, after_reset, config) in zip(cases, answers, strict=True):
        bound = BOUNDS.get(case["name"], 1e-12)
        metric = METRICS[case["name"]](**case["arguments"])
        for (y_true, y_pred, weights), result in zip(case["updates"], results, strict=True):
            metric.update_state(y_true, y_pred, weights)
            assert_same(case, metric.result(), result, bound)
        metric.reset_state()
        assert_same(case, metric(y_true, y_pred, weights), after_reset, bound)
        ours = metric.get_config()
        numbered = ours.pop("name").rstrip("_0123456789")
        assert numbered == config.pop("name").rstrip("_0123456789")
        assert ours.pop("dtype") == "float32"  # the default, which the other process has changed
        assert config.pop("dtype") == "float64"
        assert ours == config
        assert type(metric).from_config(metric.get_config()).get_config() == metric.get_config()


def test_means_and_sums_by_hand() -> None:
    mean = metrics.Mean()
    mean.update_state([1.0, 3.0], sample_weight=[3.0, 1.0])
    mean.update_state([[4.0, 6.0]])
    assert mean.result() == (3 * 1 + 1 * 3 + 5) / (4 + 1)
    total = metrics.Sum()
    total.update_state([[1.0, 2.0], [3.0, 4.0]], sample_weight=[1.0, 0.5])
    assert total.result() == 3 + 3.5
    assert metrics.Mean().result() == 0.0


def test_the_functions_of_accuracy_say_which_rows_are_right() -> None:
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


def test_an_area_under_the_curve_by_hand() -> None:
    # of the four pairs of a positive and a negative, three are in order
    assert metrics.AUC(num_thresholds=1000)([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9]) == pytest.approx(0.75)


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
def test_accuracy_is_the_one_that_goes_with_the_shapes(
    y_true: tuple[int, ...], y_pred: tuple[int, ...], kind: type[Metric]
) -> None:
    for name in ("accuracy", "acc"):
        metric = metrics.get(name, np.empty(y_true), np.empty(y_pred))
        assert type(metric) is kind
        assert metric.name == name
    assert type(metrics.get("accuracy")) is metrics.Accuracy


def test_get_knows_keras_s_spellings() -> None:
    for identifier in ("mse", "MSE", "mean_squared_error", "MeanSquaredError"):
        assert type(metrics.get(identifier)) is metrics.MeanSquaredError
        assert metrics.get(identifier, np.empty(1), np.empty((1, 1))).name == identifier
    assert type(metrics.get(metrics.AUC)) is metrics.AUC
    written = metrics.serialize(metrics.TopKCategoricalAccuracy(k=3))
    assert metrics.deserialize(written).get_config() == written["config"]

    def largest_error(y_true: np.ndarray, y_pred: np.ndarray) -> Any:
        return np.abs(y_true - y_pred).max(axis=-1)

    custom = metrics.get(largest_error)
    assert custom.name == "largest_error"
    assert custom([[1.0, 2.0], [3.0, 4.0]], [[1.5, 2.0], [3.0, 2.0]]) == (0.5 + 2.0) / 2
    wrapper = metrics.MeanMetricWrapper(metrics.binary_accuracy, threshold=0.7)
    again = metrics.get(metrics.serialize(wrapper))
    assert again([1.0], [[0.6]]) == 0.0


def test_metrics_without_a_name_are_counted() -> None:
    first, second = metrics.AUC().name, metrics.AUC().name
    assert first.startswith("auc")
    assert second.startswith("auc_")
    assert first != second


@pytest.mark.parametrize("name", sorted(KINDS))
def test_results_in_float32_are_those_in_float64_but_for_rounding(name: str) -> None:
    labels, predictions, needed, _ = KINDS[name]
    rng = np.random.default_rng(0)
    # without the first row, where float32 knows little about what Keras clips
    y_true, y_pred = values(labels, rng, 6)[1:], np.array(values(predictions, rng, 6))[1:]
    arguments: Any = dict.fromkeys(needed, 0.5)
    single, double = METRICS[name](**arguments), METRICS[name](**arguments)
    single.update_state(y_true, y_pred.astype("float32"))
    double.update_state(y_true, y_pred)
    np.testing.assert_allclose(single.result(), double.result(), rtol=1e-5)


def test_sums_are_float64() -> None:
    total = metrics.Sum()
    total.update_state(np.array([2.0**24], "float32"))
    total.update_state(np.array([1.0], "float32"))
    assert total.result() == 2**24 + 1


def test_a_float32_prediction_at_the_threshold_is_not_above_it() -> None:
    assert metrics.BinaryAccuracy(threshold=0.1)([0.0], np.array([[0.1]], "float32")) == 1.0
    assert metrics.TruePositives(thresholds=0.1)([1.0], np.array([[0.1]], "float32")) == 0.0


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(ValueError, match="no metric named 'acuracy'; did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(ValueError, match="no metric's function named 'mine'"):
        metrics.get({"class_name": "MeanMetricWrapper", "config": {"fn": {"config": "mine"}}})
    with pytest.raises(ValueError, match=r"thresholds must lie between 0 and 1, got 1.5"):
        metrics.Precision(thresholds=[0.5, 1.5])
    with pytest.raises(ValueError, match="curve must be 'ROC', 'PR' or 'PRGAIN', got 'RCO'"):
        metrics.AUC(curve="RCO")
    with pytest.raises(ValueError, match="summation_method must be 'interpolation', 'minoring' or 'majoring'"):
        metrics.AUC(summation_method="mean")
    with pytest.raises(ValueError, match="num_thresholds must be at least 2, got 1"):
        metrics.AUC(num_thresholds=1)
    with pytest.raises(ValueError, match="num_labels means something with multi_label alone"):
        metrics.AUC(num_labels=3)
    with pytest.raises(ValueError, match="recall must lie between 0 and 1, got 2"):
        metrics.PrecisionAtRecall(2)
    with pytest.raises(ValueError, match="average must be None, 'micro', 'macro' or 'weighted', got 'mean'"):
        metrics.F1Score("mean")
    with pytest.raises(ValueError, match="beta must be above 0, got -1"):
        metrics.FBetaScore(beta=-1.0)
    with pytest.raises(ValueError, match=r"same shape, got \(2, 1\) and \(1, 2\)"):
        metrics.Recall()([[1], [0]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match=r"labels must have the shape \(1,\), got \(2,\)"):
        metrics.SparseCategoricalAccuracy()([0, 1], [[0.5, 0.5]])
    with pytest.raises(ValueError, match=r"must have the shape \(rows, outputs\), got \(2,\)"):
        metrics.R2Score()([1.0, 2.0], [1.0, 2.0])
    with pytest.warns(UserWarning, match="9 predictors are too many for 2 labels"):
        assert math.isfinite(metrics.R2Score(num_regressors=9)([[1.0], [2.0]], [[1.0], [2.5]]))


def test_a_result_that_was_read_is_not_changed_by_later_updates() -> None:
    metric = metrics.TruePositives([0.25, 0.75])
    metric.update_state([1, 1], [0.5, 0.9])
    first = metric.result()
    metric.update_state([1, 1], [0.5, 0.9])
    assert list(np.asarray(first)) == [2.0, 1.0]
    assert list(np.asarray(metric.result())) == [4.0, 2.0]
