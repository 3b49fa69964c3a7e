"""Losses: gradients by differences; bench/parity draws the data, and compares values with Keras."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from differences import numeric_gradient

from bench.parity.comparisons.losses import OUTPUTS, label_kind, labels, predictions
from bench.parity.comparisons.network import ROWS
from numpy_nn import activations, layers, losses, optimizers
from numpy_nn.activations import ACTIVATIONS
from numpy_nn.arrays import Array
from numpy_nn.losses import (
    LOSSES,
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    Huber,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from numpy_nn.models import Sequential, load_model
from numpy_nn.testing import gradient_check

# The activation that a last layer would have, if the loss has one of its own.
OWN = {name: kind.activation.name for name, kind in LOSSES.items() if kind.activation is not None}


def drawn(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and predictions for a loss; the first row of shares is where Keras clips."""
    kind, rng = label_kind(name), np.random.default_rng(seed)
    return labels(kind, rng), predictions(kind, rng)


def in_a_network(loss: Loss, case: dict[str, Any]) -> tuple[float, np.ndarray]:
    """Return the loss and dL/dz, (rows, outputs), by the steps that a network takes."""
    last, z = ACTIVATIONS[case["activation"]], np.array(case["z"])
    form, link, fused = loss.behind(last), loss.link(last), loss.fuses(last)
    targets = form.prepare(case["y_true"], OUTPUTS, z.dtype)
    weights = np.ones(len(z)) if case["weights"] is None else np.array(case["weights"])
    shares = weights if case["reduction"] == "mean_with_sample_weight" else np.ones(len(z))
    divisor = 1.0 if case["reduction"] == "sum" else float((shares * loss.counted(targets)).sum())
    value = (form.per_row(z if fused else last(z), targets) * weights).sum() / divisor

    outputs, delta = z.T.copy(), np.empty((OUTPUTS, len(z)))
    link.forward(outputs)
    form.gradient(outputs, targets.T, divisor, delta)
    delta *= weights
    if not fused:
        slope = np.ones_like(delta)
        link.derivative(outputs, slope)
        link.backward(delta, outputs, slope)
    return float(value), delta.T


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_rows_of_an_ignored_class_are_left_out_of_each_batch(reduction: str, weighted: bool) -> None:
    rng = np.random.default_rng(5)
    x, y, weights = rng.standard_normal((50, 4)), rng.integers(0, OUTPUTS, 50), rng.uniform(0.25, 1.75, 50)
    y[:16] = 1  # a batch in which nothing counts, and the last of two rows
    loss = losses.SparseCategoricalCrossentropy(ignore_class=1, reduction=reduction)
    model = Sequential([layers.Input((4,)), layers.Dense(OUTPUTS, "softmax")], seed=0, dtype="float64")
    model.compile(optimizers.SGD(0.0), loss)
    shares = weights if weighted else None
    told = model.fit(x, y, batch_size=16, shuffle=False, verbose=0, sample_weight=shares).history["loss"]
    batches = [slice(start, start + 16) for start in range(0, 50, 16)]
    p = model.predict(x)
    each = [loss(y[rows], p[rows], weights[rows] if weighted else None) for rows in batches]
    assert told == pytest.approx([np.average(np.array(each), weights=[len(y[rows]) for rows in batches])], rel=1e-9)


@pytest.mark.parametrize("last", ["linear", "sigmoid", "tanh", "softmax", "relu"])
@pytest.mark.parametrize(
    ("name", "from_logits"), [*((name, False) for name in LOSSES), *((name, True) for name in OWN)]
)
def test_the_gradient_is_the_derivative_behind_any_activation(name: str, from_logits: bool, last: str) -> None:
    y_true, z = (each[1:6] for each in drawn(name, 3))
    loss = LOSSES[name](**{"from_logits": True} if from_logits else {})  # type: ignore[arg-type]
    case = {"activation": last, "weights": [1, 2, 0, 0.5, 1], "reduction": "sum", "y_true": y_true}
    any_logits = last in ("sigmoid", "softmax") and "focal" not in name
    if from_logits and (last == OWN[name] or any_logits):
        with pytest.warns(UserWarning, match="whose output is probabilities; as in Keras, the layer's logits are used"):
            loss.link(ACTIVATIONS[last])
        return

    _, analytic = in_a_network(loss, case | {"z": z})
    numeric = numeric_gradient(lambda at: in_a_network(loss, case | {"z": at})[0], z)
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_float32_stays_float32(name: str) -> None:
    loss, (y_true, p) = LOSSES[name](), drawn(name, 0)
    p = p.astype("float32")
    assert loss.call(y_true, p).dtype == "float32"
    for last in (activations.linear, loss.activation or activations.linear):
        form, out = loss.behind(last), np.full((OUTPUTS, ROWS), np.nan, "float32")
        targets = form.prepare(y_true, OUTPUTS, p.dtype)
        assert form.per_row(p, targets).dtype == "float32"
        form.gradient(p.T, targets.T, 1, out)
        assert np.isfinite(out).all()


