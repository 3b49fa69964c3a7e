"""Optimizers: the first updates by hand, and all of them beside Keras over arguments that hypothesis draws."""

import math
from typing import Any

import numpy as np
import pytest
from beside_keras import ask_keras, assert_same, drawn
from hypothesis import strategies as st

from numpy_nn import optimizers
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


def test_adagrad_remembers_every_gradient() -> None:
    # 5 + 4 = 9 and 9 + 16 = 25 under the roots: steps 0.5 * 2 / 3 and 0.5 * 4 / 5
    path = updates(Adagrad(0.5, initial_accumulator_value=5.0, epsilon=0.0), 1.0, [2.0, 4.0])
    assert path == pytest.approx([1 - 1 / 3, 1 - 1 / 3 - 0.4])


def test_adadelta_steps_in_the_unit_of_the_weights() -> None:
    # squares 0.75 * 4 = 3; sqrt(0 + 1) / sqrt(3 + 1) * 2 = 1
    assert updates(Adadelta(0.5, rho=0.25, epsilon=1.0), 1.0, [2.0]) == [0.5]


def test_adamax_divides_by_the_largest_gradient() -> None:
    # corrected mean 2, largest 2; then mean 1.5 / 0.75 = 2, largest max(0.5 * 2, 2) = 2
    assert updates(Adamax(0.5, 0.5, 0.5, epsilon=0.0), 1.0, [2.0, 2.0]) == [0.5, 0.0]


def test_lion_takes_steps_of_one_size() -> None:
    # means 0 and 1: signs of 0.5 * 2 and of 0.5 * 1 - 0.5 * 0.5
    assert updates(Lion(0.25, 0.5, 0.5), 1.0, [2.0, -0.5]) == [0.75, 0.5]


def test_ftrl_leaves_weights_at_zero_that_gradients_do_not_carry() -> None:
    assert updates(Ftrl(0.5, l1_regularization_strength=3.0), 0.0, [2.0]) == [0.0]
    assert updates(Ftrl(0.5, l1_regularization_strength=1.0), 0.0, [2.0])[0] < 0.0


def test_weights_decay_before_the_step() -> None:
    # 1 - 0.5 * 0.25 * 1 = 0.875, then a step of 0.25
    assert updates(SGD(0.25, weight_decay=0.5), 1.0, [1.0]) == [0.625]
    assert AdamW().weight_decay == 0.004


def test_variables_may_be_left_out_of_the_decay_by_name_or_by_what_they_are() -> None:
    def after_an_update(optimizer: Optimizer, **left_out: Any) -> list[float]:
        parameters = np.ones(3)
        kernel = parameters[:2]
        optimizer.exclude_from_weight_decay(**(left_out or {"var_list": [kernel]}))
        optimizer.build(parameters, lambda flat: [flat[:2], flat[2:]], ["net/dense/kernel", "net/dense/bias"])
        optimizer.update(parameters, np.zeros(3))
        return list(parameters)

    assert after_an_update(SGD(0.5, weight_decay=0.5), var_names=["bias"]) == [0.75, 0.75, 1.0]
    assert after_an_update(SGD(0.5, weight_decay=0.5), var_names=["dense"]) == [0.75, 0.75, 0.75]
    assert after_an_update(SGD(0.5, weight_decay=0.5)) == [1.0, 1.0, 0.75]
    assert after_an_update(AdamW(0.5, weight_decay=0.5), var_names=["bias", "kernel"]) == [1.0, 1.0, 1.0]
    parameters = np.ones(2)
    nameless = SGD(0.5, weight_decay=0.5)
    nameless.exclude_from_weight_decay(var_list=[parameters[:1]])
    nameless.build(parameters, lambda flat: [flat[:1], flat[1:]])
    nameless.update(parameters, np.zeros(2))
    assert list(parameters) == [1.0, 0.75]
    late = SGD(weight_decay=0.5)
    late.build(np.ones(1))
    with pytest.raises(ValueError, match="before the optimizer is given to compile"):
        late.exclude_from_weight_decay(var_names=["bias"])


def test_lamb_steps_as_far_as_the_weights_are_long() -> None:
    # Adam's corrected direction is 1 everywhere at first, of length 2; the weights are 6 long: steps of 0.5 * 6 / 2
    parameters = np.full(4, 3.0)
    optimizer = Lamb(0.5, epsilon=0.0)
    optimizer.build(parameters)
    optimizer.update(parameters, np.array([1.0, 2.0, 3.0, 4.0]))
    np.testing.assert_allclose(parameters, 1.5, rtol=1e-12)


