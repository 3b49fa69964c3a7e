"""numpy_nn in use: data of every kind, printed output, callbacks, files of weights, and cost."""

import subprocess
import sys
import timeit
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_networks import classifier, data

import numpy_nn as keras
from numpy_nn import callbacks, layers, utils
from numpy_nn.models import Sequential
from numpy_nn.models.backprop import Backprop
from numpy_nn.models.layout import Layout
from numpy_nn.models.objective import Objective
from numpy_nn.models.training import Epoch, Rows
from numpy_nn.utils import PyDataset

# Names


def test_names_in_modules_that_parity_does_not_compare_are_where_keras_has_them() -> None:
    for path in (
        "Sequential", "Input", "models.Sequential", "models.load_model", "models.clone_model", "saving.load_model",
        "models.model_from_json", "models.save_model", "utils.clear_session", "backend.clear_session",
        "saving.register_keras_serializable", "utils.register_keras_serializable", "saving.CustomObjectScope",
        "Layer", "Loss", "Metric", "Optimizer", "Initializer", "Regularizer",
        "utils.to_categorical", "utils.set_random_seed", "config.set_floatx",
    ):  # fmt: skip
        found: Any = keras
        for name in path.split("."):
            found = getattr(found, name)
        assert callable(found), path
    with pytest.raises(AttributeError, match="'numpy_nn' has no attribute 'nothing'"):
        _ = keras.nothing  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"'numpy_nn\.callbacks' has no attribute 'Nothing'"):
        _ = callbacks.Nothing


# Data


@pytest.mark.parametrize(
    "kind",
    [
        lambda x: x.tolist(),
        lambda x: x.astype(np.int8),
        lambda x: x.astype(np.float32),
        lambda x: np.asfortranarray(x),
        lambda x: np.repeat(x, 2, axis=1)[:, ::2],
        lambda x: x[::-1].copy()[::-1],
        lambda x: pd.DataFrame(x, columns=list("abcd")),
        lambda x: np.ma.array(x),
        lambda x: pd.DataFrame(x, columns=list("abcd")).astype({"a": "Int64", "b": "Float64", "c": object}),
        lambda x: x.astype(object),
        lambda x: [x],
        lambda x: {"rows": x, "unused": None},
    ],
    ids=[
        *("list", "integers", "float32", "Fortran", "strided", "reversed", "data frame", "masked"),
        *("mixed data frame", "objects", "list of one", "dict"),
    ],
)
def test_data_of_every_kind_trains_and_predicts_alike_and_is_not_written_to(kind: Any) -> None:
    x, y = data()
    x.flags.writeable = y.flags.writeable = False
    wanted, ours = classifier(), classifier()
    a = wanted.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    b = ours.fit(kind(x), pd.Series(y), batch_size=8, epochs=2, shuffle=False, verbose=0).history
    assert a == b
    np.testing.assert_array_equal(ours.predict(kind(x)), wanted.predict(x))


def test_a_row_of_one_feature_needs_no_second_axis() -> None:
    model = classifier(features=1)
    x, y = data()
    model.fit(x[:, 0], y, verbose=0)
    np.testing.assert_array_equal(model.predict(x[:, 0]), model.predict(x[:, :1]))


def test_pictures_go_through_flatten() -> None:
    x = np.random.default_rng(0).random((10, 3, 2))
    model = Sequential([layers.Flatten(input_shape=(3, 2)), layers.Dense(3, "softmax")], seed=0)
    assert model.predict(x).shape == (10, 3)
    np.testing.assert_allclose(model.predict(x[:1]), model.predict(x)[:1], rtol=1e-6)
    with pytest.raises(ValueError, match=r"x must have the shape \(rows, 3, 2\), got \(10, 6\)"):
        model.predict(x.reshape(10, 6))


def test_one_row_is_predicted_as_among_many() -> None:
    model = classifier()
    x, _ = data(5000)
    many = model.predict(x)
    assert many.shape == (5000, 1)
    for row in (0, 4095, 4096, 4999):
        np.testing.assert_allclose(model.predict(x[row : row + 1]), many[row : row + 1], rtol=1e-12)
    assert model.predict(x[:0]).shape == (0, 1)


