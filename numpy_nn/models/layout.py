"""Where the parameters are: in flat vectors, of which every layer has its part.

One vector holds all parameters that learn, and one their gradient, so an optimizer updates a network of any depth with
a few calls.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.layers.dropout import Noise
from numpy_nn.layers.layer import Layer, Shape
from numpy_nn.models.workspace import QUIET, Workspace, chain

# Buffers are kept for so many numbers of rows; with more, all are allocated again.
_MOST_WORKSPACES = 8


class Layout:
    """The parameters of built layers in flat vectors, and the buffers for batches.

    Layers keep the weights that they have; the others are initialized.

    Attributes:
        row: the shape of a row that the first layer takes.
        outputs: how many numbers the last layer gives a row.
        last: the last activation.
        trainable: which layers learn.
        parameters, gradient: (parameters,) of all that learns, layer by layer.
        regularized: regularizer, weight and gradient of each weight that has a regularizer and learns.
        constrained: constraint and weight of each weight that has a constraint and learns.
        penalizes: whether anything adds to the loss.
        workspaces: buffers by number of rows and whether they are for training.
    """

    def __init__(
        self, layers: Sequence[Layer], row: Shape, dtype: np.dtype[np.floating[Any]], rng: np.random.Generator
    ) -> None:
        self.row = row
        self._features = prod(size or 1 for size in row)
        self._dtype = dtype
        self.trainable = [layer.trainable for layer in layers]
        self._bind(layers, dtype, rng)
        self._links = {training: chain(layers, training=training) for training in (True, False)}
        self.last = self._links[True][-1].activation
        self.outputs = self._links[True][-1].outputs
        trained = [
            (layer, weight) for layer in layers for weight in layer.specified if layer.trainable and weight.trainable
        ]
        self.regularized = [
            (weight.regularizer, getattr(layer, weight.name), layer.gradients[weight.name])
            for layer, weight in trained
            if weight.regularizer is not None
        ]
        self.constrained = [
            (weight.constraint, getattr(layer, weight.name))
            for layer, weight in trained
            if weight.constraint is not None
        ]
        self.penalizes = bool(self.regularized) or any(link.penalty is not None for link in self._links[True])
        self.workspaces: dict[tuple[int, bool], Workspace] = {}

    def _bind(self, layers: Sequence[Layer], dtype: np.dtype[np.floating[Any]], rng: np.random.Generator) -> None:
        """Give every layer its part of the vectors, with the weights it has, or else initial ones."""
        sizes = [
            [sum(each.size for each in layer.specified if each.trainable is kind) for kind in (True, False)]
            for layer in layers
        ]
        learned, frozen = (
            sum(size for (size, _), state in zip(sizes, self.trainable, strict=True) if state is kind)
            for kind in (True, False)
        )
        kept = [layer.get_weights() if layer.built else None for layer in layers]
        self.parameters: FloatArray = np.zeros(learned, dtype)
        self.gradient: FloatArray = np.zeros_like(self.parameters)
        vectors = {True: (self.parameters, self.gradient), False: tuple(np.zeros((2, frozen), dtype))}
        start = {True: 0, False: 0}
        self.places: list[tuple[Layer, slice]] = []
        for layer, (size, fixed), weights, state in zip(layers, sizes, kept, self.trainable, strict=True):
            place = slice(start[state], start[state] + size)
            start[state] = place.stop
            parameters, gradient = vectors[state]
            layer.bind(parameters[place], gradient[place], np.zeros(fixed, dtype))
            if weights is None:
                layer.initialize(rng)
            else:
                layer.set_weights(weights)
            if state:
                self.places.append((layer, place))

    def split(self, vector: FloatArray) -> list[FloatArray]:
        """Return a view of each weight that learns, in Keras's order, in a vector laid out as the parameters."""
        return [view for layer, place in self.places for view in layer.views(vector[place])]

    def paths(self, network: str) -> list[str]:
        """Return the path of each weight that learns, ``network/layer/weight``."""
        return [
            f"{network}/{layer.name}/{weight.name}"
            for layer, _ in self.places
            for weight in layer.specified
            if weight.trainable
        ]

    def workspace(self, rows: int, *, training: bool) -> Workspace:
        """Return the buffers for that many rows."""
        key = (rows, training)
        workspace = self.workspaces.get(key)
        if workspace is None:
            if len(self.workspaces) >= _MOST_WORKSPACES:
                self.workspaces.clear()
            workspace = self.workspaces[key] = Workspace(
                self._links[training], self._features, rows, self._dtype, training=training
            )
        return workspace

    def penalties(self, workspace: Workspace | None) -> float:
        """Return what regularizers add to the loss: for the weights, and for the batch that last came forward."""
        of_weights = sum(float(regularizer(weight)) for regularizer, weight, _ in self.regularized)
        return of_weights + sum(stage.penalty() for stage in (workspace.penalized if workspace else ()))


@contextmanager
def undisturbed(layers: Sequence[Layer]) -> Iterator[None]:
    """Restore the layers' noise and moving statistics afterwards, and report no overflow."""
    noisy = [layer for layer in layers if isinstance(layer, Noise)]
    states = [layer.generator.bit_generator.state for layer in noisy]
    fixed = [(array, array.copy()) for layer in layers for array in layer.non_trainable_weights]
    try:
        with np.errstate(**QUIET):
            yield
    finally:
        for layer, state in zip(noisy, states, strict=True):
            layer.generator.bit_generator.state = state
        for array, was in fixed:
            array[...] = was
