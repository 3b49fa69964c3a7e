"""Files of weights, and the callbacks that write them: both formats, and invalid files."""

import json
import re
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numpy_nn import callbacks, layers, optimizers
from numpy_nn.arrays import FloatArray
from numpy_nn.callbacks import Logs
from numpy_nn.models import Sequential

SUFFIXES = [".weights.h5", ".weights.npz"]


def network(optimizer: object = None, units: int = 5, seed: int = 0) -> Sequential:
    model = Sequential([layers.Input((4,)), layers.Dense(units, "tanh"), layers.Dense(1, "sigmoid")], seed=seed)
    model.compile(optimizer or optimizers.Adam(0.05), "binary_crossentropy")
    return model


def data(rows: int = 40) -> tuple[FloatArray, FloatArray]:
    x = np.random.default_rng(0).standard_normal((rows, 4))
    return x, (x.sum(axis=1) > 0).astype(float)


def train(model: Sequential, epochs: int, **options: object) -> list[float]:
    history = model.fit(*data(), epochs=epochs, shuffle=False, verbose=0, **options)  # type: ignore[arg-type]
    return history.history.get("loss", [])


# Saving and loading


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_training_continues_from_loaded_weights_as_if_uninterrupted(tmp_path: Path, suffix: str) -> None:
    model, other = network(), network(seed=1)
    train(model, 2)
    model.save_weights(tmp_path / f"w{suffix}")
    other.load_weights(tmp_path / f"w{suffix}")
    assert train(other, 3) == train(model, 3)
    assert [path.name for path in tmp_path.iterdir()] == [f"w{suffix}"]


def test_keras_and_numpy_nn_read_each_others_weights(tmp_path: Path) -> None:
    mine = network()
    train(mine, 2)
    mine.save_weights(tmp_path / "mine.weights.h5")
    script = """
import sys, json, keras, numpy as np
x = np.random.default_rng(0).standard_normal((40, 4)); y = (x.sum(axis=1) > 0).astype(float)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1, "sigmoid")])
model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
model.optimizer.build(model.trainable_variables)
model.load_weights(sys.argv[1])
print(json.dumps(model.fit(x, y, epochs=3, shuffle=False, verbose=0).history["loss"]))
model.save_weights(sys.argv[2])
print(json.dumps(model.fit(x, y, epochs=3, shuffle=False, verbose=0).history["loss"]))
"""
    files = [str(tmp_path / "mine.weights.h5"), str(tmp_path / "keras.weights.h5")]
    told = subprocess.run(
        [sys.executable, "-c", script, *files], capture_output=True, text=True, check=True, timeout=300
    )
    first, second = (json.loads(line) for line in told.stdout.splitlines()[-2:])
    assert train(mine, 3) == pytest.approx(first, rel=1e-5)
    other = network(seed=1)
    other.load_weights(files[1])
    assert train(other, 3) == pytest.approx(second, rel=1e-5)


# Weights that do not fit


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_weights_that_do_not_fit_are_refused_and_nothing_is_changed(tmp_path: Path, suffix: str) -> None:
    path, model = tmp_path / f"w{suffix}", network(units=6)
    network().save_weights(path)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"the weights of dense\S* must have the shapes .*\(4, 6\).* got .*\(4, 5\)"):
        model.load_weights(path)
    np.testing.assert_equal(model.get_weights(), before)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_layers_of_another_shape_can_be_skipped(tmp_path: Path, suffix: str) -> None:
    wide = Sequential([layers.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(3)])
    source = network()
    source.save_weights(tmp_path / f"w{suffix}")
    last = wide.layers[1].get_weights()
    with pytest.warns(UserWarning, match="skipped the weights of"):
        wide.load_weights(tmp_path / f"w{suffix}", skip_mismatch=True)
    np.testing.assert_array_equal(wide.get_weights()[0], source.get_weights()[0])
    np.testing.assert_array_equal(wide.layers[1].get_weights()[0], last[0])


def test_the_state_of_another_optimizer_is_ignored_with_a_warning(tmp_path: Path) -> None:
    source, model = network(), network(optimizers.SGD(0.1), seed=1)
    train(source, 1)
    source.save_weights(tmp_path / "w.weights.npz")
    with pytest.warns(UserWarning, match="the optimizer's state was not restored: the state of SGD must be"):
        model.load_weights(tmp_path / "w.weights.npz")
    np.testing.assert_array_equal(model.get_weights()[0], source.get_weights()[0])
    assert model.optimizer.iterations == 0


