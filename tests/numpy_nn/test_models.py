"""The network: gradients by differences, training, and every way in which a user can go wrong."""

import copy
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpy_nn
from bench.datasets import load as load_data
from numpy_nn import Dense, Input, Sequential, config, gradient_check, models
from numpy_nn import data as data_of_users
from numpy_nn.callbacks import Callback

LOSSES = {
    "binary_crossentropy": ("sigmoid", 1),
    "categorical_crossentropy": ("softmax", 3),
    "sparse_categorical_crossentropy": ("softmax", 3),
    "mean_squared_error": ("tanh", 2),
}


def network(
    hidden: list[tuple[int, str]], loss: str = "binary_crossentropy", dtype: str = "float64", **compiled: object
) -> Sequential:
    activation, outputs = LOSSES[loss]
    layers = [Dense(units, each, bias_initializer="random_normal") for units, each in hidden]
    model = Sequential([Input((4,)), *layers, Dense(outputs, activation)], seed=1, dtype=dtype)
    model.compile(compiled.get("optimizer", "sgd"), loss, metrics=compiled.get("metrics"))
    return model


def data(loss: str = "binary_crossentropy", rows: int = 20) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((rows, 4))
    classes = rng.integers(0, 3, rows)
    if loss == "sparse_categorical_crossentropy":
        return x, classes
    if loss == "categorical_crossentropy":
        return x, np.eye(3)[classes]
    return x, rng.integers(0, 2, (rows, LOSSES[loss][1])).astype(float)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "linear", "softmax", "relu"])
def test_gradients_agree_with_central_differences(activation: str, loss: str) -> None:
    model = network([(5, activation), (4, "tanh")], loss)
    assert gradient_check(model, *data(loss), tolerance=1e-5) < 1e-5


def test_from_logits_has_the_gradient_of_the_activation_it_stands_for() -> None:
    x, y = data()
    with_sigmoid = network([(5, "tanh")])
    bare = Sequential([Input((4,)), Dense(5, "tanh"), Dense(1)], dtype="float64")
    bare.compile("sgd", numpy_nn.losses.BinaryCrossentropy(from_logits=True))
    bare.set_weights(with_sigmoid.get_weights())
    for ours, theirs in zip(bare.gradients(x, y), with_sigmoid.gradients(x, y), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_gradient_check_shows_a_wrong_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network([(5, "tanh")])
    monkeypatch.setattr(type(numpy_nn.activations.tanh), "derivative", lambda _self, _a, out: out.fill(1.0))
    with pytest.raises(
        AssertionError, match=r"the gradient of the kernel of layer 1 is wrong(.|\n)*analytic:(.|\n)*numeric:"
    ):
        gradient_check(model, *data())


def test_gradient_check_leaves_the_weights_as_they_were() -> None:
    model = network([(5, "tanh")])
    before = model.get_weights()
    gradient_check(model, *data())
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_one_update_is_descent_along_the_gradient() -> None:
    model = network([(5, "relu")])
    x, y = data()
    expected = [w - 0.01 * g for w, g in zip(model.get_weights(), model.gradients(x, y), strict=True)]
    model.fit(x, y, batch_size=len(x), shuffle=False)
    for ours, theirs in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)


