"""Files of weights that do not fit, and callbacks that write weights; `test_saving` has the other files."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from small_networks import classifier, data

from numpy_nn import callbacks, layers, optimizers
from numpy_nn.callbacks import Logs
from numpy_nn.models import Sequential

SUFFIXES = [".weights.h5", ".weights.npz"]

network = partial(classifier, optimizer="adam")


def train(model: Sequential, epochs: int, **options: object) -> list[float]:
    history = model.fit(*data(40), epochs=epochs, shuffle=False, verbose=0, **options)  # type: ignore[arg-type]
    return history.history.get("loss", [])


# Weights that do not fit


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_weights_that_do_not_fit_are_refused_and_nothing_is_changed(tmp_path: Path, suffix: str) -> None:
    path, model = tmp_path / f"w{suffix}", network(units=6)
    network().save_weights(path)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"the weights of dense\S* must have the shapes .*\(4, 6\).* got .*\(4, 5\)"):
        model.load_weights(path)
    np.testing.assert_equal(model.get_weights(), before)


def test_a_file_for_another_network_or_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.npz"
    network().save_weights(path)
    with pytest.raises(ValueError, match="it has weights for 2 layers, and the network has 1"):
        Sequential([layers.Input((4,)), layers.Dense(1)]).load_weights(path)
    with pytest.raises(RuntimeError, match="needs a built network"):
        Sequential([layers.Dense(1)]).load_weights(path)
    np.savez(path, a=np.array([print], dtype=object))
    with pytest.raises(ValueError, match=r"holds no weights for this network: it has no member 'description\.npy'"):
        network().load_weights(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_layers_of_another_shape_can_be_skipped(tmp_path: Path, suffix: str) -> None:
    wide = Sequential([layers.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(3)], dtype="float64")
    source = network()
    source.save_weights(tmp_path / f"w{suffix}")
    last = wide.layers[1].get_weights()
    with pytest.warns(UserWarning, match="skipped the weights of"):
        wide.load_weights(tmp_path / f"w{suffix}", skip_mismatch=True)
    np.testing.assert_array_equal(wide.get_weights()[0], source.get_weights()[0])
    np.testing.assert_array_equal(wide.layers[1].get_weights()[0], last[0])


@pytest.mark.parametrize(
    ("optimizer", "rate", "message"),
    [("sgd", 0.1, "the state of SGD must be"), *(("adam", rate, "learning_rate must be") for rate in (np.nan, -1.0))],
)
def test_a_state_that_does_not_fit_is_ignored_with_a_warning(
    tmp_path: Path, optimizer: str, rate: float, message: str
) -> None:
    source, model = network(), network(optimizer=optimizer, seed=2)
    train(source, 1)
    source.optimizer._rate = rate  # an invalid rate is possible only in a damaged file
    source.save_weights(tmp_path / "w.weights.npz")
    with pytest.warns(UserWarning, match=f"the optimizer's state was not restored: {message}"):
        model.load_weights(tmp_path / "w.weights.npz")
    np.testing.assert_equal(model.get_weights(), source.get_weights())
    assert model.optimizer.iterations == 0
    assert not any(slot.any() for slot in model.optimizer.slots())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_weights_are_saved_and_loaded_without_an_optimizer(tmp_path: Path, suffix: str) -> None:
    source, target = (Sequential([layers.Input((3,)), layers.Dense(2)], seed=seed) for seed in (0, 1))
    source.save_weights(tmp_path / f"w{suffix}")
    target.load_weights(tmp_path / f"w{suffix}")
    np.testing.assert_equal(source.get_weights(), target.get_weights())


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
    assert train(network(seed=2), 6, callbacks=[callbacks.BackupAndRestore(folder)]) == uninterrupted[4:]
    assert not folder.exists()


def test_an_unreadable_backup_falls_back_to_the_previous_one(tmp_path: Path) -> None:
    interrupted(tmp_path, 4, double_checkpoint=True)
    (tmp_path / "latest.weights.h5").write_bytes(b"half of it")
    uninterrupted = train(network(), 6)
    backup = callbacks.BackupAndRestore(tmp_path, double_checkpoint=True, delete_checkpoint=False)
    assert train(network(seed=2), 6, callbacks=[backup]) == uninterrupted[3:]


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


# Averages


def test_predictions_are_those_of_the_average_and_the_weights_come_back() -> None:
    model = network(optimizer=optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    x, y = data()
    for _ in range(5):
        model.train_on_batch(x, y)
    weights, average = model.get_weights(), [each.copy() for each in model.split(model.optimizer.average)]  # type: ignore[arg-type]
    predicted = model.predict(x, callbacks=[callbacks.SwapEMAWeights()])
    np.testing.assert_equal(model.get_weights(), weights)
    model.set_weights(average)
    np.testing.assert_array_equal(model.predict(x), predicted)
