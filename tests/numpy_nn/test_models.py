"""The network: gradients by differences, training, weights, chains of layers, copies."""

import copy
import pickle
import threading
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpy_nn
from bench.datasets import load as load_data
from numpy_nn import Dense, Input, Sequential, config, gradient_check
from numpy_nn import data as data_of_users

LOSSES = {
    "binary_crossentropy": ("sigmoid", 1),
    "categorical_crossentropy": ("softmax", 3),
    "sparse_categorical_crossentropy": ("softmax", 3),
    "mean_squared_error": ("tanh", 2),
}


def network(hidden: list[tuple[int, str]], loss: str = "binary_crossentropy", optimizer: Any = "sgd") -> Sequential:
    activation, outputs = LOSSES[loss]
    layers = [Dense(units, each, bias_initializer="random_normal") for units, each in hidden]
    model = Sequential([Input((4,)), *layers, Dense(outputs, activation)], seed=1, dtype="float64")
    model.compile(optimizer, loss)
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
    before = model.get_weights()
    assert gradient_check(model, *data(loss), tolerance=1e-5) < 1e-5
    np.testing.assert_equal(model.get_weights(), before)


def test_gradient_check_shows_a_wrong_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network([(5, "tanh")])
    monkeypatch.setattr(type(numpy_nn.activations.tanh), "derivative", lambda _self, _a, out: out.fill(1.0))
    with pytest.raises(
        AssertionError, match=r"the gradient of the kernel of layer 1 is wrong(.|\n)*analytic:(.|\n)*numeric:"
    ):
        gradient_check(model, *data())


def test_an_order_is_followed_to_the_ragged_batch() -> None:
    x, y = data(rows=10)
    order = np.random.default_rng(0).permutation(10)
    ours, by_hand = network([(5, "relu")]), network([(5, "relu")])
    ours.fit(x, y, batch_size=4, orders=[order])
    for rows in (order[:4], order[4:8], order[8:]):
        by_hand.fit(x[rows], y[rows], batch_size=4, shuffle=False)
    np.testing.assert_equal(ours.get_weights(), by_hand.get_weights())


def test_rows_gathered_a_few_batches_at_a_time_train_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = data(rows=50)
    whole, piecemeal = network([(5, "relu")]), network([(5, "relu")])
    orders = [np.random.default_rng(seed).permutation(50) for seed in range(3)]
    a = whole.fit(x, y, batch_size=8, epochs=3, orders=orders)
    monkeypatch.setattr(data_of_users, "_GATHER_BYTES", 1)
    b = piecemeal.fit(x, y, batch_size=8, epochs=3, orders=orders)
    assert a.history == b.history
    np.testing.assert_array_equal(whole.predict(x), piecemeal.predict(x))


# With both together, the weights double until float32 overflows after dozens of epochs, as in Keras.
@pytest.mark.parametrize(("learning_rate", "scale", "epochs"), [(1.0, 1.0, 100), (0.01, 10.0, 100), (1.0, 10.0, 5)])
def test_a_rate_of_one_and_data_times_ten_give_no_nan(learning_rate: float, scale: float, epochs: int) -> None:
    moons = load_data("moons")
    hidden = [Dense(units, "relu") for units in (25, 50, 50, 25)]  # the article's network, on the article's moons
    model = Sequential([Input((2,)), *hidden, Dense(1, "sigmoid")], seed=0)
    model.compile(numpy_nn.optimizers.SGD(learning_rate), "binary_crossentropy")
    x, y = scale * moons.x_train, moons.y_train
    assert np.isfinite(model.fit(x, y, epochs=epochs).history["loss"]).all()
    assert all(np.isfinite(gradient).all() for gradient in model.gradients(x, y))


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 40), batch=st.integers(1, 50), hidden=st.lists(st.integers(1, 6), max_size=3))
def test_any_shape_trains_and_predicts(rows: int, batch: int, hidden: list[int]) -> None:
    model = network([(units, "relu") for units in hidden])
    x, y = data(rows=rows)
    history = model.fit(x, y, batch_size=batch, epochs=2)
    assert np.isfinite(history.history["loss"]).all()
    assert model.predict(x).shape == (rows, 1)


def test_weights_are_returned_and_set_as_copies_in_keras_shapes() -> None:
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
    np.testing.assert_equal(before, model.get_weights())


