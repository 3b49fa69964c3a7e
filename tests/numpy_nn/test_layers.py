"""Layers alone and in networks: gradients by differences, and noise by its moments."""

import pickle
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from numpy_nn import Input, Sequential, activations, gradient_check, layers
from numpy_nn.layers import Dense, Layer

LAYERS: dict[str, Callable[[], list[Layer]]] = {
    "dense without bias": lambda: [Dense(4, "tanh", use_bias=False)],
    "activation": lambda: [layers.Activation("tanh")],
    "activation twice": lambda: [layers.Activation("tanh"), layers.Activation("sigmoid")],
    "relu": lambda: [layers.ReLU(6.0, 0.25, 0.125)],
    "leaky relu": lambda: [layers.LeakyReLU()],
    "elu": lambda: [layers.ELU(0.5)],
    "softmax": lambda: [layers.Softmax()],
    "prelu": lambda: [layers.PReLU("ones"), Dense(3), layers.PReLU(shared_axes=[1])],
    "dropout": lambda: [layers.Dropout(0.4, seed=1)],
    "dropout of rows": lambda: [layers.Dropout(0.4, noise_shape=(None, 1), seed=1)],
    "alpha dropout": lambda: [layers.AlphaDropout(0.4, seed=1)],
    "gaussian noise": lambda: [layers.GaussianNoise(0.3)],
    "gaussian dropout": lambda: [layers.GaussianDropout(0.3)],
    "batch normalization": lambda: [layers.BatchNormalization()],
    "plain batch normalization": lambda: [layers.BatchNormalization(center=False, scale=False)],
    "fixed batch normalization": lambda: [layers.BatchNormalization(trainable=False)],
    "layer normalization": lambda: [layers.LayerNormalization()],
    "group normalization": lambda: [layers.GroupNormalization(2)],
    "group normalization of channels": lambda: [
        Dense(24),
        layers.Reshape((2, 4, 3)),
        layers.GroupNormalization(2, axis=2),
        layers.GroupNormalization(-1, axis=-3, center=False, scale=False),
        layers.Flatten(),
    ],
    "rms normalization": lambda: [layers.RMSNormalization()],
    "unit normalization": lambda: [layers.UnitNormalization()],
    "rescaling": lambda: [layers.Rescaling(0.5, 1.0)],
    "normalization": lambda: [layers.Normalization(mean=1.0, variance=4.0)],
    "inverted normalization": lambda: [layers.Normalization(mean=1.0, variance=4.0, invert=True)],
    "shapes": lambda: [layers.Reshape((2, 2)), layers.Identity(), layers.Flatten()],
    "permuted": lambda: [Dense(6), layers.Reshape((1, 3, 2)), layers.Permute((3, 1, 2)), layers.Flatten()],
    "activity": lambda: [layers.ActivityRegularization(0.01, 0.02)],
    "penalties": lambda: [Dense(4, "tanh", kernel_regularizer="l1", bias_regularizer="l2", activity_regularizer="l2")],
}


rng = np.random.default_rng(3)
X, Y = rng.standard_normal((12, 4)), rng.standard_normal((12, 2))


def network(made: list[Layer], seed: int = 0, dtype: str = "float64") -> Sequential:
    below, above = Dense(4, bias_initializer="random_normal"), Dense(2, bias_initializer="random_normal")
    model = Sequential([Input((4,)), below, *made, above], seed=seed, dtype=dtype)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_every_layer_agree_with_central_differences(name: str) -> None:
    assert gradient_check(network(LAYERS[name]()), X, Y, tolerance=1e-5) < 1e-5


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_may_come_first_and_last(name: str) -> None:
    # layers that change the number of features
    wider = "shapes", "permuted", "prelu", "dense without bias", "penalties", "group normalization of channels"
    ends = Sequential(
        [Input((4,)), *LAYERS[name](), Dense(2), *([] if name in wider else LAYERS[name]())], dtype="float64"
    )
    ends.compile("sgd", "mse")
    gradient_check(ends, X, Y, tolerance=1e-5)
    before = ends.evaluate(X, Y, verbose=0)
    assert np.isfinite(before)
    ends.fit(X, Y, batch_size=5, epochs=2, verbose=0)