def test_an_order_is_followed_to_the_ragged_batch() -> None:
    x, y = data(rows=10)
    order = np.random.default_rng(0).permutation(10)
    ours, by_hand = network([(5, "relu")]), network([(5, "relu")])
    ours.fit(x, y, batch_size=4, orders=[order])
    for rows in (order[:4], order[4:8], order[8:]):
        by_hand.fit(x[rows], y[rows], batch_size=4, shuffle=False)
    for a, b in zip(ours.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_rows_gathered_a_few_batches_at_a_time_train_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = data(rows=50)
    whole, piecemeal = network([(5, "relu")]), network([(5, "relu")])
    orders = [np.random.default_rng(seed).permutation(50) for seed in range(3)]
    a = whole.fit(x, y, batch_size=8, epochs=3, orders=orders)
    monkeypatch.setattr(data_of_users, "_GATHER_BYTES", 1)
    b = piecemeal.fit(x, y, batch_size=8, epochs=3, orders=orders)
    assert a.history == b.history
    np.testing.assert_array_equal(whole.predict(x), piecemeal.predict(x))


def test_history_is_the_running_mean_of_the_losses_before_each_update() -> None:
    x, y = data(rows=10)
    model, stepped = network([(5, "relu")], metrics=["accuracy"]), network([(5, "relu")], metrics=["accuracy"])
    history = model.fit(x, y, batch_size=4, shuffle=False).history
    expected = 0.0
    for rows in (slice(0, 4), slice(4, 8), slice(8, 10)):
        expected += stepped.evaluate(x[rows], y[rows], return_dict=True)["loss"] * len(x[rows]) / 10
        stepped.fit(x[rows], y[rows], shuffle=False)
    assert history["loss"][0] == pytest.approx(expected, rel=1e-12)
    assert set(history) == {"loss", "accuracy"}


def test_validation_data_is_evaluated_after_every_epoch() -> None:
    x, y = data()
    model = network([(5, "relu")])
    history = model.fit(x, y, epochs=3, validation_data=(x, y)).history
    assert len(history["val_loss"]) == 3
    assert history["val_loss"][-1] == model.evaluate(x, y, return_dict=True)["loss"]


def test_callbacks_hear_of_every_epoch() -> None:
    heard = []

    class Listener(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            heard.append((epoch, logs["loss"]))

    history = network([(5, "relu")]).fit(*data(), epochs=3, callbacks=[Listener()])
    assert heard == list(zip(history.epoch, history.history["loss"], strict=True))


def test_learns_an_easy_problem() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 4))
    y = x[:, 0] > 0
    model = network([(8, "relu")], optimizer="adam", metrics=["accuracy"], dtype="float32")
    model.fit(x, y, epochs=150)
    assert model.evaluate(x, y, return_dict=True)["accuracy"] > 0.95


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_number_type_stays_through_fit_and_predict(dtype: str) -> None:
    model = network([(5, "relu")], dtype=dtype, optimizer="adam")
    x, y = data()
    model.fit(x.astype("float64"), y, epochs=2)
    assert model.predict(x).dtype == dtype
    assert {array.dtype.name for array in model.get_weights()} == {dtype}


def moons_network(learning_rate: float, scale: float, epochs: int) -> tuple[list[float], list[np.ndarray]]:
    """Train the article's network on the article's moons; return its losses and its last gradients."""
    moons = load_data("moons")
    hidden = [Dense(units, "relu") for units in (25, 50, 50, 25)]
    model = Sequential([Input((2,)), *hidden, Dense(1, "sigmoid")], seed=0)
    model.compile(numpy_nn.optimizers.SGD(learning_rate), "binary_crossentropy")
    x = scale * moons.x_train
    return model.fit(x, moons.y_train, epochs=epochs).history["loss"], model.gradients(x, moons.y_train)


# At both together this network's weights double until float32 ends, some dozens of epochs on, and Keras's do too.
@pytest.mark.parametrize(("learning_rate", "scale", "epochs"), [(1.0, 1.0, 100), (0.01, 10.0, 100), (1.0, 10.0, 5)])
def test_a_rate_of_one_and_data_times_ten_give_no_nan(learning_rate: float, scale: float, epochs: int) -> None:
    losses, gradients = moons_network(learning_rate, scale, epochs)
    assert np.isfinite(losses).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_the_same_seed_trains_the_same_network() -> None:
    x, y = data()
    assert network([(5, "relu")]).fit(x, y, epochs=3).history == network([(5, "relu")]).fit(x, y, epochs=3).history


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 40), batch=st.integers(1, 50), hidden=st.lists(st.integers(1, 6), max_size=3))
def test_any_shape_trains_and_predicts(rows: int, batch: int, hidden: list[int]) -> None:
    model = network([(units, "relu") for units in hidden])
    x, y = data(rows=rows)
    history = model.fit(x, y, batch_size=batch, epochs=2)
    assert np.isfinite(history.history["loss"]).all()
    assert model.predict(x).shape == (rows, 1)


def test_prediction_does_not_depend_on_how_many_rows_go_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network([(5, "relu")])
    x, _ = data(rows=23)
    whole = model.predict(x)
    monkeypatch.setattr(models, "_PREDICT_ROWS", 7)
    np.testing.assert_allclose(model.predict(x), whole, rtol=1e-14)


