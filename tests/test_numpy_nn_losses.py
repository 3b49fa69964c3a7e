"""Losses: values by arithmetic, gradients by the network's gradient check (test_numpy_nn_models)."""

import math

import numpy as np
import pytest

from numpy_nn import activations, losses
from numpy_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)


def test_binary_crossentropy_by_hand() -> None:
    expected = -(math.log(0.8) + math.log(1 - 0.3)) / 2
    assert BinaryCrossentropy()([1, 0], [[0.8], [0.3]]) == pytest.approx(expected, rel=1e-12)
    logits = [[math.log(0.8 / 0.2)], [math.log(0.3 / 0.7)]]
    assert BinaryCrossentropy(from_logits=True)([1, 0], logits) == pytest.approx(expected, rel=1e-12)


def test_categorical_crossentropy_by_hand_from_one_hot_and_from_integers() -> None:
    expected = -(math.log(0.7) + math.log(0.2)) / 2
    predictions = [[0.1, 0.7, 0.2], [0.2, 0.5, 0.3]]
    assert CategoricalCrossentropy()([[0, 1, 0], [1, 0, 0]], predictions) == pytest.approx(expected, rel=1e-12)
    assert SparseCategoricalCrossentropy()([1, 0], predictions) == pytest.approx(expected, rel=1e-12)


def test_mean_squared_error_by_hand() -> None:
    assert MeanSquaredError()([[1.0, 2.0], [3.0, 4.0]], [[1.5, 2.0], [3.0, 2.0]]) == (0.25 + 4.0) / 4


@pytest.mark.parametrize("logit", [-1e4, 1e4])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_crossentropy_is_finite_and_its_gradient_too_at_extreme_logits(logit: float, label: float) -> None:
    loss = BinaryCrossentropy(from_logits=True)
    assert loss([label], [[logit]]) == (abs(logit) if (logit > 0) != bool(label) else 0.0)
    predictions, out = (
        loss.link(activations.linear)(np.array([[logit]], np.float32)),
        np.empty((1, 1), np.float32),
    )
    loss.gradient(predictions, np.array([[label]], np.float32), 1, out)
    assert abs(out[0, 0]) == (1.0 if (logit > 0) != bool(label) else 0.0)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_labels_of_one_and_two_dimensions_mean_the_same(name: str) -> None:
    loss = losses.get(name)
    outputs = 3 if name == "sparse_categorical_crossentropy" else 1
    flat = loss.prepare([1, 0, 1], outputs, np.dtype("float32"))
    column = loss.prepare([[1], [0], [1]], outputs, np.dtype("float32"))
    np.testing.assert_array_equal(flat, column)
    assert flat.shape == (3, outputs)


@pytest.mark.parametrize(
    ("loss", "labels", "outputs", "message"),
    [
        (BinaryCrossentropy(), ["a", "b"], 1, "labels must be numbers, got an array of type <U1"),
        (BinaryCrossentropy(), [1.0, math.nan], 1, "labels must be finite"),
        (BinaryCrossentropy(), [[1.0, 0.0]], 1, r"must have the shape \(rows, 1\), got \(1, 2\)"),
        (SparseCategoricalCrossentropy(), [0, 3], 3, "between 0 and 2 for 3 outputs, got 0 to 3"),
        (SparseCategoricalCrossentropy(), [0.5], 3, "integer labels, got .*0.5"),
    ],
)
def test_bad_labels_are_named(loss: Loss, labels: object, outputs: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        loss.prepare(labels, outputs, np.dtype("float32"))  # type: ignore[arg-type] # that is the point


def test_a_loss_says_which_last_layer_it_needs() -> None:
    with pytest.raises(ValueError, match="needs a last layer with activation 'sigmoid', got activation 'tanh'"):
        BinaryCrossentropy().link(activations.tanh)
    with pytest.raises(ValueError, match="needs a linear last layer, got activation 'sigmoid'"):
        BinaryCrossentropy(from_logits=True).link(activations.sigmoid)