@pytest.mark.parametrize("name", LAYERS)
def test_float32_stays_float32_through_every_layer(name: str) -> None:
    model = network(LAYERS[name](), dtype="float32")
    model.fit(X, Y, batch_size=5, verbose=0)
    assert model.predict(X).dtype == np.float32
    assert {array.dtype for array in model.get_weights()} == {np.dtype(np.float32)}
    for layer in model.layers:
        assert layer(np.ones((3, *layer.row))).dtype == np.float32
        for training in (True, False):
            kept = () if layer.idle(training) else vars(layer.stage(3, np.dtype(np.float32), training)).values()
            assert {array.dtype.name for array in kept if isinstance(array, np.ndarray)} <= {"float32"}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_restored_from_its_configuration(name: str) -> None:
    model = network(LAYERS[name]())
    again = Sequential.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.get_config() == model.get_config()


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("copy", [deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"])  # noqa: S301 - its own
def test_a_copy_trains_independently_and_identically(name: str, copy: Callable[[Sequential], Sequential]) -> None:
    model = network(LAYERS[name]())
    model.fit(X, Y, batch_size=5, verbose=0)
    other = copy(model)
    kept = model.get_weights()
    history = other.fit(X, Y, batch_size=5, epochs=2, verbose=0).history
    np.testing.assert_equal(kept, model.get_weights())
    assert model.fit(X, Y, batch_size=5, epochs=2, verbose=0).history == history


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_called_alone_does_what_it_does_in_a_network(name: str) -> None:
    model = network(LAYERS[name]())
    through: np.ndarray = X
    for layer in model.layers:
        through = layer(through)
    np.testing.assert_allclose(through, model.predict(X), rtol=1e-12)


def test_a_subclass_keeps_the_arguments_of_its_base_in_its_configuration() -> None:
    class Narrow(Dense):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(3, "relu", **kwargs)

    class Quick(layers.BatchNormalization):
        def __init__(self, speed: float) -> None:
            super().__init__(momentum=1 - speed, name="quick")

    assert Narrow(name="narrow").get_config() == Dense(3, "relu", name="narrow").get_config()
    assert Quick(0.25).get_config() == layers.BatchNormalization(momentum=0.75, name="quick").get_config()


def test_gradient_check_sees_a_wrong_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network([layers.LayerNormalization()])
    stage = type(model.layers[1].stage(1, np.dtype("float64"), True))
    monkeypatch.setattr(stage, "input_gradient", lambda _self, delta, out: np.copyto(out, delta))
    with pytest.raises(AssertionError, match="the gradient of the kernel of layer 1 is wrong"):
        gradient_check(model, X, Y, tolerance=1e-5)


def test_activations_that_need_their_logits_get_those_of_their_layer_alone() -> None:
    class Square(activations.Activation):
        name = "square"
        of_logits = True

        def forward(self, z: Any) -> None:
            np.multiply(z, z, z)

        def derivative(self, a: Any, out: Any) -> None:
            assert a.shape == out.shape
            assert len(a) in (2, 3, 5), "two layers at once"
            np.multiply(a, 2, out)

    square = Square()
    for last in (Dense(2), Dense(2, square)):
        model = Sequential([Input((4,)), Dense(5, square), Dense(3, square), Dense(3, "tanh"), last], dtype="float64")
        model.compile("sgd", "mse")
        gradient_check(model, X, Y, tolerance=1e-5)


def test_rows_are_permuted_as_numpy_transposes_them() -> None:
    x = np.arange(48.0).reshape(2, 2, 3, 4)
    np.testing.assert_array_equal(layers.Permute((3, 1, 2))(x), x.transpose(0, 3, 1, 2))
    assert layers.Permute((3, 1, 2)).compute_output_shape((None, 2, 3, 4)) == (None, 4, 2, 3)
    assert layers.Permute((1, 2, 3)).idle(training=True)
    assert not layers.Permute((3, 1, 2)).idle(training=False)


# Noise


def test_dropout_keeps_its_share_and_the_mean() -> None:
    x = np.ones((20_000, 5), np.float32)
    out = layers.Dropout(0.25, seed=0)(x, training=True)
    assert set(np.unique(out).round(5)) == {0.0, np.float32(4 / 3).round(5)}
    # a share of 100000 draws has a standard deviation of sqrt(0.25 · 0.75 / 100000) = 0.0014
    assert (out == 0).mean() == pytest.approx(0.25, abs=0.006)


def test_dropout_of_whole_rows_drops_whole_rows() -> None:
    out = layers.Dropout(0.5, noise_shape=(None, 1), seed=0)(np.ones((200, 5)), training=True)
    assert ((out == 0).all(axis=1) | (out == 2).all(axis=1)).all()
    assert 0 < (out[:, 0] == 0).mean() < 1


@pytest.mark.parametrize(
    ("layer", "x", "mean", "spread"),
    [
        (layers.GaussianNoise(0.5, seed=0), np.full((20_000, 5), 3.0), 3.0, 0.5),
        (layers.GaussianDropout(0.2, seed=0), np.full((20_000, 5), 2.0), 2.0, 2.0 * 0.5),  # sqrt(0.2 / 0.8) = 0.5
        (layers.AlphaDropout(0.3, seed=0), np.random.default_rng(0).standard_normal((20_000, 5)), 0.0, 1.0),
    ],
)
def test_noise_has_its_mean_and_spread(layer: Layer, x: np.ndarray, mean: float, spread: float) -> None:
    out = layer(x, training=True)
    assert out.mean() == pytest.approx(mean, abs=0.01)
    assert out.std() == pytest.approx(spread, abs=0.01)


@pytest.mark.parametrize("layer", [layers.Dropout, layers.AlphaDropout, layers.GaussianNoise, layers.GaussianDropout])
def test_noise_is_only_in_training_follows_its_seed_and_differs_by_batch(layer: Any) -> None:
    one, same, other = layer(0.5, seed=1), layer(0.5, seed=1), layer(0.5, seed=2)
    np.testing.assert_array_equal(one(X), X.astype(np.float32))
    first = one(X, training=True)
    np.testing.assert_array_equal(first, same(X, training=True))
    assert (first != other(X, training=True)).any()
    assert (first != one(X, training=True)).any()


def test_the_networks_seed_sets_its_noise() -> None:
    histories = [network([layers.Dropout(0.5)], seed).fit(X, Y, epochs=3, verbose=0).history for seed in (1, 1, 2)]
    assert histories[0] == histories[1] != histories[2]


# Normalization


def test_computing_gradients_leaves_moving_averages_unchanged() -> None:
    model = network([layers.BatchNormalization(), layers.Dropout(0.5)])
    before = model.get_weights()
    first = model.gradients(X, Y)
    np.testing.assert_equal(before, model.get_weights())
    np.testing.assert_equal(first, model.gradients(X, Y))


def test_layers_that_are_not_trainable_stay_fixed() -> None:
    model = network([layers.BatchNormalization(), Dense(3, "tanh")])
    for layer in model.layers[:2]:
        layer.trainable = False
    model.compile("adam", "mse")
    before = model.get_weights()
    model.fit(X, Y, epochs=2, verbose=0)
    same = [np.array_equal(was, now) for was, now in zip(before, model.get_weights(), strict=True)]
    assert same == [True] * 6 + [False] * 4
    assert [each.shape for each in model.trainable_weights] == [(4, 3), (3,), (3, 2), (2,)]
    gradient_check(model, X, Y, tolerance=1e-5)
    model.trainable = True
    model.compile("adam", "mse")
    kept = model.get_weights()
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(kept[0], model.get_weights()[0])
    model.trainable = False
    model.compile("adam", "mse")
    kept = model.get_weights()
    model.fit(X, Y, verbose=0)
    np.testing.assert_equal(kept, model.get_weights())


def test_normalization_adapts_before_it_joins_a_network_and_after() -> None:
    x = np.random.default_rng(0).normal(5.0, 3.0, (500, 4))
    layer = layers.Normalization(dtype="float64")
    layer.adapt(x)
    normalized = layer(x)
    np.testing.assert_allclose(normalized.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(normalized.std(axis=0), 1, rtol=1e-12)
    model = Sequential([layer, Dense(2)])
    np.testing.assert_allclose(model.predict(x), normalized @ model.layers[1].weights[0], rtol=1e-10)
    layer.adapt(2 * x)
    np.testing.assert_allclose(layer(2 * x), normalized, rtol=1e-10)
    assert [array.shape for array in layer.get_weights()] == [(4,), (4,), ()]


def test_normalization_of_all_numbers_has_one_mean() -> None:
    x = np.random.default_rng(0).normal(5.0, 3.0, (50, 2, 3))
    layer = layers.Normalization(axis=None, dtype="float64")
    layer.adapt([x[:20], x[20:]])
    assert layer(x).mean() == pytest.approx(0, abs=1e-12)
    assert layer.mean.shape == (1, 1, 1)


# Bad arguments


def test_a_layer_called_with_another_shape_names_both_shapes() -> None:
    layer = Dense(3, name="narrow")
    layer(np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"narrow takes the shape \(rows, 4\), got \(2, 5\)"):
        layer(np.ones((2, 5)))
    with pytest.raises(ValueError, match="narrow has 2 weights, got 1"):
        layer.set_weights([np.ones((4, 3))])
    with pytest.raises(ValueError, match=r"bias of narrow must have the shape \(3,\), got \(4,\)"):
        layer.set_weights([np.ones((4, 3)), np.ones(4)])


def test_layers_are_named_as_keras_counts() -> None:
    from numpy_nn import utils

    utils.clear_session()
    assert [Dense(1).name, Dense(1).name, layers.PReLU().name, layers.ReLU().name] == [
        "dense", "dense_1", "p_re_lu", "re_lu"
    ]  # fmt: skip


# Layers of users


class Scale(layers.Layer):
    """Multiplies each feature by a weight; whether by its name or not, and in training ten times as much."""

    def __init__(self, start: str = "random_normal", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(shape=input_shape[1:], initializer=self.start, name="f", regularizer="l2")
        self.built = True  # as users of Keras write
        super().build(input_shape)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        self.x = 10 * x if training else x
        result: np.ndarray = self.x * self.factor
        return result

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        self.gradients["factor"] = (gradient * self.x).sum(axis=0)
        dx: np.ndarray = 10 * gradient * self.factor
        return dx


class Pairs(layers.Layer):
    """Adds neighbouring features."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[1] // 2)

    def forward(self, x: np.ndarray) -> np.ndarray:
        pairs: np.ndarray = x[:, ::2] + x[:, 1::2]
        return pairs

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        return np.repeat(gradient, 2, axis=1)


def with_own(*own: layers.Layer) -> Sequential:
    model = Sequential([Input((4,)), *own, Dense(1)], seed=1, dtype="float64")
    model.compile("sgd", "mse")
    return model


def test_layers_of_users_train() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((20, 4)), rng.standard_normal((20, 1))
    model = with_own(Scale(), Dense(6, "tanh"), Scale("ones"), Pairs())
    assert [each.shape for each in model.weights] == [(4,), (4, 6), (6,), (6,), (3, 1), (1,)]
    gradient_check(model, x, y)
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    np.testing.assert_allclose(Scale("ones")(x), x, rtol=1e-6)


def test_a_wrong_gradient_of_a_users_layer_is_found() -> None:
    class Wrong(Scale):
        def backward(self, gradient: np.ndarray) -> np.ndarray:
            return super().backward(gradient) / 2

    with pytest.raises(AssertionError, match="the gradient of the kernel of layer 1 is wrong"):
        gradient_check(with_own(Dense(3), Wrong()), np.ones((2, 4)), np.ones((2, 1)))


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"call": lambda _self, x: x}, "Bad defines call, whose gradient is unknown"),
        ({"forward": lambda _self, x: x}, "Bad defines forward without backward"),
        ({}, "Bad defines neither forward nor backward"),
    ],
)
def test_a_users_layer_without_a_gradient_is_refused(methods: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        type("Bad", (layers.Layer,), {**methods, "__module__": "mine"})


def holding() -> layers.Layer:
    layer = Pairs()
    layer.inner = Dense(2)  # type: ignore[attr-defined]
    return layer


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            lambda: type("Bad", (Pairs,), {"forward": lambda _self, x: x, "__module__": "m"})(),
            r"must return \(2, 2\), got",
        ),
        (
            lambda: type("Bad", (Pairs,), {"backward": lambda _self, x: x, "__module__": "m"})(),
            r"must return \(2, 4\), go",
        ),
        (
            lambda: type(
                "Bad", (Scale,), {"backward": lambda self, x: self.gradients.update(factor=x), "__module__": "m"}
            )(),
            r"self.gradients\['factor'\] must have the shape \(4,\), got \(2, 4\)",
        ),
        (holding, "holds the layer self.inner, which would not be trained"),
    ],
)
def test_what_a_users_layer_returns_is_checked(layer: Callable[[], layers.Layer], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        with_own(Dense(4), layer()).train_on_batch(np.ones((2, 4)), np.ones((2, 1)))