def test_without_an_input_layer_the_network_is_built_by_its_data() -> None:
    x, y = data()
    model = Sequential([Dense(5, "relu"), Dense(1, "sigmoid")], seed=0)
    model.compile("sgd", "binary_crossentropy")
    with pytest.raises(RuntimeError, match=r"begin it with Input\(\(features,\)\)"):
        model.get_weights()
    model.fit(x, y)
    assert model.count_params() == 4 * 5 + 5 + 5 + 1


def test_floatx_applies_to_new_networks() -> None:
    assert config.floatx() == "float32"
    try:
        config.set_floatx("float64")
        assert Sequential([Input((2,)), Dense(1)]).get_weights()[0].dtype == np.float64
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="float32, float64, got 'half'"):
        config.set_floatx("half")


def test_chained_layer_calls_make_a_network() -> None:
    inputs = numpy_nn.Input((4,))
    hidden = Dense(5, "tanh")
    outputs = Dense(1, "sigmoid")(hidden(inputs))
    model = numpy_nn.Model(inputs, outputs)
    assert isinstance(model, numpy_nn.Model)
    assert model.layers[:2] == [inputs, hidden]
    assert outputs.shape == model.output_shape == (None, 1)
    assert numpy_nn.models.Model is numpy_nn.Model


# Layers in several networks


def with_encoder(**options: Any) -> tuple[numpy_nn.Model, numpy_nn.Model, np.ndarray]:
    """Return an autoencoder, its encoder, and rows."""
    inputs = Input((4,))
    code = Dense(2, "tanh")(Dense(3, "tanh")(inputs))
    autoencoder, encoder = numpy_nn.Model(inputs, Dense(4)(code)), numpy_nn.Model(inputs, code)
    for model in (autoencoder, encoder):
        model.compile(**{"optimizer": "adam", "loss": "mse"} | options)
    return autoencoder, encoder, data()[0]


def test_what_one_network_learns_the_other_predicts() -> None:
    autoencoder, encoder, x = with_encoder()
    last = autoencoder.layers[-1]
    for model, y in [(autoencoder, x), (encoder, x[:, :2]), (autoencoder, x)]:
        before = encoder.predict(x)
        model.fit(x, y, epochs=2, verbose=0)
        code = encoder.predict(x)
        assert np.abs(code - before).max() > 1e-4
        np.testing.assert_allclose(autoencoder.predict(x), code @ last.kernel + last.bias, rtol=1e-5, atol=1e-6)


def test_penalties_are_those_of_the_weights_where_they_are() -> None:
    layer = Dense(3, kernel_regularizer="l2")
    models = [Sequential([Input((4,)), layer]), Sequential([Input((4,)), layer, Dense(1)])]
    x, _y = data()
    for model in models:
        model.compile("sgd", "mse")
        model.fit(x, np.zeros((20, model.output_shape[1])), verbose=0)
    layer.set_weights([np.ones((4, 3)), np.zeros(3)])
    for model in models:
        apart = model.evaluate(x, model.predict(x), verbose=0)
        assert apart == pytest.approx(0.01 * 12)


