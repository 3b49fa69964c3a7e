"""Activations: values by arithmetic, derivatives by differences."""

import math

import numpy as np
import pytest

from numpy_nn import activations
from numpy_nn.activations import ACTIVATIONS, Activation


def test_values_by_hand() -> None:
    x = np.array([[-2.0, 0.0, math.log(3.0)]])
    np.testing.assert_array_equal(activations.linear(x), x)
    np.testing.assert_array_equal(activations.relu(x), [[0.0, 0.0, math.log(3.0)]])
    np.testing.assert_allclose(activations.sigmoid(x), [[1 / (1 + math.e**2), 0.5, 0.75]], rtol=1e-15)
    np.testing.assert_allclose(activations.tanh(x), [[math.tanh(-2.0), 0.0, 0.8]], rtol=1e-15)
    np.testing.assert_allclose(activations.softmax(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]], rtol=1e-15)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_calling_one_leaves_its_argument_alone(activation: Activation) -> None:
    x = np.array([[-1.0, 2.0]])
    activation(x)
    np.testing.assert_array_equal(x, [[-1.0, 2.0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_number_type_stays(activation: Activation, dtype: str) -> None:
    assert activation(np.ones((2, 3), dtype)).dtype == dtype


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_no_activation_is_nan_at_extreme_logits(activation: Activation) -> None:
    x = np.array([[-3e4, -800.0, 0.0, 800.0, 3e4]], np.float32)
    assert not np.isnan(activation(x)).any()


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_backward_is_the_derivative_by_differences(activation: Activation) -> None:
    rng = np.random.default_rng(0)
    z = rng.standard_normal((3, 4))  # (units, rows)
    da = rng.standard_normal((3, 4))

    def loss(at: np.ndarray) -> float:
        return float((activation(at.T).T * da).sum())

    numeric = np.empty_like(z)
    for position in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[position] = 1e-6
        numeric[position] = (loss(z + step) - loss(z - step)) / 2e-6

    a, slope, delta = activation(z.T).T.copy(), np.ones_like(z), da.copy()
    activation.derivative(a, slope)
    activation.backward(delta, a, slope)
    np.testing.assert_allclose(delta, numeric, atol=1e-8)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="no activation named 'sigmiod'; did you mean 'sigmoid'"):
        activations.get("sigmiod")
