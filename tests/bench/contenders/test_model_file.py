"""A Keras model in a file: what is read of it, and one sentence for every part that the harness does not have."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.contenders.model_file import read_model, read_weights
from bench.core.errors import UsageError
from bench.core.evaluate import forward, mean_loss
from bench.core.spec import LayerSpec, NetworkSpec
from bench.experiments import SCENARIOS
from bench.runs.plan import plan_trials
from bench.runs.settings import command_of, make_settings, settings_of
from bench.trials.start import first_weights
from numpy_nn import constraints, losses, optimizers
from numpy_nn.layers import Activation, BatchNormalization, Dense, Dropout, Input, Layer, ReLU
from numpy_nn.models import Sequential
from numpy_nn.regularizers import L1L2, OrthogonalRegularizer
from numpy_nn.saving import load_model, save_model


def saved(folder: Path, *layers: Layer, loss: Any = "binary_crossentropy", optimizer: Any = "sgd") -> Path:
    """Write a network of four features as a ``.keras`` file."""
    model = Sequential([Input((4,)), *(layers or (Dense(5, "tanh"), Dense(1, "sigmoid")))], seed=0)
    if loss is not None:
        model.compile(optimizer, loss)
    save_model(model, folder / "mine.keras")
    return folder / "mine.keras"


def test_architecture_and_compilation_are_read(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        Dense(6),
        ReLU(),
        Dropout(0.5),
        Dense(3, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer=optimizers.Adam(0.002, beta_1=0.8),
    )
    read = read_model(path, 16)
    layers = (LayerSpec(4, 6, "relu"), LayerSpec(6, 3, "softmax"))
    options = (("beta_1", 0.8),)
    assert read.network == NetworkSpec(layers, "sparse_categorical_crossentropy", "adam", 0.002, options, 16, "float32")
    assert read.notes == ("dropout is left out: every framework draws its own masks, so two could not be proven equal",)


def test_penalties_and_the_decay_of_adamw_are_read(tmp_path: Path) -> None:
    layers = (Dense(6, kernel_regularizer="l1"), Dense(1, "sigmoid", kernel_regularizer=L1L2(0.25, 0.5)))
    network = read_model(saved(tmp_path, *layers, optimizer=optimizers.AdamW(weight_decay=0.125)), 32).network
    assert [(layer.l1, layer.l2) for layer in network.layers] == [
        (pytest.approx(0.01), 0.0),
        (0.25, 0.5),
    ]
    assert (network.optimizer, network.optimizer_options) == ("adamw", (("weight_decay", 0.125),))


@pytest.mark.parametrize(
    ("loss", "units", "activation"),
    [
        (losses.BinaryCrossentropy(from_logits=True), 1, "sigmoid"),
        (losses.CategoricalCrossentropy(from_logits=True), 3, "softmax"),
        (losses.SparseCategoricalCrossentropy(from_logits=True), 3, "softmax"),
    ],
)
def test_a_loss_from_logits_has_its_activation_in_the_last_layer(
    tmp_path: Path, loss: Any, units: int, activation: str
) -> None:
    path = saved(tmp_path, Dense(5, "tanh"), Dense(units), loss=loss)
    read = read_model(path, 32)
    assert (read.network.loss, read.network.layers[-1].activation) == (loss.name, activation)
    assert read.notes == (
        f"the loss takes logits; here the last layer has its {activation}, and so predicts probabilities",
    )
    # the neutral loss of that network is the file's own, of its logits
    x, y = np.random.default_rng(0).standard_normal((8, 4)), np.arange(8) % max(units, 2)
    targets = y.reshape(-1, 1).astype(float) if units == 1 else np.eye(units)[y]
    labels = y if loss.name.startswith("sparse") else targets
    model = load_model(path)
    logits = forward(read.network, read_weights(path), x)[-1]
    assert mean_loss(read.network, logits, targets) == pytest.approx(model.evaluate(x, labels, verbose=0), rel=1e-5)
    assert read_model(path, 32, to_train=False).network.layers[-1].activation == "linear"


def test_the_weights_are_those_of_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path)
    weights = read_weights(path)
    assert [array.shape for array in weights] == [(4, 5), (5,), (5, 1), (1,)]
    model = Sequential([Input((4,)), Dense(5, "tanh"), Dense(1, "sigmoid")])
    model.set_weights(weights)
    x = np.ones((1, 4))
    hidden = np.tanh(x @ weights[0] + weights[1])
    assert model.predict(x)[0, 0] == pytest.approx(1.0 / (1.0 + np.exp(-(hidden @ weights[2] + weights[3])[0, 0])))
    weights[0][:] = 7.0
    assert read_weights(path)[0].max() < 7.0  # what a caller does with them changes nothing


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (
            {"layers": (Dense(5), BatchNormalization(), Dense(1))},
            "the layers must be among Dense, .*got BatchNormalization",
        ),
        ({"layers": (Dense(5, "elu"), Dense(1, "sigmoid"))}, "the activation of the layer dense.* got elu"),
        ({"layers": (Dense(5, use_bias=False), Dense(1))}, "the layer dense.* must have use_bias=True, got False"),
        ({"layers": (Dense(5, bias_regularizer="l2"), Dense(1))}, "must have bias_regularizer=None"),
        (
            {"layers": (Dense(5, kernel_regularizer=OrthogonalRegularizer()), Dense(1))},
            "the regularizer of dense.* must be among L1, L2, L1L2, got OrthogonalRegularizer",
        ),
        ({"optimizer": optimizers.Adam(weight_decay=0.01)}, "must have weight_decay=None, got 0.01"),
        ({"layers": (Dense(5, kernel_constraint=constraints.NonNeg()), Dense(1))}, "must have kernel_constraint=None"),
        (
            {"layers": (Dense(5), ReLU(max_value=6.0), Dense(1))},
            "the layer re_lu.* must have max_value=None, got 6.0",
        ),
        (
            {"layers": (Dense(5, "relu"), Activation("tanh"))},
            "activation.*, an activation of its own, must have a linear Dense layer before it",
        ),
        ({"loss": "mae"}, "the loss must be among binary_crossentropy, .*, got mean_absolute_error"),
        (
            {"layers": (Dense(1, "relu"),), "loss": losses.BinaryCrossentropy(from_logits=True)},
            "the loss binary_crossentropy takes logits, so the last layer must be linear, got relu",
        ),
        ({"loss": None}, "must hold a compiled model, which says loss and optimizer"),
        ({"optimizer": optimizers.Muon()}, "the optimizer must be among .*, got Muon"),
        ({"optimizer": optimizers.SGD(clipnorm=1.0)}, "must have clipnorm=None, got 1.0"),
        (
            {
                "layers": (Dense(5, "gelu"), BatchNormalization(), Dense(1)),
                "loss": "mae",
                "optimizer": optimizers.SGD(clipnorm=1.0),
            },
            "holds what cannot be trained here: the layers must be among .*, got BatchNormalization; the activation of "
            "the layer dense.* must be among .*, got gelu; the loss must be among .*, got mean_absolute_error; the "
            r"optimizer sgd must have clipnorm=None, got 1.0\. To serve it without Keras, numpy_nn\.models\.load_model",
        ),
        (
            {"optimizer": optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))},
            "the learning rate must be a number, got a schedule",
        ),
    ],
)
def test_what_the_harness_does_not_have_is_named(tmp_path: Path, what: dict[str, Any], said: str) -> None:
    path = saved(tmp_path, *what.pop("layers", ()), **what)
    with pytest.raises(UsageError, match=rf"mine\.keras:? .*{said}") as raised:
        read_model(path, 32)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("content", "said"), [(None, "there is no such file"), (b"PK no more", "is not a zip file")])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "mine.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read_model(path, 32)


def table(folder: Path, features: int = 4) -> tuple[Path, str]:
    rng = np.random.default_rng(0)
    columns = {f"x{index}": rng.standard_normal(40) for index in range(features)}
    pd.DataFrame({**columns, "y": np.arange(40) % 2}).to_csv(folder / "mine.csv", index=False)
    return folder / "mine.csv", "y"


def test_a_model_is_trained_from_its_own_weights(tmp_path: Path) -> None:
    path = saved(tmp_path, optimizer=optimizers.Adam(0.002))
    settings = make_settings([str(path)], seeds=2, data=table(tmp_path))
    trials = plan_trials(settings)
    assert {(trial.suite, trial.contender.name) for trial in trials} == {
        ("mine", name) for name in ("numpy", "keras", "keras_tuned")
    }
    scenario = trials[0].scenario
    assert (scenario.network.optimizer, scenario.network.learning_rate) == ("adam", 0.002)
    for seed in (0, 1):
        for given, expected in zip(first_weights(scenario, seed), read_weights(path), strict=True):
            np.testing.assert_array_equal(given, expected)
    assert command_of(settings) == f"python -m bench run {path} --seeds 2 --data {tmp_path / 'mine.csv'} --target y"
    before = trials[0].key
    saved(tmp_path, optimizer=optimizers.Adam(0.002)).write_bytes(path.read_bytes() + b" ")
    assert plan_trials(settings)[0].key != before  # another file, another trial


def test_a_model_takes_the_place_of_a_measured_network(tmp_path: Path) -> None:
    path = saved(tmp_path)
    settings = make_settings(["cost", str(path)], seeds=1)
    trials = plan_trials(settings)
    assert {trial.suite for trial in trials} == {"cost"}
    assert {trial.scenario.network.layers for trial in trials} == {read_model(path, 32).network.layers}
    assert SCENARIOS["cost"].network != trials[0].scenario.network
    saved(tmp_path, loss="mae")  # what is only measured may have any loss, or none
    assert plan_trials(make_settings(["cost", str(path)], seeds=1))[0].scenario.network.layers[0].units == 5
    saved(tmp_path)
    both = make_settings(["cost", str(path)], seeds=1, data=table(tmp_path))
    assert {trial.suite for trial in plan_trials(both)} == {"cost", "mine"}


@pytest.mark.parametrize(
    ("suites", "features", "said"),
    [
        (["mine.keras"], None, "a model needs rows to train on: add --data FILE --target COLUMN, or measure it alone"),
        (["mine.keras"], 3, "layers: must begin with the 3 features of mine \\(x0, x1, x2\\), got 4"),
        (["mine.keras", "mine.keras"], 4, "a run takes one model, got mine.keras beside another"),
        (["twins", "mine.keras"], 4, "twins has its own data, so leave it out"),
    ],
)
def test_a_model_that_cannot_be_trained_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suites: list[str], features: int | None, said: str
) -> None:
    saved(tmp_path)
    monkeypatch.chdir(tmp_path)
    data = None if features is None else table(tmp_path, features)
    with pytest.raises(UsageError, match=said):
        make_settings(suites, data=data)


def test_what_is_left_out_of_a_model_is_kept_with_the_run(tmp_path: Path) -> None:
    path = saved(tmp_path, Dense(5, "relu"), Dropout(0.5), Dense(1, "sigmoid"))
    settings = make_settings([str(path)], data=table(tmp_path))
    left_out, order = settings.notes
    assert left_out == (
        f"{path}: dropout is left out: every framework draws its own masks, so two could not be proven equal."
    )
    assert order == f"{path}: its inputs are the table's columns in this order, all standardized: x0, x1, x2, x3."
    assert settings_of({"run_id": "r", "settings": vars(settings)}).notes == settings.notes