def test_a_prediction_is_the_caller_s_own() -> None:
    model = classifier()
    x, _ = data()
    first = model.predict(x)
    kept = first.copy()
    model.predict(-x)
    np.testing.assert_array_equal(first, kept)


def test_a_batch_size_above_the_rows_uses_all_rows() -> None:
    x, y = data()
    a, b = classifier(), classifier()
    a.fit(x, y, batch_size=1000, shuffle=False, verbose=0)
    b.fit(x, y, batch_size=20, shuffle=False, verbose=0)
    np.testing.assert_array_equal(a.predict(x), b.predict(x))


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_nothing_is_trained_or_measured_before_compile(method: str) -> None:
    model = Sequential([layers.Input((4,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="compile the network first"):
        getattr(model, method)(*data())


# Structure


def test_layers_are_added_and_removed_with_their_weights() -> None:
    model = classifier(loss="mse")
    kernel = model.layers[0].get_weights()[0]
    taken = model.pop()
    assert model.output_shape == (None, 5)
    model.add(layers.Dense(3, name="new"))
    assert [each.shape for each in model.get_weights()] == [(4, 5), (5,), (5, 3), (3,)]
    np.testing.assert_array_equal(model.get_layer("new").weights[0], model.get_layer(index=1).weights[0])
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], kernel)
    other = Sequential([layers.Input((5,)), taken])
    assert other.predict(np.ones((1, 5))).shape == (1, 1)


def test_summary_is_keras_s_table(capsys: pytest.CaptureFixture[str]) -> None:
    utils.clear_session()
    model = Sequential(
        [
            layers.Input((2,)),
            layers.Dense(25),
            layers.Dense(25),
            layers.BatchNormalization(),
            layers.BatchNormalization(),
        ],
        name="small",
    )
    model.summary(line_length=76)
    # as Keras 3.15 prints it
    assert (
        capsys.readouterr().out
        == """Model: "small"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ dense (Dense)                   │ (None, 25)             │            75 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 25)             │           650 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ batch_normalization             │ (None, 25)             │           100 │
│ (BatchNormalization)            │                        │               │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ batch_normalization_1           │ (None, 25)             │           100 │
│ (BatchNormalization)            │                        │               │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 925 (3.61 KB)
 Trainable params: 825 (3.22 KB)
 Non-trainable params: 100 (400.00 B)
"""
    )
    Sequential([layers.Dense(3)]).summary()
    assert "0 (unbuilt)" in capsys.readouterr().out


# Printed output


def test_fit_shows_a_bar_an_epoch_or_a_line_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = data()
    model = classifier(metrics=["accuracy"])
    model.fit(x, y, epochs=2, batch_size=8, validation_data=(x, y))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2"
    assert lines[1].startswith("3/3 ━━━━━━━━━━━━━━━━━━━━ 0s ")
    values = [part.split(":")[0] for part in lines[1].split(" - ")[1:]]
    assert values == ["accuracy", "loss", "val_accuracy", "val_loss"]
    model.fit(x, y, batch_size=8, verbose=2)
    assert capsys.readouterr().out.startswith("3/3 - 0s - ")
    model.fit(x, y, verbose=0)
    model.predict(x)
    assert capsys.readouterr().out == ""
    model.evaluate(x, y)
    assert capsys.readouterr().out.startswith("1/1 ━━━━━━━━━━━━━━━━━━━━ 0s ")
    model.predict(x, verbose=1)
    assert capsys.readouterr().out.startswith("1/1 ━")


def test_a_terminal_s_bar_is_drawn_over_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from numpy_nn import progress

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN", 0.0)
    classifier().fit(*data(), batch_size=8)
    out = capsys.readouterr().out
    assert out.count("\r") == 4  # each of three batches, and the end
    assert "\033[1m2/3\033[0m" in out
    assert out.endswith("\n")


# Callbacks


def test_only_batch_listeners_are_called_after_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    listener = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: told.append((batch, logs["loss"])))
    assert listener.listens_to_batches()
    silent = [
        callbacks.EarlyStopping(), callbacks.ReduceLROnPlateau(), callbacks.CSVLogger("log"), callbacks.History(),
        callbacks.ModelCheckpoint("m.npz"), callbacks.LearningRateScheduler(lambda epoch: 0.1),
        callbacks.ProgbarLogger(), callbacks.LambdaCallback(on_epoch_end=print),
    ]  # fmt: skip
    assert not any(each.listens_to_batches() for each in silent)
    assert callbacks.TerminateOnNaN().listens_to_batches()
    assert callbacks.ModelCheckpoint("m.npz", save_freq=2).listens_to_batches()
    history = classifier().fit(*data(), batch_size=8, verbose=0, callbacks=listener)
    assert [batch for batch, _ in told] == [0, 1, 2]
    assert told[-1][1] == history.history["loss"][0]