@pytest.mark.parametrize("from_logits", [False, True])
def test_focal_losses_without_focus_are_the_plain_ones_even_where_kerass_gradient_is_nan(from_logits: bool) -> None:
    case: dict[str, Any] = {"activation": "linear", "weights": None, "reduction": "sum"}
    for focal_loss, plain in (
        (BinaryFocalCrossentropy(gamma=0.0, from_logits=from_logits), BinaryCrossentropy),
        (CategoricalFocalCrossentropy(1.0, gamma=0.0, from_logits=from_logits), CategoricalCrossentropy),
    ):
        case |= dict(zip(("y_true", "z"), drawn(plain.__name__, 1), strict=True))
        value, gradient = in_a_network(focal_loss, case)
        plain_value, plain_gradient = in_a_network(plain(from_logits=from_logits), case)
        assert value == pytest.approx(plain_value, rel=1e-12)
        np.testing.assert_allclose(gradient, plain_gradient, rtol=1e-12, atol=1e-12)


def test_an_ignored_class_is_left_out_of_the_mean() -> None:
    expected = -(math.log(0.7) + math.log(0.3)) / 2
    predictions = [[0.1, 0.7, 0.2], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]
    loss = SparseCategoricalCrossentropy(ignore_class=-1)
    assert loss([1, 2, -1], predictions) == pytest.approx(expected, rel=1e-12)
    assert SparseCategoricalCrossentropy(ignore_class=1)([1, 1, 1], predictions) == 0.0


@pytest.mark.parametrize("logit", [-1e4, 1e4])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_crossentropy_and_its_gradient_are_finite_at_extreme_logits(logit: float, label: float) -> None:
    loss = BinaryCrossentropy(from_logits=True)
    assert loss([label], [[logit]]) == (abs(logit) if (logit > 0) != bool(label) else 0.0)
    predictions, out = (
        loss.link(activations.linear)(np.array([[logit]], np.float32)),
        np.empty((1, 1), np.float32),
    )
    loss.write_gradient(predictions, np.array([[label]], np.float32), 1, out)
    assert abs(out[0, 0]) == (1.0 if (logit > 0) != bool(label) else 0.0)


@pytest.mark.parametrize("name", LOSSES)
def test_labels_of_one_and_two_dimensions_mean_the_same(name: str) -> None:
    loss = LOSSES[name]()
    outputs = 3 if label_kind(name) == "classes" else 1
    flat = loss.prepare([1, 0, 1], outputs, np.dtype("float32"))
    column = loss.prepare([[1], [0], [1]], outputs, np.dtype("float32"))
    np.testing.assert_array_equal(flat, column)
    assert flat.shape == (3, outputs)


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy", "cosine_similarity"])
def test_along_the_first_axis_a_loss_is_that_of_the_transpose(name: str) -> None:
    y_true, y_pred = drawn("categorical_crossentropy", 0)
    function = getattr(losses, name)
    np.testing.assert_array_equal(function(y_true, y_pred, axis=0), function(y_true.T, y_pred.T))
    with pytest.raises(ValueError, match="must have axis -1 in a network, got 0"):
        LOSSES[name](axis=0).behind(activations.linear)  # type: ignore[call-arg] # those named have one


def test_get_accepts_kerass_spellings() -> None:
    for identifier in ("mse", "MSE", "mean_squared_error", losses.mean_squared_error):
        assert losses.get(identifier) is losses.mean_squared_error
        assert type(losses.object_of(identifier)) is MeanSquaredError
    for name in ("MeanSquaredError", MeanSquaredError):
        assert type(losses.get(name)) is MeanSquaredError
    assert losses.get(None) is None
    assert losses.get(math.hypot) is math.hypot
    huber = Huber(2.0, reduction="sum")
    assert losses.get(huber) is huber
    written = losses.serialize(CategoricalCrossentropy(label_smoothing=0.1))
    assert written["class_name"] == "CategoricalCrossentropy"
    assert losses.deserialize(written).get_config() == written["config"]
    function = {"module": "builtins", "class_name": "function", "config": "poisson", "registered_name": "function"}
    assert losses.get(function) is losses.poisson


def test_crossentropy_follows_the_outputs_and_labels() -> None:
    assert losses.object_of("crossentropy", 1).name == "binary_crossentropy"
    loss = losses.object_of("ce", 3)
    for given in ([2, 0], [[2], [0]], [[0, 0, 1], [1, 0, 0]]):
        np.testing.assert_array_equal(loss.prepare(given, 3, np.dtype("float32")), [[0, 0, 1], [1, 0, 0]])


class Asymmetric(Loss):
    """The loss of the example in `Loss`."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        error = y_pred - y_true
        return np.mean(np.where(error > 0, 3, 1) * error**2, axis=-1)

    def gradient(self, y_true: Any, y_pred: Any) -> Any:
        error = y_pred - y_true
        return np.where(error > 0, 3, 1) * 2 * error / error.shape[-1]


class WithoutGradient(Loss):
    """A loss with `call` alone."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return np.mean((y_pred - y_true) ** 4, axis=-1)


