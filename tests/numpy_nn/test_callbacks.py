"""Callbacks and files of weights with a fake network: they need only the methods that their protocols declare."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import pytest

from numpy_nn import callbacks, optimizers
from numpy_nn.arrays import FloatArray
from numpy_nn.callbacks import Callback
from numpy_nn.layers import Dense
from numpy_nn.metrics import Metric
from numpy_nn.optimizers import Optimizer
from numpy_nn.saving import load_weights, save_weights


class FakeNetwork:
    """One weight, and a record of the files written."""

    def __init__(self) -> None:
        self.built = True
        self.stop_training = False
        self.initial_epoch = 0
        self.optimizer: Optimizer = optimizers.SGD(1.0)
        self.metrics: list[Metric] = []
        self.trainable_weights: list[FloatArray] = [np.zeros(1)]
        self.written: list[str] = []

    def split(self, vector: FloatArray) -> list[FloatArray]:
        return [vector]

    def get_weights(self) -> list[FloatArray]:
        return [array.copy() for array in self.trainable_weights]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        self.trainable_weights[0][...] = weights[0]

    def save(self, filepath: str | PathLike[str]) -> None:
        self.written.append(str(filepath))

    save_weights = load_weights = save


def run(callback: Callback, losses: list[float]) -> FakeNetwork:
    """Report losses, one per epoch, until training stops; the weight is the number of the epoch."""
    network = FakeNetwork()
    callback.set_model(network)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        network.trainable_weights[0][...] = epoch
        callback.on_epoch_end(epoch, {"loss": loss})
        if network.stop_training:
            break
    callback.on_train_end()
    return network


def test_early_stopping_restores_the_weights_of_the_best_epoch() -> None:
    stopping = callbacks.EarlyStopping("loss", patience=2, restore_best_weights=True)
    network = run(stopping, [3.0, 1.0, 2.0, 2.0, 0.5])
    assert stopping.stopped_epoch == 3
    assert network.trainable_weights[0] == 1


def test_a_plateau_reduces_the_learning_rate() -> None:
    network = run(callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=2), [1.0, 1.0, 1.0, 1.0, 1.0])
    assert network.optimizer.learning_rate == 0.25


def test_a_checkpoint_is_written_when_the_loss_improves(tmp_path: Path) -> None:
    path = str(tmp_path / "{epoch}.npz")
    network = run(callbacks.ModelCheckpoint(path, "loss", save_best_only=True), [2.0, 3.0, 1.0])
    assert network.written == [str(tmp_path / "1.npz"), str(tmp_path / "3.npz")]


@pytest.mark.parametrize("name", callbacks.__all__)
def test_every_listed_callback_can_be_imported(name: str) -> None:
    assert getattr(callbacks, name) is not None
    assert name in dir(callbacks)


def test_an_unknown_callback_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        callbacks.Nothing  # noqa: B018 - reading it raises


class FakeLayers:
    """Layers without a network."""

    name = "fake"
    is_compiled = False

    def __init__(self) -> None:
        self.layers = [Dense(2)]
        self.layers[0].build((None, 3))

    @property
    def optimizer(self) -> Optimizer:
        raise RuntimeError("it is not compiled")

    def get_weights(self) -> list[FloatArray]:
        return self.layers[0].get_weights()

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        self.layers[0].set_weights(weights)


@pytest.mark.parametrize("suffix", [".weights.h5", ".weights.npz"])
def test_weights_are_saved_and_loaded_without_a_network(tmp_path: Path, suffix: str) -> None:
    source, target = FakeLayers(), FakeLayers()
    save_weights(source, tmp_path / f"w{suffix}")
    load_weights(target, tmp_path / f"w{suffix}")
    np.testing.assert_equal(source.get_weights(), target.get_weights())