def test_evaluation_and_prediction_go_batch_by_batch_only_for_a_listener(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = data(20)
    model = classifier(metrics=["accuracy"])
    told: list[Any] = []
    names = ("on_test_batch_end", "on_predict_batch_end")
    listener = callbacks.LambdaCallback(**{name: lambda batch, logs: told.append((batch, logs)) for name in names})
    assert not listener.listens_to_batches()
    whole = model.evaluate(x, y, batch_size=8, verbose=0), model.predict(x, batch_size=8, verbose=0)
    np.testing.assert_allclose(model.evaluate(x, y, batch_size=8, verbose=0, callbacks=listener), whole[0], rtol=1e-14)
    assert [batch for batch, _ in told] == [0, 1, 2]
    assert told[-1][1]["loss"] == pytest.approx(whole[0][0], rel=1e-14)
    told.clear()
    np.testing.assert_allclose(model.predict(x, batch_size=8, callbacks=listener), whole[1], rtol=1e-14)
    np.testing.assert_array_equal(
        np.concatenate([logs["outputs"] for _, logs in told]), model.predict(x, 8, 0, None, [])
    )
    monkeypatch.setattr(Rows, "batches", None)
    silent = [callbacks.LambdaCallback(on_test_begin=print), callbacks.History()]
    assert model.evaluate(x, y, batch_size=8, verbose=0, callbacks=silent) == whole[0]


class Batches:
    """Data whose batches can be iterated over anew, and whose number is unknown, as a ``tf.data.Dataset`` may be."""

    def __init__(self, *batches: Any) -> None:
        self.batches = batches

    def __len__(self) -> int:
        raise TypeError("the length is unknown")

    def __iter__(self) -> Any:
        return iter(self.batches)


class Numbered(PyDataset):
    """A dataset of batches of 8 rows."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        x, y = data()
        return x[8 * index : 8 * index + 8], y[8 * index : 8 * index + 8]


class Bare:
    """What a dataset is without the base class."""

    __len__, __getitem__ = Numbered.__len__, Numbered.__getitem__


@pytest.mark.parametrize(
    "source",
    [Batches, lambda *batches: list(batches), lambda *batches: iter(batches), lambda *_: Numbered(), lambda *_: Bare()],
    ids=["of unknown length", "list", "iterator", "dataset", "bare dataset"],
)
def test_batches_of_every_kind_train_like_the_rows(source: Any, capsys: pytest.CaptureFixture[str]) -> None:
    x, y = data()
    batches = [(x[start : start + 8], y[start : start + 8]) for start in (0, 8, 16)]
    wanted, ours = classifier(metrics=["accuracy"]), Sequential([*classifier().layers], dtype="float64")
    ours.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    a = wanted.fit(x, y, batch_size=8, shuffle=False, verbose=0).history
    b = ours.fit(source(*batches), shuffle=False).history
    assert "3/3 ━━━━━━━━━━━━━━━━━━━━" in capsys.readouterr().out
    np.testing.assert_allclose([b[name] for name in a], list(a.values()), rtol=1e-13)
    np.testing.assert_array_equal(ours.evaluate(source(*batches), verbose=0)[1], wanted.evaluate(x, y, verbose=0)[1])
    np.testing.assert_allclose(ours.predict(source(*batches)), wanted.predict(x), rtol=1e-13)


def test_a_dataset_s_batches_are_shuffled_unless_told_otherwise() -> None:
    seen: list[int] = []

    class Watched(Numbered):
        def __getitem__(self, index: int) -> Any:
            seen.append(index)
            return super().__getitem__(index)

    classifier(seed=1).fit(Watched(), epochs=9, verbose=0)
    epochs = [tuple(seen[start : start + 3]) for start in range(0, 27, 3)]
    assert {tuple(sorted(each)) for each in epochs} == {(0, 1, 2)}
    assert len(set(epochs)) > 1


def test_too_few_batches_for_the_steps_give_a_warning() -> None:
    with pytest.warns(UserWarning, match="the data ran out of batches"):
        classifier().fit(Numbered(), steps_per_epoch=4, verbose=0)
    with pytest.warns(UserWarning, match="the data ran out of batches"):
        classifier().fit(*data(), batch_size=8, steps_per_epoch=4, verbose=0)


@pytest.mark.parametrize(
    "given",
    [
        lambda x, y: {"validation_split": 0.4},
        lambda x, y: {"validation_data": [x[12:], y[12:]]},
        lambda x, y: {"validation_data": [x[12:].tolist(), y[12:].tolist()]},
        lambda x, y: {"validation_data": [(x[12:16], y[12:16]), (x[16:], y[16:])]},
        lambda x, y: {"validation_data": (pd.DataFrame(x[12:]), y[12:])},
    ],
    ids=["split", "list", "list of lists", "batches", "frame"],
)
def test_validation_takes_data_of_every_kind(given: Any) -> None:
    x, y = data()
    model = classifier()
    options = given(x, y)
    rows = slice(None) if "validation_split" in options else slice(12)
    found = model.fit(x[rows], y[rows], verbose=0, **options).history["val_loss"]
    assert found == pytest.approx([model.evaluate(x[12:], y[12:], verbose=0)], rel=1e-14)


def test_an_array_alone_in_a_list_is_all_rows_unless_it_is_one_row() -> None:
    model = classifier()
    x, y = data()
    np.testing.assert_array_equal(model.predict([x]), model.predict(x))
    np.testing.assert_array_equal(model.predict([x[0]]), model.predict(x[:1]))
    assert model.evaluate([x[0]], [y[:1]], verbose=0) == model.evaluate(x[:1], y[:1], verbose=0)
    assert model.evaluate([x], [y], verbose=0) == model.evaluate(x, y, verbose=0)
    narrow = classifier(features=1)
    np.testing.assert_array_equal(narrow.predict([x[:, 0]]), narrow.predict(x[:, :1]))


def test_stop_training_ends_it_after_the_batch() -> None:
    model = classifier()

    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    assert model.fit(*data(), batch_size=8, epochs=5, verbose=0, callbacks=[Stop()]).epoch == [0]
    assert model.optimizer.iterations == 2
    assert model.fit(Numbered(), epochs=5, verbose=0, callbacks=[Stop()]).epoch == [0]
    assert model.optimizer.iterations == 4


def test_checkpoints_are_of_every_epoch_or_the_best(tmp_path: Path) -> None:
    x, y = data()
    model = classifier(optimizer=keras.optimizers.SGD(5.0))
    every = callbacks.ModelCheckpoint(tmp_path / "{epoch:02d}.npz")
    best = callbacks.ModelCheckpoint(tmp_path / "best.weights.npz", "loss", save_best_only=True, save_weights_only=True)
    batches = callbacks.ModelCheckpoint(tmp_path / "batch-{batch}.weights.npz", save_weights_only=True, save_freq=2)
    losses = model.fit(x, y, batch_size=8, epochs=4, verbose=0, callbacks=[every, best, batches]).history["loss"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(f"{epoch:02d}.npz" for epoch in (1, 2, 3, 4)), *(f"batch-{number}.weights.npz" for number in (1, 2, 3)),
        "best.weights.npz",
    ]  # fmt: skip
    again = classifier()
    again.load_weights(tmp_path / "best.weights.npz")
    saved = keras.saving.load_model(tmp_path / f"{int(np.argmin(losses)) + 1:02d}.npz")
    np.testing.assert_array_equal(again.predict(x), saved.predict(x))


def test_a_missing_monitored_value_gives_a_warning() -> None:
    with pytest.warns(UserWarning, match="EarlyStopping monitors 'val_loss', which the logs lack; they contain loss"):
        classifier().fit(*data(), verbose=0, callbacks=callbacks.EarlyStopping())


# Randomness


def test_set_random_seed_repeats_everything() -> None:
    def train() -> Any:
        utils.set_random_seed(7)
        model = Sequential([layers.Input((4,)), layers.Dense(5), layers.Dropout(0.5), layers.Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy")
        return model.fit(*data(), epochs=3, verbose=0).history

    assert train() == train()
    with pytest.raises(ValueError, match="seed must be an integer"):
        utils.set_random_seed("a")  # type: ignore[arg-type]


def test_to_categorical_is_one_hot() -> None:
    np.testing.assert_array_equal(utils.to_categorical([[2], [0]]), [[0, 0, 1], [1, 0, 0]])
    assert utils.to_categorical([0, 1], num_classes=4).shape == (2, 4)
    with pytest.raises(ValueError, match="classes must lie between 0 and 1, got 0 to 2"):
        utils.to_categorical([0, 2], 2)
    with pytest.raises(ValueError, match="classes must be integers, got "):
        utils.to_categorical([0.5])


DRAWS: dict[str, tuple[Any, ...]] = {
    "normal": ((4, 50_000), 2.0, 3.0),
    "truncated_normal": ((4, 50_000), 2.0, 3.0),
    "uniform": ((4, 50_000), -1.0, 3.0),
    "randint": ((4, 50_000), -1, 4),
    "beta": ((4, 50_000), 2.0, 6.0),
    "gamma": ((4, 50_000), 2.0),
    "binomial": ((4, 50_000), 5.0, 0.2),
    "categorical": (np.log([[0.5, 0.25, 0.25]] * 4), 50_000),
    "dropout": (np.ones((4, 50_000)), 0.25),
}
# Of each distribution the mean and the variance, as books give them; the truncated normal loses 0.2264 of its variance.
MOMENTS = {
    "normal": (2, 9),
    "truncated_normal": (2, 9 * (1 - 0.2264)),
    "uniform": (1, 16 / 12),
    "randint": (1, 2),
    "beta": (0.25, 12 / (64 * 9)),
    "gamma": (2, 2),
    "binomial": (1, 0.8),
    "categorical": (0.75, 0.6875),
    "dropout": (1, 1 / 3),
}


@pytest.mark.parametrize("name", DRAWS)
def test_random_numbers_have_their_distribution_and_repeat_with_their_seed(name: str) -> None:
    draw = getattr(keras.random, name)
    first = draw(*DRAWS[name], seed=1)
    whole = name in ("randint", "categorical")
    assert (first.shape, first.dtype) == (
        (4, 50_000),
        "int32" if whole else "float64" if name == "dropout" else "float32",
    )
    assert type(first.numpy()) is np.ndarray
    np.testing.assert_allclose([first.mean(), first.var()], MOMENTS[name], rtol=0.02)
    np.testing.assert_array_equal(draw(*DRAWS[name], seed=1), first)
    assert not np.array_equal(draw(*DRAWS[name]), draw(*DRAWS[name]))
    source = keras.random.SeedGenerator(1)
    second = [draw(*DRAWS[name], seed=source) for _ in range(2)]
    assert not np.array_equal(*second)
    again = keras.random.SeedGenerator.from_config(source.get_config())
    np.testing.assert_array_equal(draw(*DRAWS[name], seed=again), second[0])


def test_random_numbers_of_given_types_and_orders() -> None:
    assert set(keras.random.uniform((100,), 0, 3, dtype="int64", seed=0)) == {0, 1, 2}
    assert abs(keras.random.truncated_normal((10_000,), seed=0)).max() <= 2
    assert keras.random.normal((2,), dtype="float64").dtype == "float64"
    rows = np.arange(12).reshape(4, 3)
    shuffled = keras.random.shuffle(rows, axis=1, seed=3)
    assert sorted(map(tuple, shuffled.T)) == sorted(map(tuple, rows.T))
    noise = keras.random.dropout(np.ones((50, 3)), 0.5, noise_shape=(50, 1), seed=0)
    assert {tuple(row) for row in noise} == {(0, 0, 0), (2, 2, 2)}
    with pytest.raises(ValueError, match="rate must be at least 0 and less than 1, got 1"):
        keras.random.dropout(rows, 1)
    with pytest.raises(ValueError, match=r"logits must have the shape \(rows, classes\), got \(3,\)"):
        keras.random.categorical([0.0, 0.0, 0.0], 2)
    with pytest.raises(ValueError, match=r"seed must be an integer, got 1\.5"):
        keras.random.SeedGenerator(1.5)  # type: ignore[arg-type]


def test_the_backend_and_the_version_answer() -> None:
    backend, weight = keras.backend, np.zeros(3)
    assert (backend.backend(), backend.floatx(), backend.epsilon()) == ("numpy", "float32", 1e-7)
    assert backend.image_data_format() == "channels_last"
    assert [backend.standardize_dtype(each) for each in (None, int, np.float64)] == ["float32", "int64", "float64"]
    assert (backend.is_float_dtype("float32"), backend.is_float_dtype("int8")) == (True, False)
    assert (backend.is_int_dtype("uint8"), backend.is_int_dtype("bool")) == (True, False)
    assert backend.result_type("float32", "float64") == "float64"
    backend.set_value(weight, [1, 2, 3])
    np.testing.assert_array_equal(backend.get_value(weight), [1, 2, 3])
    with pytest.raises(TypeError, match=r"set_value takes a weight or an array, got 0\.5: assign"):
        backend.set_value(0.5, 1.0)
    assert keras.version() == keras.__version__ == keras.config.KERAS_VERSION


def test_a_network_is_drawn_as_a_chain_of_boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Sequential([layers.Input((4,)), layers.Dense(3, "relu", name='a "b"'), layers.Dense(1)])
    utils.plot_model(model, tmp_path / "m.dot", show_shapes=True, show_layer_names=True, show_layer_activations=True)
    drawn = (tmp_path / "m.dot").read_text()
    assert r'0 [label="a \"b\" (Dense)\nactivation: relu\noutput shape: (None, 3)"]' in drawn
    assert drawn.count(" -> ") == 1
    utils.plot_model(model, tmp_path / "m.dot", show_dtype=True, show_trainable=True, rankdir="LR", dpi=50)
    assert r'1 [label="Dense\ndtype: float32\ntrainable: True"]' in (tmp_path / "m.dot").read_text()
    inputs = layers.Input((4,))
    outer = Sequential([keras.Model(inputs, layers.Dense(4)(inputs)), model])
    utils.plot_model(keras.Model(inputs, outer(inputs)), tmp_path / "m.dot", show_trainable=True, show_shapes=True)
    assert r'"InputLayer\noutput shape: (None, 4)\ntrainable: ' in (tmp_path / "m.dot").read_text()
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho $1; cat\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    utils.plot_model(model, tmp_path / "m.png")
    assert (tmp_path / "m.png").read_text().startswith("-Tpng\ndigraph {")
    program.write_text("#!/bin/sh\necho no such format >&2; exit 1\n")
    with pytest.raises(ValueError, match="no picture in the format 'xyz': no such format"):
        utils.plot_model(model, tmp_path / "m.xyz")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ImportError, match="plot_model needs Graphviz's program dot"):
        utils.plot_model(model, tmp_path / "m.png")
    with pytest.raises(ValueError, match="plot_model needs a built network"):
        utils.plot_model(Sequential([layers.Dense(1)]), tmp_path / "m.dot")


def test_normalize_makes_unit_lengths() -> None:
    np.testing.assert_allclose(utils.normalize([[3.0, 4.0], [0.0, 0.0]]), [[0.6, 0.8], [0.0, 0.0]])


def test_a_clone_has_the_layers_and_other_weights() -> None:
    model = classifier()
    clone = keras.models.clone_model(model)
    assert clone.get_config() == model.get_config()
    assert not np.array_equal(clone.get_weights()[0], model.get_weights()[0])


# Cost


def test_fit_allocates_nothing_in_proportion_to_the_batches() -> None:
    made = [layers.Dense(50, "relu"), layers.Dropout(0.5), layers.BatchNormalization(), layers.Dense(1, "sigmoid")]
    model = Sequential([layers.Input((4,)), *made], seed=0)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    x, y = data(64)
    x, y = np.tile(x, (50, 1)), np.tile(y, 50)

    def kept_and_peak(batch_size: int) -> int:
        model.fit(x, y, batch_size=batch_size, verbose=0)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        model.fit(x, y, batch_size=batch_size, verbose=0)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak - before

    # 100 batches of 32 rows, and 3200 of one: a number stored for each would add 3100 objects of 24 bytes
    assert kept_and_peak(1) - kept_and_peak(32) < 20_000


def test_a_plain_update_skips_unused_features(monkeypatch: pytest.MonkeyPatch) -> None:
    model = classifier()
    for owner, name in ((Backprop, "_penalize"), (Layout, "penalties"), (Objective, "divisor"), (Epoch, "_report")):
        monkeypatch.setattr(owner, name, lambda *_: pytest.fail("called for an unused feature"))
    model.fit(*data(), verbose=0)


MNIST = """
import numpy as np
import numpy_nn as keras
from bench.trials.readings import peak_rss_bytes

rng = np.random.default_rng(0)
x, y = rng.random((60_000, 784), np.float32), rng.integers(0, 10, 60_000)
hidden = [keras.layers.Dense(512, "relu"), keras.layers.Dense(512, "relu")]
model = keras.Sequential([keras.Input((784,)), *hidden, keras.layers.Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
print(peak_rss_bytes())
history = model.fit(x, y, batch_size=128, epochs=1, verbose=0, validation_data=(x[:10_000], y[:10_000]))
print(peak_rss_bytes(), len(history.history["val_loss"]))
"""


def test_784_512_512_10_trains_on_60_000_rows_in_600_megabytes_with_the_data() -> None:
    done = subprocess.run([sys.executable, "-c", MNIST], capture_output=True, text=True, check=True)
    before, after, epochs = (int(word) for word in done.stdout.split())
    assert epochs == 1
    assert 60_000 * 784 * 4 < before < after < 600e6


def test_importing_takes_little_longer_than_numpy() -> None:
    code = "import sys, numpy; before = set(sys.modules); import numpy_nn; print(' '.join(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = set(done.stdout.split())
    # importing each of these takes a tenth of NumPy's time or more; timing it would be noisy on CI's machines
    slow = {"numpy.random", "json", "zipfile", "inspect", "dataclasses", "difflib", "csv", "h5py", "shutil"}
    assert not after & slow


def test_one_row_is_predicted_in_microseconds() -> None:
    hidden = [layers.Dense(units, "relu") for units in (25, 50, 50, 25)]
    model = Sequential([layers.Input((2,)), *hidden, layers.Dense(1, "sigmoid")])
    row = np.ones((1, 2), np.float32)
    model.predict(row)
    best = min(timeit.repeat(lambda: model.predict(row), number=200, repeat=20)) / 200
    assert best < 60e-6  # 13 µs on a quiet machine


def test_an_unknown_mode_and_an_old_spelling_are_taken_as_keras_takes_them() -> None:
    with pytest.warns(UserWarning, match="got 'most': EarlyStopping takes 'auto' instead"):
        assert callbacks.EarlyStopping(mode="most").mode == "auto"
    with pytest.warns(UserWarning, match="alpha is called negative_slope in Keras 3"):
        assert layers.LeakyReLU(alpha=0.25).negative_slope == 0.25