def squared_root(y_true: Any, y_pred: Any) -> Any:
    return np.mean(np.sqrt(1 + (y_pred - y_true) ** 2), axis=-1)


def slope(y_true: Any, y_pred: Any) -> Any:
    error = y_pred - y_true
    return error / np.sqrt(1 + error**2) / error.shape[-1]


OF_ONES_OWN = [
    Asymmetric(),
    Asymmetric(reduction="sum"),
    losses.FunctionLoss(squared_root, slope),
    losses.numerical(squared_root),
    losses.numerical(WithoutGradient(reduction="mean_with_sample_weight")),
]


def trained_with(loss: Any, last: str | None = None, dtype: str = "float64") -> Sequential:
    model = Sequential([layers.Input((4,)), layers.Dense(2, last)], seed=0, dtype=dtype)
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize("last", ["linear", "tanh", "softmax"])
@pytest.mark.parametrize("loss", OF_ONES_OWN, ids=lambda loss: f"{loss.name}-{loss.reduction}")
def test_a_loss_of_ones_own_trains_with_its_gradient(loss: Loss, last: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((6, 4)), rng.standard_normal((6, 2))
    model = trained_with(loss, last)
    gradient_check(model, x, y)
    p = model.predict(x, verbose=0)
    assert model.evaluate(x, y, batch_size=6, verbose=0) == pytest.approx(float(loss(y, p)), rel=1e-12)
    assert type(loss(y, p)) is Array


def test_a_function_with_its_gradient_is_a_loss() -> None:
    def mine(y_true: Any, y_pred: Any) -> Any:
        return squared_root(y_true, y_pred)

    mine.gradient = slope  # type: ignore[attr-defined]
    x, y = np.ones((3, 4)), np.zeros((3, 2))
    given, own = (trained_with(loss).fit(x, y, verbose=0).history for loss in (mine, OF_ONES_OWN[2]))
    assert given == own
    single = trained_with(losses.numerical(mine), dtype="float32").fit(x, y, epochs=3, verbose=0).history["loss"]
    double = trained_with(mine).fit(x, y, epochs=3, verbose=0).history["loss"]
    assert single == pytest.approx(double, rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            lambda y, p: np.mean((y - p) ** 2),
            r"one loss a row, \(3,\), got the shape \(\): take the mean over the outputs",
        ),
        (lambda y, p: (y - p) ** 2, r"one loss a row, \(3,\), got the shape \(3, 2\): take the mean"),
    ],
)
def test_a_loss_must_be_one_number_a_row(loss: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trained_with(losses.FunctionLoss(loss, slope)).evaluate(np.ones((3, 4)), np.ones((3, 2)), verbose=0)
    with pytest.raises(ValueError, match=r"must have the shape of the predictions, \(3, 2\), got \(3,\)"):
        trained_with(losses.FunctionLoss(squared_root, squared_root)).fit(np.ones((3, 4)), np.ones((3, 2)), verbose=0)


@pytest.mark.parametrize("name", ["huber", "mean_squared_error", "binary_crossentropy"])
def test_the_losses_of_this_package_give_their_gradients(name: str) -> None:
    y_true, y_pred = (each[1:6] for each in drawn(name, 3))
    loss: Any = LOSSES[name]()
    np.testing.assert_allclose(
        loss.gradient(y_true, y_pred), numeric_gradient(lambda p: float(loss.call(y_true, p).sum()), y_pred), rtol=1e-5
    )


def test_the_one_output_may_be_named() -> None:
    x, y = np.ones((3, 4)), np.zeros((3, 2))
    logs = []
    for loss, reported in (("mse", ["mae"]), (["mse"], [["mae"]]), ({"out": "mse"}, {"out": ["mae"]})):
        model = Sequential([layers.Input((4,)), layers.Dense(2, name="out")], seed=0)
        model.compile("sgd", loss, metrics=reported)
        logs.append(model.evaluate(x, y, verbose=0, return_dict=True))
    assert list(logs[0]) == ["loss", "mae"]
    assert logs[0] == logs[1] == logs[2]


def test_a_network_with_functions_and_a_layer_as_activation_is_described_by_their_names(tmp_path: Path) -> None:
    x, y = np.linspace(-2, 2, 12).reshape(3, 4), np.zeros((3, 2))
    model = Sequential([layers.Input((4,)), layers.Dense(2, layers.LeakyReLU(0.1))], seed=0)  # type: ignore[arg-type]
    model.compile("sgd", losses.mean_squared_error, metrics=[losses.mean_absolute_error])
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    model.compile("sgd", losses.FunctionLoss(squared_root, slope))
    assert model.get_compile_config()["loss"]["config"] == "squared_root"