def test_muon_steps_by_an_orthogonal_matrix() -> None:
    parameters, gradient = np.zeros(12), np.random.default_rng(0).standard_normal(12)
    optimizer = Muon(
        0.5, momentum=0.0, rms_rate=None, weight_decay=None, muon_a=1.5, muon_b=-0.5, muon_c=0.0, ns_steps=40
    )
    optimizer.build(parameters, lambda flat: [flat.reshape(3, 4)])
    optimizer.update(parameters, gradient)
    left, _, right = np.linalg.svd(gradient.reshape(3, 4), full_matrices=False)
    np.testing.assert_allclose(parameters.reshape(3, 4), -0.5 * left @ right, atol=1e-9)


def test_muon_leaves_to_adam_what_it_is_told_to() -> None:
    start, gradient = np.ones(4), np.array([1.0, -2.0, 3.0, 4.0])

    def after_an_update(optimizer: Optimizer, path: str) -> np.ndarray:
        parameters = start.copy()
        optimizer.build(parameters, lambda flat: [flat.reshape(2, 2)], [path])
        optimizer.update(parameters, gradient)
        return parameters

    by_adam = after_an_update(Adam(0.5), "net/last/kernel")
    plain: dict[str, Any] = {"learning_rate": 0.5, "weight_decay": None, "adam_weight_decay": None}
    told = Muon(exclude_layers=["last"], **plain)
    np.testing.assert_array_equal(after_an_update(told, "net/last/kernel"), by_adam)
    np.testing.assert_array_equal(after_an_update(Muon(**plain), "net/Embedding/kernel"), by_adam)
    assert not np.allclose(after_an_update(told, "net/first/kernel"), by_adam)


def test_a_gradient_is_clipped_by_value_by_variable_or_as_a_whole() -> None:
    gradient = np.array([3.0, 4.0, 12.0])

    def steps(**clip: float) -> list[float]:
        parameters = np.zeros(3)
        optimizer = SGD(1.0, **clip)  # type: ignore[arg-type] # one of the three
        optimizer.build(parameters, lambda flat: [flat[:2], flat[2:]])
        optimizer.update(parameters, gradient)
        return list(-parameters)

    assert steps(clipvalue=3.5) == [3.0, 3.5, 3.5]
    assert steps(clipnorm=2.5) == [1.5, 2.0, 2.5]  # norms 5 and 12
    assert steps(global_clipnorm=6.5) == [1.5, 2.0, 6.0]  # norm 13
    assert steps(clipnorm=100.0) == [3.0, 4.0, 12.0]
    assert list(gradient) == [3.0, 4.0, 12.0]  # the network's own stays as it is


def test_gradients_of_several_batches_are_averaged() -> None:
    optimizer = SGD(0.5, gradient_accumulation_steps=2)
    assert updates(optimizer, 1.0, [1.0, 3.0, 2.0, 0.0]) == [1.0, 0.0, 0.0, -0.5]
    assert optimizer.iterations == 2