@pytest.mark.parametrize("order", ["F", "C"])
def test_read_only_strided_and_fortran_arrays_are_as_good_as_any(order: str) -> None:
    x, y = data()
    odd = np.array(np.repeat(x, 2, axis=0)[::2], order=order)  # type: ignore[call-overload]
    odd.flags.writeable = False
    model = network([(5, "relu")])
    np.testing.assert_array_equal(model.predict(odd), model.predict(x))
    model.fit(odd, y)


def test_an_update_allocates_nothing_that_stays_or_grows() -> None:
    model = network([(50, "relu")], dtype="float32")
    x, y = data(rows=64)
    model.fit(x, y, batch_size=32, epochs=2)

    def peak(epochs: int) -> int:
        tracemalloc.start()
        model.fit(x, y, batch_size=32, epochs=epochs)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(5)
    assert peak(100) - peak(5) < 30_000  # the history grows by two floats an epoch; a leak would take 32 * 50 * 4 bytes


def test_weights_go_out_and_in_as_copies_in_keras_shapes() -> None:
    model = network([(5, "relu")])
    weights = model.get_weights()
    assert [array.shape for array in weights] == [(4, 5), (5,), (5, 1), (1,)]
    weights[0][:] = 0.0
    assert model.get_weights()[0].any()
    model.set_weights(weights)
    weights[0][:] = 1.0
    assert not model.get_weights()[0].any()


def test_weights_of_wrong_shapes_change_nothing() -> None:
    model = network([(5, "relu")])
    before = model.get_weights()
    wrong = [*model.get_weights()]
    wrong[2] = wrong[2].T
    with pytest.raises(ValueError, match=r"kernel of layer 2 must have the shape \(5, 1\), got \(1, 5\)"):
        model.set_weights(wrong)
    with pytest.raises(ValueError, match="expected 4 arrays, a kernel and a bias for each layer, got 3"):
        model.set_weights(before[:3])
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_without_an_input_layer_the_network_is_built_by_its_data() -> None:
    x, y = data()
    model = Sequential([Dense(5, "relu"), Dense(1, "sigmoid")], seed=0)
    model.compile("sgd", "binary_crossentropy")
    with pytest.raises(RuntimeError, match=r"begin it with Input\(\(features,\)\)"):
        model.get_weights()
    model.fit(x, y)
    assert model.count_params() == 4 * 5 + 5 + 5 + 1


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[1.0, np.nan, 0, 0]], [1], "x must be finite, got NaN or infinity"),
        ([["a", "b", "c", "d"]], [1], "x must be numbers"),
        ([1.0, 2.0], [1], r"x must have the shape \(rows, features\), got \(2,\)"),
        ([[1.0, 2.0]], [1], "x must have 4 features per row, got 2"),
        (np.empty((0, 4)), [], "x must have at least one row"),
        ([[1.0, 2.0, 3.0, 4.0]], [1, 0], "the same number of rows, got 1 and 2"),
    ],
)
def test_bad_data_is_named(x: object, y: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        network([(5, "relu")]).fit(x, y)  # type: ignore[arg-type] # that is the point


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        ([np.arange(19)], r"must contain 20 integers, got \(19,\)"),
        ([np.arange(20.0)], "20 integers"),
        ([np.zeros(20, int)], "list each of the rows 0 to 19 once; that of epoch 1 does not"),
        ([np.arange(20) - 1], "list each of the rows 0 to 19 once"),
        ([], "orders ended before epoch 1"),
    ],
)
def test_bad_orders_are_named(orders: list[np.ndarray], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        network([(5, "relu")]).fit(*data(), orders=orders)


def test_fit_before_compile_says_so() -> None:
    with pytest.raises(RuntimeError, match="compile the network first"):
        Sequential([Input((4,)), Dense(1)]).fit(*data())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(-3), "units must be a positive whole number, got -3"),
        (lambda: Dense(True), "units must be a positive whole number, got True"),
        (lambda: Dense(3, "rellu"), "did you mean 'relu'"),
        (lambda: Input((2, 0)), r"shape must be \(features,\)"),
        (lambda: Sequential([Dense(1), Input((2,))]), "Input must be the first layer"),
        (lambda: Sequential([Dense(1)], dtype="float16"), "one of float32, float64, got 'float16'"),
        (lambda: network([(2, "relu")]).fit(*data(), batch_size=0), "batch_size must be at least 1"),
        (lambda: network([]).compile(metrics=["acuracy"]), "did you mean 'accuracy'"),
    ],
)
def test_arguments_out_of_range_are_named(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator] # a lambda


