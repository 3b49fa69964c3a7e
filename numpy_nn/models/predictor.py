"""Prediction with a chain of layers, and its files."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import ceil
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import data
from numpy_nn.arrays import Array, FloatArray
from numpy_nn.callbacks import Callback, CallbackList
from numpy_nn.layers.symbols import Symbol
from numpy_nn.models.backprop import forward
from numpy_nn.models.evaluation import ROWS, finished, predicted
from numpy_nn.models.pieces import Pieces, batches_of, comes_in_batches, sliced, unpacked
from numpy_nn.models.stack import LayerStack
from numpy_nn.models.workspace import QUIET
from numpy_nn.progress import Progress, verbosity


class Predictor(LayerStack):
    """A network that can predict and be saved; see `Model`, which trains it."""

    # Prediction

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Iterable[Callback] | Callback | None = None,
    ) -> FloatArray:
        """Return the last layer's output for rows, (rows, outputs).

        Unlike in Keras, ``verbose="auto"`` is silent: a line for every prediction would take longer than most.

        Args:
            x: rows, or data that comes in batches, as `fit` takes them; labels are ignored.
            batch_size: only matters to ``steps``, to callbacks of batches and to the progress bar.
            verbose: 1 for a progress bar.
            steps: how many batches to predict, all by default; without a batch size it sets that.
            callbacks: called at the beginning and the end, and before and after batches if they override that. Setting
                ``model.stop_predicting`` ends the prediction.

        Raises:
            ValueError: if the shape of ``x`` does not fit the network.
        """
        in_batches = type(x) is not np.ndarray and comes_in_batches(x)
        if verbose in ("auto", 0) and steps is None and callbacks is None and not in_batches:
            return self.predict_on_batch(x)
        batches: Callable[[Callable[[int], Any]], Iterator[tuple[int, Any]]]
        if in_batches:
            pieces = Pieces(x, steps)
            number, batches = pieces.steps, pieces.epoch
        else:
            array = self._numbers(self._input_of(x))
            size, used = batches_of(len(array), batch_size, steps)
            array, number = array[:used], steps or ceil(used / size)
            batches = partial(sliced, array, size)
        level = 0 if verbose == "auto" else verbosity(verbose)
        called = CallbackList(callbacks, self, {"verbose": level, "epochs": 1, "steps": number})  # type: ignore[arg-type] # it is a `Sequential`
        progress = Progress(number, level)
        self.stop_predicting = False
        called.on_predict_begin()
        if in_batches or called.listens_to_batches("predict"):
            found = []
            for step, batch in batches(called.on_predict_batch_begin):
                found.append(self.predict_on_batch(unpacked(batch)[0]))
                called.on_predict_batch_end(step, {"outputs": found[-1]})
                progress.count(step + 1, dict)
                if self.stop_predicting:
                    break
            predictions = np.concatenate(found)
        else:
            predictions = self.predict_on_batch(array)
        progress.finish({})
        called.on_predict_end()
        return predictions

    def predict_on_batch(self, x: npt.ArrayLike) -> FloatArray:
        """Return the last layer's output for rows, (rows, outputs)."""
        # An array that fits needs no more checks: a prediction takes some microseconds.
        if not (self.built and type(x) is np.ndarray and x.shape[1:] == self._row and x.dtype.kind in "fiub"):
            x = self._numbers(self._input_of(x))
        layout, count = self._layout, len(x)
        if count > ROWS or len(self._row) > 1:
            return self._shaped(predicted(layout, x, self.dtype))
        workspace = layout.workspaces.by_size.get((count, False)) or layout.workspace(count, training=False)
        workspace.features[...] = x
        with np.errstate(**QUIET):
            predictions = finished(forward(workspace, workspace.below), layout.last)
        return self._shaped(predictions.copy())

    def _input_of(self, x: Any) -> Any:
        """Return the rows of the one input."""
        source = self._ends[0] if self.built else self._input
        name = self._keys[0] or getattr(source, "name", None)
        return data.only(x, name, "x", column=self.built and self._row == (1,))

    def _shaped(self, predictions: FloatArray) -> FloatArray:
        """Return (rows, outputs) in the output shape of the last layer."""
        shape = self._ends[1].shape
        return predictions if len(shape) == 2 else predictions.reshape(len(predictions), *shape[1:])

    def __call__(self, x: npt.ArrayLike | Symbol, training: bool = False) -> Any:
        """Return the last layer's output for rows; with ``training`` including noise and batch statistics.

        Called with a symbol (an `Input` or the output of a layer), return a symbol of the output: the network becomes
        part of another.
        """
        if isinstance(x, Symbol):
            if not self.built:
                self.build(x.shape)
            return self.symbol(x)
        if not training:
            return self.predict_on_batch(x).view(Array)
        rows = data.rows_with_ones(self._numbers(self._input_of(x)), self.dtype)
        workspace = self._layout.workspace(len(rows), training=True)
        with np.errstate(**QUIET):
            logits = forward(workspace, rows.T if workspace.reads_ones else rows.T[:-1])
            return self._shaped(finished(logits, self._layout.last).copy()).view(Array)

    call = __call__

    def _numbers(self, x: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return x, (rows, ...), as an array that fits the network; build it first if it is not built."""
        array = data.numbers(x, self._row if self.built else None)
        if not self.built:
            self.build((None, *array.shape[1:]))
        return array

    # Files

    def to_json(self, **kwargs: Any) -> str:
        """Return the network without its weights as text, for `model_from_json` and Keras's.

        ``kwargs`` are those of ``json.dumps``.
        """
        import json

        from numpy_nn.saving.describe import configuration

        return json.dumps(configuration(self), **kwargs)

    def save(self, filepath: str | PathLike[str], overwrite: bool = True, **options: Any) -> None:
        """Write the network, its weights and its optimizer's state to a file; see `numpy_nn.saving.save_model`."""
        from numpy_nn.saving.save import save_model  # imported when used, as it imports what reads archives

        save_model(self, filepath, overwrite, **options)

    def save_weights(self, filepath: str | PathLike[str], overwrite: bool = True) -> None:
        """Write all weights and the optimizer's state to a file; see `numpy_nn.saving.save_weights`."""
        from numpy_nn.saving.save import save_weights

        save_weights(self, filepath, overwrite)  # type: ignore[arg-type]

    def load_weights(self, filepath: str | PathLike[str], skip_mismatch: bool = False) -> None:
        """Set all weights to those in a file that `save_weights` wrote; see `numpy_nn.saving.load_weights`."""
        from numpy_nn.saving.save import load_weights

        load_weights(self, filepath, skip_mismatch)  # type: ignore[arg-type]
