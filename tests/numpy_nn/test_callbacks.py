"""The list of callbacks, and files of weights with a fake network: they need only what their protocol declares."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from numpy_nn import callbacks
from numpy_nn.arrays import FloatArray
from numpy_nn.layers import Dense
from numpy_nn.optimizers import Optimizer
from numpy_nn.saving import load_weights, save_weights


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
