"""Activations: derivatives by differences; bench/parity compares them with Keras."""

import copy
import math
import pickle

import numpy as np
import pytest
from differences import numeric_gradient

from numpy_nn import Dense, activations, layers
from numpy_nn.activations import ACTIVATIONS, Activation, RectifiedLinear

# Every activation that a layer can use, with default and with other parameters.
IN_A_LAYER = [each for each in ACTIVATIONS.values() if each.name != "glu"] + [
    RectifiedLinear(negative_slope=0.3),
    RectifiedLinear(max_value=0.8, threshold=-0.5),
    RectifiedLinear(negative_slope=-0.1, threshold=0.4),
    activations.elu.configured(alpha=-0.5),
    activations.celu.configured(alpha=0.5),
    activations.gelu.configured(approximate=True),
    activations.hard_shrink.configured(threshold=0.25),
    activations.leaky_relu.configured(negative_slope=-0.5),
    activations.soft_shrink.configured(threshold=0.25),
    activations.squareplus.configured(b=1.5),
    activations.threshold.configured(threshold=-0.3, default_value=2.0),
]


def backpropagated(activation: Activation, z: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Return dL/dz, (units, rows), as a network computes it: in place, from the output or the logits."""
    a, slope, result = z.copy(), np.ones_like(z), delta.copy()
    activation.forward(a)
    activation.derivative(z if activation.of_logits else a, slope)
    activation.backward(result, a, slope)
    return result


def test_arguments_are_taken_by_position_and_by_name() -> None:
    assert activations.elu([-1.0], 0.5) == activations.elu([-1.0], alpha=0.5) == 0.5 * math.expm1(-1.0)
    np.testing.assert_array_equal(activations.threshold([1.0, -1.0], 0.2, default_value=5.0), [1.0, 5.0])
    np.testing.assert_array_equal(activations.relu([-1.0, 7.0], 0.5, 6.0), [-0.5, 6.0])


def test_gelu_is_the_error_function_of_the_standard_library() -> None:
    z = np.linspace(-12, 12, 2001)
    expected = [each * math.erfc(-each / math.sqrt(2)) / 2 for each in z]
    np.testing.assert_allclose(activations.gelu(z), expected, rtol=0, atol=2e-14)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_calling_an_activation_leaves_its_argument_unchanged(activation: Activation) -> None:
    x = np.array([[-1.0, 2.0]])
    activation(x)
    np.testing.assert_array_equal(x, [[-1.0, 2.0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_number_type_stays(activation: Activation, dtype: str) -> None:
    assert activation(np.ones((3, 2), dtype)).dtype == dtype


@pytest.mark.parametrize(
    "activation", [each for each in IN_A_LAYER if each.name != "exponential"], ids=lambda each: each.name
)
def test_no_activation_is_nan_at_extreme_logits(activation: Activation) -> None:
    x = np.array([[-3e4, -800.0, 0.0, 800.0, 3e4]], np.float32)
    with np.errstate(over="ignore"):
        assert not np.isnan(activation(x)).any()


@pytest.mark.parametrize("activation", IN_A_LAYER, ids=lambda each: each.name)
def test_backward_is_the_derivative_by_differences(activation: Activation) -> None:
    rng = np.random.default_rng(0)
    z = rng.standard_normal((3, 4))  # (units, rows)
    da = rng.standard_normal((3, 4))

    def loss(at: np.ndarray) -> float:
        a = at.copy()
        activation.forward(a)
        return float((a * da).sum())

    np.testing.assert_allclose(backpropagated(activation, z, da), numeric_gradient(loss, z), atol=1e-8)


@pytest.mark.parametrize("activation", IN_A_LAYER, ids=lambda each: each.name)
def test_an_activation_survives_pickling_and_the_module_s_own_stay_themselves(activation: Activation) -> None:
    x = np.linspace(-2, 2, 6).reshape(2, 3)
    for again in (pickle.loads(pickle.dumps(activation)), copy.deepcopy(activation)):  # noqa: S301 - our own bytes
        assert (again is activation) == (ACTIVATIONS[activation.name] is activation)
        np.testing.assert_array_equal(again(x), activation(x))


def test_get_accepts_what_kerass_does() -> None:
    assert activations.get(None) is activations.linear
    assert activations.get("swish") is activations.silu
    assert activations.relu.__name__ == "relu"
    leaky = activations.get(layers.LeakyReLU(0.1))
    np.testing.assert_allclose(leaky([-1.0, 2.0]), [-0.1, 2.0])
    written = Dense(1, leaky).get_config()["activation"]
    assert (written["class_name"], written["config"]["negative_slope"]) == ("LeakyReLU", 0.1)
    np.testing.assert_allclose(activations.get(written)([-1.0, 2.0]), [-0.1, 2.0])
    assert activations.get(layers.Softmax()) is activations.softmax
    assert activations.get(activations.mish) is activations.mish
    assert activations.get({"module": "builtins", "class_name": "function", "config": "relu"}) is activations.relu
    assert activations.deserialize(activations.serialize(activations.hard_swish)) is activations.hard_silu
