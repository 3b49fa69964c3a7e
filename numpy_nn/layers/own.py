"""Layers that users write: a class with ``forward`` and ``backward`` becomes a stage of a network.

There is no automatic differentiation, so ``call`` is not enough: `Layer` shows a complete example.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import functools
import inspect
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Part, Shape


def check_class(kind: type[Any], base: type[Any]) -> None:
    """Raise a TypeError if a class of a user has no ``forward`` or no ``backward``, and no stage unlike the base's."""
    if kind.stage is not base.stage:
        return
    has_forward, has_backward = (callable(getattr(kind, name, None)) for name in ("forward", "backward"))
    if has_forward and has_backward:
        return
    problem = (
        "defines forward without backward"
        if has_forward
        else "defines call, whose gradient is unknown without automatic differentiation"
        if "call" in vars(kind)
        else "defines neither forward nor backward"
    )
    raise TypeError(
        f"{kind.__name__} {problem}: a layer here has forward(x), which returns NumPy rows, and backward(gradient), "
        "which returns dL/dx and sets self.gradients[weight]; help(numpy_nn.layers.Layer) shows one"
    )


def declaring(build: Callable[[Any, Any], None], create: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Return the ``build`` of a user's layer, which declares weights; called otherwise, it lets ``create`` do all."""

    @functools.wraps(build)
    def wrapped(layer: Any, input_shape: Sequence[int | None]) -> None:
        if layer._is_declaring:
            built = layer.built
            build(layer, input_shape)
            layer.built = built  # users set it themselves
        else:
            create(layer, input_shape)

    return wrapped


def weights_of(layer: Any, shape: Shape, added: list[tuple[Weight, FloatArray]]) -> list[Weight]:
    """Return the weights that a layer of a user added, each named after the attribute that holds it.

    Raises:
        TypeError: if the layer holds other layers, whose weights nothing would train.
    """
    inner = [name for name, value in vars(layer).items() if isinstance(value, Part)]
    if inner:
        raise TypeError(
            f"{type(layer).__name__} holds the layer self.{inner[0]}, which would not be trained: a layer of your own "
            f"has its own weights, by add_weight; rows have the shape {shape}"
        )
    held = {id(value): name for name, value in vars(layer).items() if isinstance(value, np.ndarray)}
    return [weight._replace(name=held.get(id(array), weight.name)) for weight, array in added]


class OwnStage(Stage):
    """Calls ``forward`` and ``backward`` of a layer with rows first: (rows, features)."""

    def __init__(self, layer: Any, training: bool) -> None:
        self._layer = layer
        takes_training = "training" in inspect.signature(layer.forward).parameters
        self._options = {"training": training} if takes_training else {}
        self._dx: FloatArray = np.empty(0)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write what the layer's ``forward`` returns."""
        row = self._layer.output_shape[1:]
        result = np.asarray(self._layer.forward(_by_rows(x, self._layer.input_shape[1:]), **self._options))
        if result.shape != (x.shape[1], *row):
            raise ValueError(
                f"{type(self._layer).__name__}.forward must return {(x.shape[1], *row)}, got {result.shape}: if rows "
                "change their shape, define compute_output_shape(input_shape)"
            )
        out[...] = result.reshape(x.shape[1], -1).T

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:
        """Let the layer's ``backward`` compute all gradients, and keep that of the input."""
        layer = self._layer
        views = dict(layer.gradients)
        dx = layer.backward(_by_rows(delta, layer.output_shape[1:]))
        for name, view in views.items():
            given = np.asarray(layer.gradients[name])
            if given.shape != view.shape:
                raise ValueError(f"self.gradients[{name!r}] must have the shape {view.shape}, got {given.shape}")
            view[...] = given
        layer.gradients = views
        expected = (x.shape[1], *layer.input_shape[1:])
        if np.shape(dx) != expected:
            raise ValueError(f"{type(layer).__name__}.backward must return {expected}, got {np.shape(dx)}")
        self._dx = np.asarray(dx)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:  # noqa: ARG002 - `backward` had it
        """Write the gradient of the input."""
        out[...] = self._dx.reshape(len(self._dx), -1).T


def _by_rows(x: FloatArray, row: Shape) -> FloatArray:
    """Return feature-major data, (features, rows), as (rows, ...)."""
    return np.ascontiguousarray(x[: prod(row)].T).reshape(-1, *row)
