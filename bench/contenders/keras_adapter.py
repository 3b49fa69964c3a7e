"""Goliath: keras_nn behind the harness's protocol, ``fit`` with Keras's defaults."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

import keras_nn
from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows
from keras_nn import bind_threads

__all__ = ["KerasNetwork", "bind_threads", "build"]


class KerasNetwork:
    """A `keras.Sequential`, compiled as the spec says, with Keras's defaults for the rest."""

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self.model = keras_nn.build_model(
            spec.layers[0].inputs,
            [(layer.units, layer.activation) for layer in spec.layers],
            dtype=spec.dtype,
            penalties=[(layer.l1, layer.l2) for layer in spec.layers],
        )
        self.compile()

    def compile(self, **how: Any) -> None:
        """Compile as the spec says; ``how`` holds the additional arguments of a tuned contender."""
        keras_nn.compile_model(
            self.model,
            loss=self.spec.loss,
            optimizer=self.spec.optimizer,
            learning_rate=self.spec.learning_rate,
            options=dict(self.spec.optimizer_options),
            **how,
        )

    def batch_size(self, x: FloatArray) -> int:
        """Return the rows of a full batch."""
        return self.spec.batch_size or len(x)

    def get_weights(self) -> list[FloatArray]:
        """Return copies of kernel and bias of each layer."""
        return [np.array(array) for array in self.model.get_weights()]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set kernel and bias of each layer."""
        self.model.set_weights(weights)

    def warm_up(self, x: FloatArray, y: FloatArray) -> None:
        """Trace and compile for full and ragged batches."""
        keras_nn.warm_up(self.model, x, y, batch_size=self.batch_size(x))

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train with one ``fit`` over a pipeline that follows the given orders of rows."""
        keras_nn.fit(self.model, x, y, batch_size=self.batch_size(x), orders=orders, callbacks=[tell(on_epoch_end)])

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs), by Keras's ``predict``."""
        return np.asarray(self.model.predict(x, verbose=0))

    def save(self, path: Path) -> Path:
        """Write a ``.keras`` file and return its path."""
        file = path.with_suffix(".keras")
        self.model.save(file)
        return file


def tell(on_epoch_end: Callable[[], None]) -> keras.callbacks.Callback:
    """Return a Keras callback that calls ``on_epoch_end()`` after every epoch."""
    return keras.callbacks.LambdaCallback(on_epoch_end=lambda _epoch, _logs: on_epoch_end())


build = KerasNetwork
