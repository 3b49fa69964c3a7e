"""Goliath at its best: the fastest settings of ``compile`` and ``fit``, and ``predict_on_batch``.

All steps of an epoch run in one execution, and XLA compiles a step. Both were measured: see docs/decisions.md.
"""

from collections.abc import Callable

import numpy as np

from bench.contenders.keras_adapter import KerasNetwork, bind_threads
from bench.core.spec import FloatArray, OrdersOfRows

__all__ = ["TunedKerasNetwork", "bind_threads", "build"]


class TunedKerasNetwork(KerasNetwork):
    """The same network, compiled again once the number of steps in an epoch is known."""

    def warm_up(self, x: FloatArray, y: FloatArray) -> None:
        """Compile for one execution per epoch, then trace for full and ragged batches."""
        self._compile_for(len(x))
        super().warm_up(x, y)

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train with one ``fit`` and one execution per epoch."""
        self._compile_for(len(x))
        super().train(x, y, orders, on_epoch_end)

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs), without the overhead of ``predict``."""
        return np.asarray(self.model.predict_on_batch(x))

    def _compile_for(self, rows: int) -> None:
        steps = -(-rows // (self.spec.batch_size or rows))
        if self.model.steps_per_execution != steps or not self.model.jit_compile:
            self.compile(steps_per_execution=steps, jit_compile=True)


build = TunedKerasNetwork
