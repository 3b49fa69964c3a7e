"""Optimizers: the first updates by hand. Equality with Keras is the proof's (test_proof_twins)."""

import math

import numpy as np
import pytest

from numpy_nn import optimizers
from numpy_nn.optimizers import SGD, Adam, Optimizer, RMSprop


def updates(optimizer: Optimizer, start: float, gradients: list[float], dtype: str = "float64") -> list[float]:
    parameters = np.array([start], dtype)
    optimizer.build(parameters)
    path = []
    for gradient in gradients:
        optimizer.update(parameters, np.array([gradient], dtype))
        path.append(float(parameters[0]))
    return path


def test_plain_descent() -> None:
    assert updates(SGD(0.5), 1.0, [2.0, -1.0]) == [0.0, 0.5]


def test_momentum() -> None:
    # velocities: -1, then 0.5 * -1 - 0.5 * 2 = -1.5
    assert updates(SGD(0.5, momentum=0.5), 1.0, [2.0, 2.0]) == [0.0, -1.5]


def test_nesterov_looks_ahead() -> None:
    # velocities -1 and -1.5; steps 0.5 * -1 - 1 = -1.5, then 0.5 * -1.5 - 1 = -1.75
    assert updates(SGD(0.5, momentum=0.5, nesterov=True), 1.0, [2.0, 2.0]) == [-0.5, -2.25]


def test_rmsprop_has_epsilon_under_the_root() -> None:
    # velocity 0.75 * 4 = 3, and 3 + 1 under the root: the step is 0.5 * 2 / 2
    assert updates(RMSprop(0.5, rho=0.25, epsilon=1.0), 1.0, [2.0]) == [0.5]


def test_centered_rmsprop_takes_off_the_squared_mean() -> None:
    # velocity 3, mean 1.5: 3 - 2.25 + 0.25 = 1 under the root
    assert updates(RMSprop(0.5, rho=0.25, epsilon=0.25, centered=True), 1.0, [2.0]) == [0.0]


def test_first_step_of_adam_is_the_learning_rate_whatever_the_gradient() -> None:
    for gradient in (1e-3, 1.0, 1e3):
        assert updates(Adam(0.25, epsilon=0.0), 1.0, [gradient])[0] == pytest.approx(0.75, rel=1e-12)


def test_adam_by_hand() -> None:
    # beta 0.5 both: means 1 and 0, variances 2 and 3; corrections sqrt(1 - 1/4) / (1 - 1/4) at the second update
    second = 0.0 - 0.5 * 0.0 * math.sqrt(0.75) / 0.75
    assert updates(Adam(0.5, 0.5, 0.5, epsilon=0.0), 0.5, [2.0, -1.0]) == pytest.approx([0.0, second], abs=1e-15)


def test_amsgrad_keeps_the_largest_variance() -> None:
    plain = updates(Adam(0.5, 0.5, 0.5), 0.0, [8.0, 0.5, 0.5, 0.5])
    kept = updates(Adam(0.5, 0.5, 0.5, amsgrad=True), 0.0, [8.0, 0.5, 0.5, 0.5])
    assert plain[0] == kept[0]
    assert abs(kept[3] - kept[2]) < abs(plain[3] - plain[2])


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_float32_stays_float32(name: str) -> None:
    parameters = np.ones(3, np.float32)
    optimizer = optimizers.get(name)
    optimizer.build(parameters)
    optimizer.update(parameters, np.ones(3, np.float32))
    assert parameters.dtype == np.float32
    assert all(getattr(optimizer, state).dtype == np.float32 for state in optimizer.state_names)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-0.1), "learning_rate must be a finite number of at least 0, got -0.1"),
        (lambda: SGD(math.nan), "learning_rate must be a finite number"),
        (lambda: SGD(momentum=1.5), "momentum must be between 0 and 1, got 1.5"),
        (lambda: RMSprop(rho=-1.0), "rho must be between 0 and 1, got -1.0"),
        (lambda: Adam(beta_2=1.0), "beta_2 must be between 0 and 1, got 1.0"),
        (lambda: Adam(epsilon=-1.0), "epsilon must be at least 0, got -1.0"),
        (lambda: optimizers.get("adan"), "no optimizer named 'adan'; did you mean 'adam'"),
    ],
)
def test_arguments_out_of_range_are_named(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator] # a lambda
