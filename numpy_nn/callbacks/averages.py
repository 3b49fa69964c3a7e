"""Using the moving average of the weights outside training."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Iterable
from typing import Any

from numpy_nn.arrays import FloatArray
from numpy_nn.callbacks.base import Callback, Logs


class SwapEMAWeights(Callback):
    """Evaluates, predicts and saves with the moving average of the weights; trains with the weights themselves.

    The optimizer must have ``use_ema=True``. Matches ``keras.callbacks.SwapEMAWeights``, with one difference: it
    restores the weights after a prediction, which Keras does not.

    Args:
        swap_on_epoch: whether callbacks that run later, such as `ModelCheckpoint`, see the average when an epoch ends.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Restore the weights."""
        if self.swap_on_epoch:
            self._put_average(False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Swap in the average; after the last epoch, keep it."""
        if not self.swap_on_epoch:
            return
        self._put_average(True)
        if epoch == self.params["epochs"] - 1:  # fit writes the average into the weights once more
            for weight, average in self._pairs():
                average[...] = weight

    def on_test_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Swap in the average."""
        self._put_average(True)

    def on_test_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Restore the weights."""
        self._put_average(False)

    on_predict_begin, on_predict_end = on_test_begin, on_test_end

    def _put_average(self, wanted: bool) -> None:
        """Swap weights and average unless they are already as wanted."""
        if wanted is self._swapped:
            return
        for weight, average in self._pairs():
            weight[...], average[...] = average.copy(), weight.copy()
        self._swapped = wanted

    def _pairs(self) -> Iterable[tuple[FloatArray, FloatArray]]:
        average = self.model.optimizer.average
        if average is None:
            raise ValueError("SwapEMAWeights needs an optimizer with use_ema=True, as in SGD(use_ema=True)")
        return zip(self.model.trainable_weights, self.model.split(average), strict=True)
