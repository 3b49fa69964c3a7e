"""Where the parameters are: in flat vectors, of which every layer has its part.

One vector holds all parameters that learn, and one their gradient, so an optimizer updates a network of any depth with
a few calls.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.layers.dropout import Noise
from numpy_nn.layers.layer import Layer
from numpy_nn.layers.symbols import Shape
from numpy_nn.models.workspace import QUIET, Workspace, chain

# Buffers are kept for so many numbers of rows; with more, all are allocated again.
_MOST_WORKSPACES = 8


class Workspaces(threading.local):
    """Buffers by number of rows and whether they are for training: every thread has its own."""

    def __init__(self) -> None:
        self.by_size: dict[tuple[int, bool], Workspace] = {}


class Layout:
    """The parameters of built layers in flat vectors, and the buffers for batches.

    Layers keep the weights that they have, where they are; the others are initialized in these vectors. Networks that
    share a layer share its weights: any of them predicts with the weights where they are, and moves them into its own
    vectors to train (`hold`).

    Attributes:
        row: the shape of a row that the first layer takes.
        outputs: how many numbers the last layer gives a row.
        last: the last activation.
        learning: which layers learn.
        parameters, gradient: (parameters,) of all that learns, layer by layer.
        regularized: regularizer, weight and gradient of each weight that has a regularizer and learns.
        constrained: constraint and weight of each weight that has a constraint and learns.
        holds: whether the weights of all layers are in these vectors.
        penalizes: whether anything adds to the loss.
        workspaces: the buffers.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        learning: Sequence[bool],
        row: Shape,
        dtype: np.dtype[np.floating[Any]],
        rng: np.random.Generator,
    ) -> None:
        self.row = row
        self.learning = list(learning)
        self._layers = layers
        self._features = prod(size or 1 for size in row)
        self._dtype = dtype
        self._lay_out(rng)
        self._links = {training: chain(layers, learning, training=training) for training in (True, False)}
        self.last = self._links[True][-1].activation
        self.outputs = self._links[True][-1].outputs
        self._find_weights()
        self.penalizes = bool(self.regularized) or any(link.penalty is not None for link in self._links[True])
        self.workspaces = Workspaces()
        for layer in layers:
            layer.join(self)

    def _lay_out(self, rng: np.random.Generator) -> None:
        """Give every layer its place in the vectors, and initial weights there if it has none."""
        sizes = [
            [sum(each.size for each in layer.specified if each.trainable is kind) for kind in (True, False)]
            for layer in self._layers
        ]
        learned, frozen = (
            sum(size for (size, _), state in zip(sizes, self.learning, strict=True) if state is kind)
            for kind in (True, False)
        )
        self.parameters: FloatArray = np.zeros(learned, self._dtype)
        self.gradient: FloatArray = np.zeros_like(self.parameters)
        vectors = {True: (self.parameters, self.gradient), False: tuple(np.zeros((2, frozen), self._dtype))}
        start = {True: 0, False: 0}
        self.places: list[tuple[Layer, slice]] = []
        self._homes: list[tuple[FloatArray, FloatArray, FloatArray]] = []
        for layer, (size, fixed), state in zip(self._layers, sizes, self.learning, strict=True):
            place = slice(start[state], start[state] + size)
            start[state] = place.stop
            parameters, gradient = vectors[state]
            self._homes.append((parameters[place], gradient[place], np.zeros(fixed, self._dtype)))
            if state:
                self.places.append((layer, place))
        self.holds = True
        for layer, home in zip(self._layers, self._homes, strict=True):
            if layer.built:
                self.holds = False
            else:
                layer.bind(*home)
                layer.initialize(rng)

    def _find_weights(self) -> None:
        """Find the weights with a regularizer or a constraint, where the layers have them now."""
        learned = [
            (layer, weight)
            for layer, learns in zip(self._layers, self.learning, strict=True)
            for weight in layer.specified
            if learns and weight.trainable
        ]
        self.regularized = [
            (weight.regularizer, np.asarray(getattr(layer, weight.name)), layer.gradients[weight.name])
            for layer, weight in learned
            if weight.regularizer is not None
        ]
        self.constrained = [
            (weight.constraint, np.asarray(getattr(layer, weight.name)))
            for layer, weight in learned
            if weight.constraint is not None
        ]
        self._found = True

    def leave(self) -> None:
        """Forget where the weights are: another network, or this one, moves a layer's weights into its vectors."""
        self.holds = self._found = False
        self.workspaces = Workspaces()

    def hold(self) -> None:
        """Move the weights of all layers into these vectors, to train, unless they are there."""
        if self.holds:
            return
        for layer, home in zip(self._layers, self._homes, strict=True):
            layer.move(*home)
        self.holds = True

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
        """Return this thread's buffers for that many rows."""
        key, kept = (rows, training), self.workspaces.by_size
        workspace = kept.get(key)
        if workspace is None:
            if not self._found:
                self._find_weights()
            if len(kept) >= _MOST_WORKSPACES:
                kept.clear()
            workspace = kept[key] = Workspace(
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