@pytest.mark.parametrize("rate", [np.nan, -1.0])
def test_a_state_with_an_invalid_learning_rate_does_not_change_the_optimizer(tmp_path: Path, rate: float) -> None:
    source, model = network(), network(seed=1)
    train(source, 1)
    source.optimizer._rate = rate  # possible only in a damaged file
    source.save_weights(tmp_path / "w.weights.npz")
    with pytest.warns(UserWarning, match="the optimizer's state was not restored: learning_rate must be"):
        model.load_weights(tmp_path / "w.weights.npz")
    assert model.optimizer.iterations == 0
    assert not any(slot.any() for slot in model.optimizer.slots())


def test_a_network_that_is_not_built_cannot_write_or_read_weights(tmp_path: Path) -> None:
    for method in (Sequential([layers.Dense(1)]).save_weights, Sequential([layers.Dense(1)]).load_weights):
        with pytest.raises(RuntimeError, match="needs a built network"):
            method(tmp_path / "w.weights.npz")


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(
    max_examples=100, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(at=st.floats(0, 1, exclude_max=True), put=st.binary(max_size=8))
def test_a_randomly_damaged_file_loads_or_is_refused(tmp_path: Path, suffix: str, at: float, put: bytes) -> None:
    path, model = tmp_path / f"w{suffix}", network()
    model.save_weights(path)
    content = path.read_bytes()
    start = int(at * len(content))
    path.write_bytes(content[:start] + put + content[start + len(put) :] if put else content[:start])
    with warnings.catch_warnings(), suppress(ValueError, OSError):
        warnings.simplefilter("ignore", UserWarning)  # of an optimizer's state that does not fit
        model.load_weights(path)


# Backups


class Interrupts(callbacks.Callback):
    """Ctrl-C in the middle of an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if epoch == self.epoch:
            raise KeyboardInterrupt


def interrupted(folder: Path, epoch: int, **options: object) -> None:
    backup = callbacks.BackupAndRestore(folder, **options)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        train(network(), 6, callbacks=[backup, Interrupts(epoch)])


def test_interrupted_training_resumes_from_its_backup(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    interrupted(folder, 4)
    uninterrupted = train(network(), 6)
    assert train(network(seed=1), 6, callbacks=[callbacks.BackupAndRestore(folder)]) == uninterrupted[4:]
    assert not folder.exists()


def test_an_unreadable_backup_falls_back_to_the_previous_one(tmp_path: Path) -> None:
    interrupted(tmp_path, 4, double_checkpoint=True)
    (tmp_path / "latest.weights.h5").write_bytes(b"half of it")
    uninterrupted = train(network(), 6)
    backup = callbacks.BackupAndRestore(tmp_path, double_checkpoint=True, delete_checkpoint=False)
    assert train(network(seed=1), 6, callbacks=[backup]) == uninterrupted[3:]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('{"epoch": "four"}', "must contain the epoch to resume at, got 'four'"),
        ('{"epoch": -1}', "must contain the epoch to resume at, got -1"),
        ('{"epoch": 4', "is not a valid backup: the member 'training_metadata.json' is not JSON"),
        ("[4]", "must contain a dictionary"),
    ],
)
def test_an_unreadable_backup_without_a_previous_one_is_refused(tmp_path: Path, written: str, message: str) -> None:
    interrupted(tmp_path, 4)
    (tmp_path / "training_metadata.json").write_text(written)
    with pytest.raises(ValueError, match=re.escape(message)):
        train(network(), 6, callbacks=[callbacks.BackupAndRestore(tmp_path)])


@pytest.mark.parametrize(("arguments", "message"), [(("",), "backup_dir"), (("b", "often"), "got 'often'")])
def test_arguments_out_of_range_are_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        callbacks.BackupAndRestore(*arguments)


# Averages


def test_predictions_are_those_of_the_average_and_the_weights_come_back() -> None:
    model = network(optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    x, y = data()
    for _ in range(5):
        model.train_on_batch(x, y)
    weights, average = model.get_weights(), [each.copy() for each in model.split(model.optimizer.average)]  # type: ignore[arg-type]
    predicted = model.predict(x, callbacks=[callbacks.SwapEMAWeights()])
    np.testing.assert_equal(model.get_weights(), weights)
    model.set_weights(average)
    np.testing.assert_array_equal(model.predict(x), predicted)


def test_swapping_averages_without_use_ema_is_refused() -> None:
    with pytest.raises(ValueError, match="SwapEMAWeights needs an optimizer with use_ema=True"):
        network().evaluate(*data(), verbose=0, callbacks=[callbacks.SwapEMAWeights()])