def test_floatx_is_for_networks_to_come() -> None:
    assert config.floatx() == "float32"
    try:
        config.set_floatx("float64")
        assert Sequential([Input((2,)), Dense(1)]).get_weights()[0].dtype == np.float64
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="float32, float64, got 'half'"):
        config.set_floatx("half")


def test_a_saved_network_goes_on_where_it_stopped(tmp_path: Path) -> None:
    x, y = data()
    model = network([(5, "relu")], optimizer="adam", metrics=["accuracy"])
    model.fit(x, y, epochs=3, shuffle=False)
    model.save(tmp_path / "model.npz")
    loaded = numpy_nn.saving.load_model(tmp_path / "model.npz")
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert loaded.fit(x, y, epochs=3, shuffle=False).history == model.fit(x, y, epochs=3, shuffle=False).history


@pytest.mark.parametrize("content", [b"", b"not a network", b"PK\x03\x04 truncated"])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.npz").write_bytes(content)
    with pytest.raises(ValueError, match="is not a network that numpy_nn saved"):
        numpy_nn.saving.load_model(tmp_path / "model.npz")


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "model.npz", description=np.array([{"a": print}], dtype=object))
    with pytest.raises(ValueError, match="is not a network that numpy_nn saved"):
        numpy_nn.saving.load_model(tmp_path / "model.npz")


# Written as functions of each other


def test_layers_called_one_with_the_other_are_the_sequence_of_them() -> None:
    inputs = numpy_nn.Input((4,))
    hidden = Dense(5, "tanh")
    outputs = Dense(1, "sigmoid")(hidden(inputs))
    model = numpy_nn.Model(inputs, outputs)
    assert isinstance(model, Sequential)
    assert model.layers[0] is hidden
    assert outputs.shape == model.output_shape == (None, 1)
    assert numpy_nn.models.Model is numpy_nn.Model


def test_what_is_no_chain_is_refused() -> None:
    inputs, other = numpy_nn.Input((4,)), numpy_nn.Input((4,))
    hidden = Dense(5)(inputs)
    with pytest.raises(ValueError, match="lead back to inputs"):
        numpy_nn.Model(other, hidden)
    with pytest.raises(ValueError, match="lead back to inputs"):
        numpy_nn.Model(hidden, Dense(1)(hidden))
    with pytest.raises(TypeError, match="outputs must be one Input or one output of a layer"):
        numpy_nn.Model([inputs], [hidden, hidden])
    with pytest.raises(TypeError, match="Net cannot derive from Model"):
        type("Net", (numpy_nn.Model,), {})
    with pytest.raises(ValueError, match="put Flatten before it"):
        numpy_nn.layers.LayerNormalization()(numpy_nn.Input((2, 2)))


# Copied, with an optimizer in the midst of its work


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301 - its own
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: numpy_nn.optimizers.SGD(0.1, momentum=0.5, use_ema=True, gradient_accumulation_steps=2),
        lambda: numpy_nn.optimizers.Adam(0.01, amsgrad=True),
        lambda: numpy_nn.optimizers.Nadam(0.01),
        lambda: numpy_nn.optimizers.Adafactor(0.1),
        lambda: numpy_nn.optimizers.Muon(0.1),
    ],
)
def test_a_copy_goes_on_as_the_original_does(optimizer: Any, copied: Any) -> None:
    x, y = data()
    model = network([(5, "tanh")], optimizer=optimizer())
    for _ in range(3):
        model.train_on_batch(x, y)
    other = copied(model)
    for _ in range(3):
        model.train_on_batch(x, y)
        other.train_on_batch(x, y)
    for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(model.optimizer.slots(), other.optimizer.slots(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_was_left_out_of_the_decay_stays_so_when_the_weights_move() -> None:
    x, y = data()
    model = network([(5, "tanh")])
    optimizer = numpy_nn.optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=model.layers[0].weights[:1])
    model.compile(optimizer, "binary_crossentropy")
    other = copy.deepcopy(model)
    for each in (model, other):
        kernel, bias, *_ = each.get_weights()
        gradients = [np.array(array) for array in each.gradients(x, y)]
        each.train_on_batch(x, y)
        np.testing.assert_allclose(each.get_weights()[0], kernel - 0.5 * gradients[0], rtol=1e-12)
        np.testing.assert_allclose(each.get_weights()[1], 0.75 * bias - 0.5 * gradients[1], rtol=1e-12)