class Probing(numpy_nn.callbacks.Callback):
    """Trains a network that shares layers, in the middle of the training of another."""

    def __init__(self, probe: numpy_nn.Model, x: np.ndarray, when: str) -> None:
        super().__init__()
        self.when = when
        self.train = partial(probe.fit, x, x[:, : probe.output_shape[1]], verbose=0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.when == "epoch":
            self.train()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.when == "batch":
            self.train()


def test_a_probe_may_be_trained_on_a_frozen_part_between_two_epochs() -> None:
    autoencoder, encoder, x = with_encoder(optimizer="sgd")
    twin = copy.deepcopy(autoencoder)
    twin.fit(x, x, epochs=4, shuffle=False, verbose=0)
    probe = Sequential([encoder, Dense(1)])
    encoder.trainable = False
    probe.compile("sgd", "mse")
    probe.fit(x, x[:, :1], verbose=0)
    encoder.trainable = True
    autoencoder.fit(x, x, epochs=4, shuffle=False, verbose=0, callbacks=Probing(probe, x, "epoch"))
    np.testing.assert_array_equal(autoencoder.predict(x), twin.predict(x))


def test_training_shared_layers_between_two_batches_is_refused() -> None:
    autoencoder, encoder, x = with_encoder()
    with pytest.raises(RuntimeError, match="in the middle of an epoch"):
        autoencoder.fit(x, x, verbose=0, callbacks=Probing(encoder, x, "batch"))


def test_eight_threads_predict_what_one_does() -> None:
    model = network([(25, "relu"), (50, "tanh"), (25, "relu")])
    rows = np.random.default_rng(0).standard_normal((8, 500, 4))
    sizes = (1, 7, 500)
    alone = [[model.predict(each[:size]) for size in sizes] for each in rows]
    differing: list[tuple[int, int]] = []

    def serve(number: int) -> None:
        for _ in range(40):
            for size, expected in zip(sizes, alone[number], strict=True):
                if not np.array_equal(model.predict(rows[number, :size]), expected):
                    differing.append((number, size))

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differing == []


def test_a_copied_layer_has_one_set_of_weights() -> None:
    layer = copy.deepcopy(network([(3, "relu")]).layers[0])
    layer.set_weights([np.ones((4, 3)), np.zeros(3)])
    np.testing.assert_array_equal(layer(np.ones((1, 4))), [[4.0, 4.0, 4.0]])


def test_what_is_not_built_has_no_shape() -> None:
    model = Sequential([Dense(1)])
    for name in ("input_shape", "output_shape", "inputs", "outputs", "input", "output"):
        assert not hasattr(model, name)
    assert not hasattr(model.layers[0], "output")
    assert not hasattr(model, "optimizer")
    assert model.loss is None
    with pytest.raises(AttributeError, match=r"numpy_nn has no Model.export \(a file is written .*\): use save"):
        model.export("folder")  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"numpy_nn has no layers.Layer.quantize \(there is one number type"):
        model.layers[0].quantize("int8")
    with pytest.raises(AttributeError, match="has no input_shape yet: begin the network with Input"):
        _ = model.input_shape
    with pytest.raises(AttributeError, match="'Sequential' object has no attribute 'compil'"):
        model.compil()  # type: ignore[attr-defined]


def test_a_clone_is_compiled_alike_and_has_new_weights() -> None:
    autoencoder, _, x = with_encoder(metrics=["mae"])
    clone = numpy_nn.models.clone_model(autoencoder)
    assert [type(each) for each in clone.layers] == [type(each) for each in autoencoder.layers]
    assert np.abs(clone.get_weights()[0] - autoencoder.get_weights()[0]).max() > 0.01
    assert list(clone.evaluate(x, x, verbose=0, return_dict=True)) == ["loss", "mae"]
    assert clone.optimizer is not autoencoder.optimizer


# Copies in the middle of training


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
def test_a_copy_trains_on_like_the_original(optimizer: Any, copied: Any) -> None:
    x, y = data()
    model = network([(5, "tanh")], optimizer=optimizer())
    for _ in range(3):
        model.train_on_batch(x, y)
    other = copied(model)
    for _ in range(3):
        model.train_on_batch(x, y)
        other.train_on_batch(x, y)
    np.testing.assert_equal(model.get_weights(), other.get_weights())
    for ours, theirs in zip(model.optimizer.slots(), other.optimizer.slots(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301 - its own
def test_a_copy_of_a_fitted_network_has_its_history_metrics_and_order_of_rows(copied: Any) -> None:
    x, y = data()
    model = network([(5, "tanh")])
    functions = [numpy_nn.losses.mean_squared_error, numpy_nn.losses.hinge]
    metrics = ["accuracy", "mae", *functions, numpy_nn.metrics.AUC()]
    model.compile("adam", "mse", metrics=metrics, weighted_metrics=[numpy_nn.metrics.Recall()])
    model.fit(x, y, epochs=2, verbose=0, callbacks=[numpy_nn.callbacks.EarlyStopping("loss")])
    other = copied(model)
    assert model.history is not None
    assert other.history.history == model.history.history
    assert other.history.model is other
    np.testing.assert_equal(other.fit(x, y, verbose=0).history, model.fit(x, y, verbose=0).history)
    np.testing.assert_array_equal(other.predict(x), model.predict(x))


def test_excluded_weights_stay_excluded_from_decay_in_a_copy() -> None:
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
