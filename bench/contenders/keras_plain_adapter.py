"""Keras called as ``fit(x, y, shuffle=True)``: no pipeline, and Keras's own order of rows."""

from collections.abc import Callable

from bench.contenders.keras_adapter import KerasNetwork, bind_threads, tell
from bench.core.spec import FloatArray, OrdersOfRows

__all__ = ["PlainKerasNetwork", "bind_threads", "build"]


class PlainKerasNetwork(KerasNetwork):
    """The same network, trained as in Keras's guides."""

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train for ``len(orders)`` epochs; Keras chooses the order of rows."""
        self.model.fit(
            x,
            y,
            batch_size=self.batch_size(x),
            epochs=len(orders),
            shuffle=True,
            callbacks=[tell(on_epoch_end)],
            verbose=0,
        )


build = PlainKerasNetwork
