"""Layers in sequence, before any training: structure, description, weights, prediction, files, copies."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from os import PathLike
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from numpy_nn import data, layers, names, randomness
from numpy_nn.arrays import FloatArray
from numpy_nn.callbacks import Callback, CallbackList
from numpy_nn.config import float_type
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.layer import Layer, Shape
from numpy_nn.models.backprop import forward
from numpy_nn.models.evaluation import ROWS, finished, predicted
from numpy_nn.models.layout import Layout
from numpy_nn.models.training import BATCH_SIZE
from numpy_nn.models.workspace import QUIET
from numpy_nn.names import automatic, find
from numpy_nn.progress import Progress, verbosity


class LayerStack:
    """A network that can predict; see `Sequential`, which trains it."""

    def __init__(
        self,
        layers: Sequence[InputLayer | Layer] | None,
        trainable: bool,
        name: str | None,
        seed: int | None,
        dtype: str | None,
    ) -> None:
        self.name = automatic(type(self).__name__) if name is None else name
        self.layers: list[Layer] = []
        self._given_dtype = None if dtype is None else float_type(dtype).name
        self.dtype = float_type(dtype)
        self.built = False
        self._input: InputLayer | None = None
        self._rng = randomness.generator(seed)
        for layer in layers or ():
            self.add(layer, rebuild=False)
        if not trainable:
            self.trainable = False
        self._build_if_known()

    # Structure

    def add(self, layer: InputLayer | Layer, rebuild: bool = True) -> None:
        """Append a layer; an `Input` may only come first. Layers that are built keep their weights.

        Raises:
            ValueError: if an `Input` does not come first, the layer is already part of a network, or its shape does
                not fit.
            TypeError: if it is not a layer.
        """
        if isinstance(layer, InputLayer):
            if self.layers or self._input is not None:
                raise ValueError("Input must be the first layer")
            self._input = layer
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"a layer must be one of numpy_nn.layers, got {layer!r}")
        if layer in self.layers:
            raise ValueError("each layer object can be used once in a network, got the same one twice")
        if layer.owner is not None:
            raise ValueError(f"{layer.name} is part of another network: make a new layer, or remove it with pop()")
        if any(layer.name == other.name for other in self.layers):
            raise ValueError(f"layers must have different names, got {layer.name!r} twice")
        if not self.layers and self._input is None and layer.given_shape is not None:
            self._input = InputLayer(layer.given_shape)
        layer.owner = self
        self.layers.append(layer)
        if rebuild:
            self._build_if_known()

    def pop(self, rebuild: bool = True) -> Layer:
        """Remove the last layer and return it; the others keep their weights.

        Raises:
            ValueError: if the network has no layer.
        """
        if not self.layers:
            raise ValueError("the network has no layer to remove")
        layer = self.layers.pop()
        layer.owner = None
        shape, self.built = self.input_shape if self.built else None, False
        if rebuild and self.layers and shape is not None:
            self.build(shape)
        return layer

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer with that name or index.

        Raises:
            ValueError: if there is none; for a name, the message gives the nearest.
        """
        if (name is None) == (index is None):
            raise ValueError(f"give a name or an index, got name={name!r} and index={index!r}")
        if name is not None:
            return find("layer", name, {layer.name: layer for layer in self.layers})
        if index is None or not -len(self.layers) <= index < len(self.layers):
            raise ValueError(f"index must lie below {len(self.layers)}, got {index}")
        return self.layers[index]

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Lay out the parameters for rows of a shape, (None, features), and draw the initial weights.

        Raises:
            ValueError: if a layer does not accept the output of the one before it.
        """
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        row: Shape = InputLayer(tuple(input_shape)[1:]).row
        self.dtype = self._number_type()
        self._row = row
        for layer in self.layers:
            if layer.built and layer.input_shape[1:] != row:
                raise ValueError(
                    f"{layer.name} was built for rows of the shape {layer.input_shape[1:]}, and now receives {row}"
                )
            row = layer.shape(row)
            layer.dtype = self.dtype.name
        self._lay_out()

    def _build_if_known(self) -> None:
        if self._input is not None and self.layers:
            self.build(self._input.shape)

    def _lay_out(self) -> None:
        """Give all layers their places in the flat vectors."""
        self._layout = Layout(self.layers, self._row, self.dtype, self._rng)
        self.built = True

    def _number_type(self) -> np.dtype[np.floating[Any]]:
        named = {layer.dtype for layer in self.layers} - {None}
        if self._given_dtype is not None:
            named.add(self._given_dtype)
        if len(named) > 1:
            raise ValueError(f"a network has one number type, got {' and '.join(sorted(map(str, named)))}")
        return float_type(named.pop() if named else self.dtype.name)

    @property
    def trainable(self) -> bool:
        """Whether any layer learns; setting it sets it for all, and takes effect when the network is compiled."""
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.layers:
            layer.trainable = value

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape that `predict` takes, (None, features)."""
        self._require_built("input_shape")
        return (None, *self._row)

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape that `predict` returns, (None, outputs)."""
        self._require_built("output_shape")
        return self.layers[-1].output_shape

    def _require_built(self, method: str) -> None:
        if not self.built:
            raise RuntimeError(f"{method} needs a built network: begin it with Input((features,))")

    # Description

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,  # noqa: ARG002 - Keras's further ways to lay out the table
        print_fn: Callable[[str], Any] | None = None,
        **options: Any,  # noqa: ARG002
    ) -> None:
        """Print a table of the layers, their output shapes and parameters.

        Of Keras's options ``line_length`` and ``print_fn`` have an effect; the others are accepted and ignored.
        """
        from numpy_nn.models.summary import table

        (print_fn or print)(table(self.name, self.layers, self.dtype.itemsize, line_length))

    def get_config(self) -> dict[str, Any]:
        """Return what makes this network again, without its weights, as Keras's ``get_config`` does."""
        given: list[InputLayer | Layer] = [*([self._input] if self._input else []), *self.layers]
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        config["dtype"] = names.description("keras", "DTypePolicy", {"name": self.dtype.name})
        config["layers"] = [names.described("layers", each) for each in given]
        return config | ({"build_input_shape": list(self.input_shape)} if self.built else {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the network that `get_config`, or Keras's, describes, with new weights.

        Raises:
            ValueError: if it names an unknown layer.
        """
        made = [layers.deserialize(each) for each in config["layers"]]
        policy = config.get("dtype")
        dtype = policy["config"]["name"] if isinstance(policy, dict) else policy
        model = cls(made, name=config.get("name"), dtype=dtype)  # type: ignore[call-arg] # what derives from this has defaults
        if not model.built and config.get("build_input_shape"):
            model.build(config["build_input_shape"])
        return model

    # Weights

    @property
    def weights(self) -> list[FloatArray]:
        """All weights, as views, layer by layer in Keras's order."""
        return [array for layer in self.layers for array in layer.weights]

    @property
    def trainable_weights(self) -> list[FloatArray]:
        """The weights that training changes."""
        return [array for layer in self.layers for array in layer.trainable_weights]

    @property
    def non_trainable_weights(self) -> list[FloatArray]:
        """The weights that training does not learn by gradient."""
        return [array for layer in self.layers for array in layer.non_trainable_weights]

    def split(self, vector: FloatArray) -> list[FloatArray]:
        """Return views of each weight that learns, in Keras's order, into a vector laid out as the parameters."""
        return self._layout.split(vector)

    def get_weights(self) -> list[FloatArray]:
        """Return copies of all weights, in Keras's order: of a dense layer kernel (inputs, units) and bias (units,)."""
        self._require_built("get_weights")
        return [np.array(array, order="C") for array in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Set all weights; the optimizer keeps its state.

        Raises:
            ValueError: if their number or a shape does not fit; nothing is changed then.
        """
        self._require_built("set_weights")
        own = self.weights
        if len(weights) != len(own):
            raise ValueError(f"expected {len(own)} arrays, a kernel and a bias for each layer, got {len(weights)}")
        given = [np.asarray(array, dtype=self.dtype) for array in weights]
        names = [(each.name, number) for number, layer in enumerate(self.layers, start=1) for each in layer.specified]
        for (name, number), mine, new in zip(names, own, given, strict=True):
            if mine.shape != new.shape:
                raise ValueError(f"the {name} of layer {number} must have the shape {mine.shape}, got {new.shape}")
        for mine, new in zip(own, given, strict=True):
            mine[...] = new

    def count_params(self) -> int:
        """Return the number of parameters, weights and biases, whether they learn or not."""
        self._require_built("count_params")
        return sum(array.size for array in self.weights)

    # Prediction

    def predict(
        self,
        x: npt.ArrayLike,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Iterable[Callback] | Callback | None = None,
    ) -> FloatArray:
        """Return the last layer's output for rows, (rows, outputs).

        Unlike in Keras, ``verbose="auto"`` is silent: a line for every prediction would take longer than most.

        Args:
            x: rows as `fit` takes them.
            batch_size: only matters to ``steps`` and the progress bar.
            verbose: 1 for a progress bar.
            steps: how many batches of 32, or of ``batch_size``, to predict; all by default.
            callbacks: called at the beginning and the end.

        Raises:
            ValueError: if the shape of ``x`` does not fit the network.
        """
        if verbose in ("auto", 0) and steps is None and callbacks is None:
            return self.predict_on_batch(x)
        size = batch_size or BATCH_SIZE
        array = np.asarray(x) if steps is None else np.asarray(x)[: steps * size]
        called = CallbackList(callbacks, self, {})  # type: ignore[arg-type] # it is a `Sequential`
        called.on_predict_begin(None)
        progress = Progress(ceil(len(array) / size), 0 if verbose == "auto" else verbosity(verbose))
        predictions = self.predict_on_batch(array)
        progress.finish({})
        called.on_predict_end(None)
        return predictions

    def predict_on_batch(self, x: npt.ArrayLike) -> FloatArray:
        """Return the last layer's output for rows, (rows, outputs)."""
        # An array that fits needs no more checks: a prediction takes some microseconds.
        if not (self.built and type(x) is np.ndarray and x.shape[1:] == self._row and x.dtype.kind in "fiub"):
            x = self._numbers(x)
        layout, count = self._layout, len(x)
        if count > ROWS or len(self._row) > 1:
            return self._shaped(predicted(layout, x, self.dtype))
        workspace = layout.workspaces.get((count, False)) or layout.workspace(count, training=False)
        workspace.features[...] = x
        with np.errstate(**QUIET):
            predictions = finished(forward(workspace, workspace.below), layout.last)
        return self._shaped(predictions.copy())

    def _shaped(self, predictions: FloatArray) -> FloatArray:
        """Return (rows, outputs) in the output shape of the last layer."""
        shape = self.layers[-1].output_shape
        return predictions if len(shape) == 2 else predictions.reshape(len(predictions), *shape[1:])

    def __call__(self, x: npt.ArrayLike, training: bool = False) -> FloatArray:
        """Return the last layer's output for rows; with ``training`` including noise and batch statistics."""
        if not training:
            return self.predict_on_batch(x)
        rows = data.rows_with_ones(self._numbers(x), self.dtype)
        workspace = self._layout.workspace(len(rows), training=True)
        with np.errstate(**QUIET):
            logits = forward(workspace, rows.T if workspace.reads_ones else rows.T[:-1])
            return self._shaped(finished(logits, self._layout.last).copy())

    def _numbers(self, x: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return x, (rows, ...), as an array that fits the network; build it first if it is not built."""
        array = data.numbers(x, self._row if self.built else None)
        if not self.built:
            self.build((None, *array.shape[1:]))
        return array

    # Files

    def save(self, filepath: str | PathLike[str], overwrite: bool = True, **kwargs: Any) -> None:  # noqa: ARG002
        """Write the network, its weights and its optimizer's state to a file; see `numpy_nn.saving.save_model`."""
        from numpy_nn.saving.save import save_model  # imported when used, as it imports what reads archives

        save_model(self, filepath, overwrite=overwrite)

    def save_weights(self, filepath: str | PathLike[str], overwrite: bool = True) -> None:
        """Write all weights and the optimizer's state to a file; see `numpy_nn.saving.save_weights`."""
        from numpy_nn.saving.save import save_weights

        save_weights(self, filepath, overwrite)  # type: ignore[arg-type]

    def load_weights(self, filepath: str | PathLike[str], skip_mismatch: bool = False) -> None:
        """Set all weights to those in a file that `save_weights` wrote; see `numpy_nn.saving.load_weights`."""
        from numpy_nn.saving.save import load_weights

        load_weights(self, filepath, skip_mismatch)  # type: ignore[arg-type]

    # Copying

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only views: a copy lays out its own vectors."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_layout", "_backprop")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.built:
            self._lay_out()