def test_an_average_follows_the_weights_and_replaces_them() -> None:
    # weights 0.5 and 0; the average begins at 0.5, then 0.5 * 0.5 + 0.5 * 0 = 0.25 takes their place
    optimizer = SGD(0.5, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    assert updates(optimizer, 1.0, [1.0, 1.0]) == [0.5, 0.25]


def test_a_large_vector_goes_through_in_blocks_and_comes_out_the_same() -> None:
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


# beside Keras

_EXACT = st.sampled_from([0.5, 0.75, 0.875, 0.9375])  # Keras takes such coefficients through float32
_SMALL = st.sampled_from([2.0**-7, 2.0**-10, 2.0**-20])
_RATE = st.sampled_from([2.0**-4, 2.0**-7, 2.0**-10])
_BETAS = {"beta_1": _EXACT, "beta_2": st.sampled_from([0.875, 1.0 - 2.0**-10])}
_RULES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "SGD": {"momentum": st.sampled_from([0.0, 0.5, 0.875]), "nesterov": st.booleans()},
    "RMSprop": {
        "rho": _EXACT,
        "momentum": st.sampled_from([0.0, 0.5]),
        "epsilon": _SMALL,
        "centered": st.booleans(),
    },
    "Adam": {**_BETAS, "epsilon": _SMALL, "amsgrad": st.booleans()},
    "AdamW": {**_BETAS, "epsilon": _SMALL, "amsgrad": st.booleans(), "weight_decay": _SMALL},
    "Adagrad": {"initial_accumulator_value": st.sampled_from([0.0, 0.125, 1.0]), "epsilon": _SMALL},
    "Adadelta": {"rho": _EXACT, "epsilon": _SMALL},
    "Adamax": {**_BETAS, "epsilon": _SMALL},
    "Nadam": {**_BETAS, "epsilon": _SMALL},
    "Lion": _BETAS,
    "Lamb": {**_BETAS, "epsilon": _SMALL},
    "Adafactor": {
        "beta_2_decay": st.sampled_from([-0.75, -0.5]),
        "epsilon_2": _SMALL,
        "clip_threshold": st.sampled_from([0.5, 1.0]),
        "relative_step": st.booleans(),
    },
    "Muon": {
        "adam_beta_1": _EXACT,
        "adam_lr_ratio": st.sampled_from([0.5, 1.0]),
        "momentum": _EXACT,
        "ns_steps": st.sampled_from([1, 5]),
        "nesterov": st.booleans(),
        "rms_rate": st.sampled_from([None, 0.25]),
        "weight_decay": st.sampled_from([None, 0.125]),
        "adam_beta_2": st.just(0.875),
        "adam_weight_decay": st.sampled_from([None, 0.25]),
    },
    "Ftrl": {
        "learning_rate_power": st.sampled_from([-0.5, -0.25]),
        "initial_accumulator_value": st.sampled_from([0.125, 1.0]),
        "l1_regularization_strength": st.sampled_from([0.0, 2.0**-7]),
        "l2_regularization_strength": st.sampled_from([0.0, 2.0**-7]),
        "l2_shrinkage_regularization_strength": st.sampled_from([0.0, 2.0**-7]),
        "beta": st.sampled_from([0.0, 0.25]),
    },
}
_BESIDE = st.sampled_from(
    [
        {},
        {"clipnorm": 0.5},
        {"clipvalue": 0.25},
        {"global_clipnorm": 0.5},
        {"use_ema": True, "ema_momentum": 0.875, "ema_overwrite_frequency": 7},
        {"gradient_accumulation_steps": 3},
        {"gradient_accumulation_steps": 2, "clipvalue": 0.25, "use_ema": True, "ema_overwrite_frequency": 3},
    ]
)

# Keras's constant 0.96 goes through float32.
_BOUNDS = {"Nadam": 1e-7}

_SHAPES = [(3, 4), (4,), (4, 2), (2,)]


def _variables(flat: np.ndarray) -> list[np.ndarray]:
    parts = np.split(flat, np.cumsum([math.prod(shape) for shape in _SHAPES])[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, _SHAPES, strict=True)]


def test_fifty_updates_of_every_optimizer_are_kerass() -> None:
    cases: list[dict[str, Any]] = [
        {"name": name, "options": {"learning_rate": rate, **beside, **own}}
        for name, options in _RULES.items()
        for rate, own, beside in drawn(st.tuples(_RATE, st.fixed_dictionaries(options), _BESIDE), 6)
    ]
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal(26), rng.standard_normal((50, 26))
    code = f"""
    start, gradients = np.array({start.tolist()}), np.array({gradients.tolist()})
    shapes = {_SHAPES}
    def variables(flat):
        parts = np.split(flat, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes)]
    for case in cases:
        optimizer = getattr(keras.optimizers, case["name"])(**case["options"])
        weights = [keras.Variable(part) for part in variables(start)]
        optimizer.build(weights)
        for gradient in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(part) for part in variables(gradient)], weights)
        answers.append({{"weights": [plain(each) for each in weights], "config": optimizer.get_config()}})
    """
    for case, answer in zip(cases, ask_keras(code, cases), strict=True):
        optimizer = getattr(optimizers, case["name"])(**case["options"])
        parameters = start.copy()
        optimizer.build(parameters, _variables)
        for gradient in gradients:
            optimizer.update(parameters, gradient)
        for ours, keras in zip(_variables(parameters), answer["weights"], strict=True):
            assert_same(case, ours, keras, _BOUNDS.get(case["name"], 1e-12))
        own = {"name": answer["config"]["name"], "learning_rate": pytest.approx(answer["config"]["learning_rate"])}
        assert optimizer.get_config() | own == answer["config"], case
        assert type(optimizer).from_config(optimizer.get_config()).get_config() == optimizer.get_config()


