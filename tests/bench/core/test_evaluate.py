"""The evaluator: losses by arithmetic, and agreement with the published figures."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bench
from bench import datasets
from bench.core import evaluate
from bench.core.randomness import initial_weights
from bench.core.spec import LayerSpec, NetworkSpec
from bench.experiments import SCENARIOS
from numpy_nn import article

BASELINE = Path(__file__).parents[3] / "results" / "baseline"


def spec(loss: str, activation: str, outputs: int) -> NetworkSpec:
    return NetworkSpec((LayerSpec(2, outputs, activation),), loss, "sgd", 0.1, (), None, "float64")


def test_losses_by_hand() -> None:
    logits = np.log([[1.0, 2.0, 5.0]])
    assert evaluate.mean_loss(spec("categorical_crossentropy", "softmax", 3), logits, np.array([[0.0, 0.0, 1.0]])) == (
        pytest.approx(-math.log(0.625), rel=1e-14)
    )
    binary = spec("binary_crossentropy", "sigmoid", 1)
    assert evaluate.mean_loss(binary, np.array([[math.log(3.0)]]), np.array([[1.0]])) == (
        pytest.approx(-math.log(0.75), rel=1e-14)
    )
    squared = spec("mean_squared_error", "linear", 2)
    assert evaluate.mean_loss(squared, np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]])) == 2.5


def test_accuracy_of_one_output_and_of_several() -> None:
    one = spec("binary_crossentropy", "sigmoid", 1)
    logits, targets = np.array([[2.0], [-1.0], [3.0], [-4.0]]), np.array([[1.0], [1.0], [1.0], [0.0]])
    assert evaluate.accuracy(one, logits, targets) == 0.75
    several = spec("sparse_categorical_crossentropy", "softmax", 3)
    targets = evaluate.as_targets(several, np.array([0.0, 2.0]))
    assert evaluate.accuracy(several, np.array([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0]]), targets) == 0.5


def test_loss_is_finite_at_extreme_logits() -> None:
    binary = spec("binary_crossentropy", "sigmoid", 1)
    assert evaluate.mean_loss(binary, np.array([[1e4], [-1e4]]), np.array([[1.0], [0.0]])) == 0.0
    assert evaluate.mean_loss(binary, np.array([[1e4]]), np.array([[0.0]])) == 1e4


@pytest.fixture(scope="module")
def curves() -> Any:
    """Return the committed curves of the article's algorithm, from the weights of the article's seed."""
    found = bench.load(BASELINE).curves
    return found[(found.contender == "article") & (found.seed == 2)]


@pytest.mark.parametrize(
    ("name", "loss", "train", "test"),
    [("article_numpy", 0.0743, 0.9689, 0.98), ("printed_numpy", 0.6931, 0.5044, 0.46)],
)
def test_the_baseline_ends_at_the_published_figures_and_its_curve_is_that_of_the_article(
    curves: Any, name: str, loss: float, train: float, test: float
) -> None:
    curve = curves[curves.scenario == name].set_index("epoch")
    last = curve.loc[10_000]
    assert (round(last.train_loss, 4), round(last.train_accuracy, 4), last.test_accuracy) == (loss, train, test)

    scenario, data = SCENARIOS[name], datasets.load("moons")
    weights = initial_weights(scenario, 2)
    layers = [(k.T.copy(), b[:, None].copy()) for k, b in zip(weights[0::2], weights[1::2], strict=True)]
    done = 0
    for epoch in [each for each in curve.index if 0 < each <= 300]:
        layers = article.train(layers, data.x_train.T, data.y_train.T, epoch - done, 0.01, lambda _: None)
        done = epoch
        arrays = [array for w, b in layers for array in (w.T, b[:, 0])]
        for rows, x, y in (("train", data.x_train, data.y_train), ("test", data.x_test, data.y_test)):
            found = evaluate.loss_and_score(scenario.network, arrays, x, y)
            assert found == pytest.approx((curve.loc[epoch][f"{rows}_loss"], curve.loc[epoch][f"{rows}_accuracy"]))
    assert done > 100
