"""Optimizers: the first updates by hand; bench/parity compares fifty updates with Keras."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from numpy_nn import Dense, Input, Sequential, optimizers
from numpy_nn.layers import BatchNormalization
from numpy_nn.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lamb,
    Lion,
    Muon,
    Optimizer,
    RMSprop,
    schedules,
)


def updates(optimizer: Optimizer, start: float, gradients: list[float], dtype: str = "float64") -> list[float]:
    parameters = np.array([start], dtype)
    optimizer.build(parameters)
    path = []
    for gradient in gradients:
        optimizer.update(parameters, np.array([gradient], dtype))
        path.append(float(parameters[0]))
    return path


def updated(optimizer: Optimizer, parameters: np.ndarray, gradient: np.ndarray, *variables: Any) -> np.ndarray:
    """Return the parameters, changed by one update; ``variables`` tells `build` how to split them, and their paths."""
    optimizer.build(parameters, *variables)
    optimizer.update(parameters, gradient)
    return parameters


def in_two(flat: np.ndarray) -> list[np.ndarray]:
    return [flat[:2], flat[2:]]


# For each rule: an optimizer, the start, the gradients, and the weight after each update as computed by hand.
BY_HAND: dict[str, tuple[Optimizer, float, list[float], list[float]]] = {
    "plain descent": (SGD(0.5), 1.0, [2.0, -1.0], [0.0, 0.5]),
    # velocities: -1, then 0.5 * -1 - 0.5 * 2 = -1.5
    "momentum": (SGD(0.5, momentum=0.5), 1.0, [2.0, 2.0], [0.0, -1.5]),
    # velocities -1 and -1.5; steps 0.5 * -1 - 1 = -1.5, then 0.5 * -1.5 - 1 = -1.75
    "Nesterov looks ahead": (SGD(0.5, momentum=0.5, nesterov=True), 1.0, [2.0, 2.0], [-0.5, -2.25]),
    # velocity 0.75 * 4 = 3, and 3 + 1 under the root: the step is 0.5 * 2 / 2
    "RMSprop has epsilon under the root": (RMSprop(0.5, rho=0.25, epsilon=1.0), 1.0, [2.0], [0.5]),
    # velocity 3, mean 1.5: 3 - 2.25 + 0.25 = 1 under the root
    "centered RMSprop": (RMSprop(0.5, rho=0.25, epsilon=0.25, centered=True), 1.0, [2.0], [0.0]),
    # whatever the gradient, the first step is the learning rate
    "Adam, small gradient": (Adam(0.25, epsilon=0.0), 1.0, [1e-3], [0.75]),
    "Adam, large gradient": (Adam(0.25, epsilon=0.0), 1.0, [1e3], [0.75]),
    # beta 0.5 both: means 1 and 0, so the second step is zero
    "Adam": (Adam(0.5, 0.5, 0.5, epsilon=0.0), 0.5, [2.0, -1.0], [0.0, 0.0]),
    # the largest variance, 16, divides the second step too: 0.5 * 1 / 4
    "amsgrad": (Adam(0.5, 0.0, 0.0, epsilon=0.0, amsgrad=True), 1.0, [4.0, 1.0], [0.5, 0.375]),
    # 5 + 4 = 9 and 9 + 16 = 25 under the roots: steps 0.5 * 2 / 3 and 0.5 * 4 / 5
    "Adagrad": (Adagrad(0.5, 5.0, epsilon=0.0), 1.0, [2.0, 4.0], [1 - 1 / 3, 1 - 1 / 3 - 0.4]),
    # squares 0.75 * 4 = 3; sqrt(0 + 1) / sqrt(3 + 1) * 2 = 1
    "Adadelta": (Adadelta(0.5, rho=0.25, epsilon=1.0), 1.0, [2.0], [0.5]),
    # corrected mean 2, largest 2; then mean 1.5 / 0.75 = 2, largest max(0.5 * 2, 2) = 2
    "Adamax": (Adamax(0.5, 0.5, 0.5, epsilon=0.0), 1.0, [2.0, 2.0], [0.5, 0.0]),
    # means 0 and 1: signs of 0.5 * 2 and of 0.5 * 1 - 0.5 * 0.5
    "Lion": (Lion(0.25, 0.5, 0.5), 1.0, [2.0, -0.5], [0.75, 0.5]),
    # Adam's corrected direction is 1 at first; the weight is 6 long: a step of 0.5 * 6
    "LAMB steps as far as the weights are long": (Lamb(0.5, epsilon=0.0), 6.0, [4.0], [3.0]),
    # (clip(2, ±3) - 2) / (sqrt(4) / 0.5), and clipped to ±1 instead
    "Ftrl, small gradient": (Ftrl(0.5, -0.5, 0.0, l1_regularization_strength=3.0), 0.0, [2.0], [0.0]),
    "Ftrl": (Ftrl(0.5, -0.5, 0.0, l1_regularization_strength=1.0), 0.0, [2.0], [-0.25]),
    # 1 - 0.5 * 0.25 * 1 = 0.875, then a step of 0.25
    "weights decay before the step": (SGD(0.25, weight_decay=0.5), 1.0, [1.0], [0.625]),
    # weights 0.5 and 0; the average begins at 0.5, then 0.5 * 0.5 + 0.5 * 0 = 0.25 replaces the weights
    "averages replace the weights": (
        SGD(0.5, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
        1.0,
        [1.0, 1.0],
        [0.5, 0.25],
    ),
}


@pytest.mark.parametrize("rule", BY_HAND)
def test_the_first_updates_by_hand(rule: str) -> None:
    optimizer, start, gradients, path = BY_HAND[rule]
    assert updates(optimizer, start, gradients) == pytest.approx(path, rel=1e-12, abs=1e-15)


def test_a_subclass_with_its_own_constructor_keeps_its_bases_configuration() -> None:
    class Heavy(optimizers.SGD):
        def __init__(self, extra: int = 3) -> None:
            super().__init__(0.25, momentum=0.5)
            self.extra = extra

    config = Heavy().get_config()
    assert (config["momentum"], config["nesterov"], config["learning_rate"]) == (0.5, False, 0.25)
    assert config["extra"] == 3


def test_variables_can_be_excluded_from_weight_decay_by_name_or_by_identity() -> None:
    def after_an_update(optimizer: Optimizer, **left_out: Any) -> list[float]:
        parameters = np.ones(3)
        optimizer.exclude_from_weight_decay(**(left_out or {"var_list": [parameters[:2]]}))
        return list(updated(optimizer, parameters, np.zeros(3), in_two, ["net/dense/kernel", "net/dense/bias"]))

    assert AdamW().weight_decay == 0.004
    assert after_an_update(SGD(0.5, weight_decay=0.5), var_names=["bias"]) == [0.75, 0.75, 1.0]
    assert after_an_update(SGD(0.5, weight_decay=0.5), var_names=["dense"]) == [0.75, 0.75, 0.75]
    assert after_an_update(SGD(0.5, weight_decay=0.5)) == [1.0, 1.0, 0.75]
    assert after_an_update(AdamW(0.5, weight_decay=0.5), var_names=["bias", "kernel"]) == [1.0, 1.0, 1.0]
    parameters = np.ones(3)
    nameless = SGD(0.5, weight_decay=0.5)
    nameless.exclude_from_weight_decay(var_list=[parameters[:2]])
    assert list(updated(nameless, parameters, np.zeros(3), in_two)) == [1.0, 1.0, 0.75]
    late = SGD(weight_decay=0.5)
    late.build(np.ones(1))
    with pytest.raises(ValueError, match="before the optimizer is given to compile"):
        late.exclude_from_weight_decay(var_names=["bias"])


def test_muon_steps_by_an_orthogonal_matrix() -> None:
    gradient = np.random.default_rng(0).standard_normal(12)
    optimizer = Muon(
        0.5, momentum=0.0, rms_rate=None, weight_decay=None, muon_a=1.5, muon_b=-0.5, muon_c=0.0, ns_steps=40
    )
    parameters = updated(optimizer, np.zeros(12), gradient, lambda flat: [flat.reshape(3, 4)])
    left, _, right = np.linalg.svd(gradient.reshape(3, 4), full_matrices=False)
    np.testing.assert_allclose(parameters.reshape(3, 4), -0.5 * left @ right, atol=1e-9)


def test_muon_leaves_excluded_layers_to_adam() -> None:
    def after_an_update(optimizer: Optimizer, path: str) -> np.ndarray:
        gradient = np.array([1.0, -2.0, 3.0, 4.0])
        return updated(optimizer, np.ones(4), gradient, lambda flat: [flat.reshape(2, 2)], [path])

    by_adam = after_an_update(Adam(0.5), "net/last/kernel")
    plain: dict[str, Any] = {"learning_rate": 0.5, "weight_decay": None, "adam_weight_decay": None}
    told = Muon(exclude_layers=["last"], **plain)
    np.testing.assert_array_equal(after_an_update(told, "net/last/kernel"), by_adam)
    np.testing.assert_array_equal(after_an_update(Muon(**plain), "net/Embedding/kernel"), by_adam)
    assert not np.allclose(after_an_update(told, "net/first/kernel"), by_adam)


def test_a_gradient_is_clipped_by_value_by_variable_or_as_a_whole() -> None:
    gradient = np.array([3.0, 4.0, 12.0])

    def steps(**clip: float) -> list[float]:
        optimizer = SGD(1.0, **clip)  # type: ignore[arg-type] # one of the three
        return list(-updated(optimizer, np.zeros(3), gradient, in_two))

    assert steps(clipvalue=3.5) == [3.0, 3.5, 3.5]
    assert steps(clipnorm=2.5) == [1.5, 2.0, 2.5]  # norms 5 and 12
    assert steps(global_clipnorm=6.5) == [1.5, 2.0, 6.0]  # norm 13
    assert steps(clipnorm=100.0) == [3.0, 4.0, 12.0]
    assert list(gradient) == [3.0, 4.0, 12.0]  # the network's own gradient is unchanged


def test_gradients_of_several_batches_are_averaged() -> None:
    optimizer = SGD(0.5, gradient_accumulation_steps=2)
    assert updates(optimizer, 1.0, [1.0, 3.0, 2.0, 0.0]) == [1.0, 0.0, 0.0, -0.5]
    assert optimizer.iterations == 2


def test_a_large_vector_is_updated_in_blocks_with_the_same_result() -> None:
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal(70_000), rng.standard_normal((3, 70_000))
    whole, parts = start.copy(), np.array_split(start.copy(), 7)
    optimizer, several = Adam(), [Adam() for _ in parts]
    optimizer.build(whole)
    for each, part in zip(several, parts, strict=True):
        each.build(part)
    for gradient in gradients:
        optimizer.update(whole, gradient)
        for each, part, share in zip(several, parts, np.array_split(gradient, 7), strict=True):
            each.update(part, share)
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_a_schedule_sets_the_rate_of_each_update() -> None:
    halving = schedules.ExponentialDecay(1.0, decay_steps=1, decay_rate=0.5)
    optimizer = SGD(halving)
    assert updates(optimizer, 0.0, [1.0, 1.0, 1.0]) == [-1.0, -1.5, -1.75]
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate = 0.1
    again = SGD.from_config(optimizer.get_config())
    assert updates(again, 0.0, [1.0, 1.0]) == [-1.0, -1.5]


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_float32_stays_float32(name: str) -> None:
    optimizer = optimizers.get(name)
    parameters = updated(optimizer, np.ones(3, np.float32), np.ones(3, np.float32))
    assert parameters.dtype == np.float32
    assert all(getattr(optimizer, state).dtype == np.float32 for state in optimizer.state_names)


# As a variable of Keras, and by hand


def small(optimizer: Any) -> Any:
    layers = [Dense(3, "tanh", kernel_regularizer="l2"), Dense(1)]
    model = Sequential([Input((2,)), *layers], dtype="float64", seed=3, name="net")
    model.compile(optimizer, "mse")
    return model


OF_ALL_KINDS: list[Callable[[], Any]] = [
    lambda: optimizers.SGD(0.1, momentum=0.5, clipnorm=0.5),
    lambda: optimizers.Adam(0.1, weight_decay=0.01),
    lambda: optimizers.Adafactor(0.1),
    lambda: optimizers.Muon(0.1),
    lambda: optimizers.RMSprop(schedules.ExponentialDecay(0.1, 2, 0.5), use_ema=True),
]


@pytest.mark.parametrize("optimizer", OF_ALL_KINDS)
def test_applying_gradients_is_the_update_of_training(optimizer: Callable[[], Any]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 2)), rng.normal(size=(20, 1))
    trained, compiled, by_hand, own = small(optimizer()), small(optimizer()), small("sgd"), optimizer()
    trained.optimizer.build(trained.trainable_variables)  # as users of Keras do: it is built already
    for _ in range(5):
        trained.train_on_batch(x, y)
        compiled.optimizer.apply(compiled.gradients(x, y), compiled.trainable_variables)
        own.apply_gradients(zip(by_hand.gradients(x, y), by_hand.trainable_variables, strict=True))
    for mine, other, wanted in zip(compiled.weights, by_hand.weights, trained.weights, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-12)
        np.testing.assert_allclose(other, wanted, rtol=1e-12)
    assert int(own.iterations) == int(own.iterations.numpy()) == 5
    assert [each.shape for each in own.variables] == [each.shape for each in trained.optimizer.variables]


def test_gradients_that_do_not_fit_are_refused() -> None:
    model = small("sgd")
    with pytest.raises(
        ValueError, match=r"for each of the 4 variables, of the shapes \[\(2, 3\), .* got 4 .* \[\(3,\)"
    ):
        model.optimizer.apply([np.ones(3)] * 4, model.trainable_variables)


def test_the_learning_rate_is_set_as_in_keras() -> None:
    optimizer = optimizers.SGD(0.1)
    optimizer.learning_rate.assign(0.5)
    assert (float(optimizer.learning_rate), optimizer.learning_rate.numpy()) == (0.5, 0.5)
    assert optimizer.get_config()["learning_rate"] == 0.5
    optimizer.learning_rate = schedules.ExponentialDecay(0.25, 10, 0.5)
    assert optimizer.learning_rate == 0.25
    with pytest.raises(
        TypeError, match="this optimizer follows a schedule; to set it later, create the optimizer with"
    ):
        optimizer.learning_rate.assign(0.5)
    rates = iter([1.0, 2.0])
    parameters, gradient = np.zeros(1), np.ones(1)
    called = optimizers.SGD(lambda: next(rates))
    called.build(parameters)
    for expected in (-1.0, -3.0):
        called.update(parameters, gradient)
        assert parameters[0] == expected
    called.iterations.assign(7)
    assert called.iterations == 7


def test_weights_answer_as_variables_of_keras() -> None:
    model = small("sgd")
    assert [each.path for each in model.weights] == [
        f"net/{layer.name}/{name}" for layer in model.layers for name in ("kernel", "bias")
    ]
    kernel, bias = model.layers[0].weights
    before = kernel.numpy()
    kernel.assign(np.ones((2, 3))).assign_add(np.ones((2, 3)))
    bias.assign_sub([1.0, 1.0, 1.0])
    np.testing.assert_array_equal(model.get_weights()[0], np.full((2, 3), 2.0))
    np.testing.assert_array_equal(model.get_weights()[1], [-1.0, -1.0, -1.0])
    assert not np.array_equal(before, kernel.numpy())
    assert model.losses[0].numpy() == model.layers[0].losses[0] == pytest.approx(0.01 * 6 * 4)
    x = np.ones((1, 2))
    assert type(model(x).numpy()) is type(model.predict(x)) is type((kernel - 1).numpy()) is np.ndarray
    moving = BatchNormalization()
    moving.build((None, 2))
    mean: Any = moving.moving_mean
    for copied in (copy.deepcopy(mean), pickle.loads(pickle.dumps(mean))):  # noqa: S301 - our own bytes
        assert (copied.path, copied.trainable, kernel.trainable) == (mean.path, False, True)
    with pytest.raises(ValueError, match=r"net/dense\w*/kernel must have the shape \(2, 3\), got \(3, 2\)"):
        kernel.assign(np.ones((3, 2)))


def test_a_variable_follows_its_weight_into_another_network() -> None:
    model = small("sgd")
    kernel = model.layers[0].kernel
    other = Sequential([Input((2,)), model.layers[0]], dtype="float64")
    other.compile("sgd", "mse")
    other.fit(np.ones((4, 2)), np.zeros((4, 3)), verbose=0)
    np.testing.assert_array_equal(kernel.numpy(), other.get_weights()[0])
    kernel.assign(np.ones((2, 3)))
    np.testing.assert_array_equal(other.get_weights()[0], np.ones((2, 3)))