_DECAY = {"initial_learning_rate": _RATE, "decay_steps": st.integers(1, 40)}
_SCHEDULES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "ExponentialDecay": {**_DECAY, "decay_rate": _EXACT, "staircase": st.booleans()},
    "InverseTimeDecay": {**_DECAY, "decay_rate": _EXACT, "staircase": st.booleans()},
    "PolynomialDecay": {
        **_DECAY,
        "end_learning_rate": _SMALL,
        "power": st.sampled_from([0.5, 1.0, 2.0]),
        "cycle": st.booleans(),
    },
    "CosineDecay": {
        **_DECAY,
        "alpha": st.sampled_from([0.0, 0.25]),
        "warmup_target": st.sampled_from([None, 0.5]),
        "warmup_steps": st.integers(1, 20),
    },
    "CosineDecayRestarts": {
        "initial_learning_rate": _RATE,
        "first_decay_steps": st.integers(5, 20),
        "t_mul": st.sampled_from([1.0, 1.5, 2.0]),
        "m_mul": st.sampled_from([0.5, 1.0]),
        "alpha": st.sampled_from([0.0, 0.25]),
    },
    "PiecewiseConstantDecay": {
        "boundaries": st.just([3, 9, 20]),
        "values": st.lists(_RATE, min_size=4, max_size=4),
    },
}


def test_schedules_are_kerass_over_fifty_steps() -> None:
    cases: list[dict[str, Any]] = [
        {"name": name, "options": own}
        for name, options in _SCHEDULES.items()
        for own in drawn(st.fixed_dictionaries(options), 8)
    ]
    code = """
    for case in cases:
        schedule = getattr(keras.optimizers.schedules, case["name"])(**case["options"])
        answers.append([[float(schedule(step)) for step in range(50)], schedule.get_config()])
    """
    for case, (rates, config) in zip(cases, ask_keras(code, cases), strict=True):
        schedule = getattr(schedules, case["name"])(**case["options"])
        # Keras computes schedules in float32; where a restart falls on a step, either side may come first
        apart = sum(abs(schedule(step) - rate) > 1e-6 * max(rates) for step, rate in enumerate(rates))
        assert apart <= (case["name"] == "CosineDecayRestarts"), case
        assert schedule.get_config() == config


def test_a_schedule_sets_the_rate_of_each_update() -> None:
    halving = schedules.ExponentialDecay(1.0, decay_steps=1, decay_rate=0.5)
    optimizer = SGD(halving)
    assert updates(optimizer, 0.0, [1.0, 1.0, 1.0]) == [-1.0, -1.5, -1.75]
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate = 0.1
    again = SGD.from_config(optimizer.get_config())
    assert updates(again, 0.0, [1.0, 1.0]) == [-1.0, -1.5]


def test_the_rate_may_be_set_between_updates() -> None:
    optimizer = SGD(1.0)
    parameters = np.zeros(1)
    optimizer.build(parameters)
    optimizer.update(parameters, np.ones(1))
    optimizer.learning_rate = 0.5
    optimizer.update(parameters, np.ones(1))
    assert parameters == [-1.5]


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
        (lambda: SGD(clipnorm=1.0, clipvalue=1.0), "only one of clipnorm, clipvalue, global_clipnorm"),
        (lambda: SGD(gradient_accumulation_steps=1), "gradient_accumulation_steps must be at least 2, got 1"),
        (lambda: SGD(use_ema=True, ema_momentum=2.0), "ema_momentum must be between 0 and 1, got 2.0"),
        (lambda: schedules.CosineDecay(0.1, decay_steps=0), "decay_steps must be positive, got 0"),
        (lambda: schedules.PiecewiseConstantDecay([1], [1.0]), "one value more than boundaries, got 1 values for 1"),
        (lambda: Adam(learning_rate="high"), "learning_rate must be a finite number of at least 0, got 'high'"),  # type: ignore[arg-type] # what a user may do
        (lambda: SGD(momentum="much"), "momentum must be between 0 and 1, got 'much'"),  # type: ignore[arg-type] # what a user may do
        (lambda: optimizers.Adafactor(clip_threshold=0.0), "clip_threshold must be positive, got 0.0"),
        (lambda: optimizers.get("adan"), "no optimizer named 'adan'; did you mean 'adam'"),
    ],
)
def test_arguments_out_of_range_are_named(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator] # a lambda
