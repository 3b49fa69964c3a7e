"""The buffers of one batch size, allocated once: an update then allocates nothing of its own.

A network's layers are first put in links, each of which is a layer that moves numbers and the activation that then
works on them in place. A dense layer with its activation is one link; so is a dense layer with an activation layer
behind it; what only changes shapes, and in prediction what only makes noise, is none.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import prod
from typing import Any, NamedTuple

import numpy as np

from numpy_nn import activations
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.layers.activation import ActivationLayer
from numpy_nn.layers.layer import Layer, Stage
from numpy_nn.layers.regularization import Penalized
from numpy_nn.regularizers import Regularizer


class Link(NamedTuple):
    """A layer, or the penalty on its output, and the activation behind it.

    Attributes:
        layer: what moves the numbers; for a penalty, the layer that it belongs to.
        activation: what then works on them in place.
        outputs: how many features there are then.
        penalty: what is put on the layer's output, in a link of its own.
    """

    layer: Layer
    activation: Activation
    outputs: int
    penalty: Regularizer | None = None

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:
        """Return the link at work on so many rows."""
        if self.penalty is not None:
            return Penalized(self.penalty, self.outputs, rows, dtype)
        return Stage() if self.layer.idle(training) else self.layer.stage(rows, dtype, training)

    @property
    def learns(self) -> bool:
        """Whether training changes weights here."""
        return self.penalty is None and bool(self.layer.trainable_weights)


def chain(layers: Sequence[Layer], *, training: bool) -> list[Link]:
    """Return the links of layers that are built."""
    links: list[Link] = []
    for layer in layers:
        outputs = prod(size or 1 for size in layer.output_shape[1:])
        below = links[-1] if links else None
        if (
            isinstance(layer, ActivationLayer)
            and below
            and below.activation is activations.linear
            and not below.penalty
        ):
            links[-1] = below._replace(activation=layer.activation)
        elif not layer.idle(training) or (layer is layers[-1] and not layer.idle(training=True)):
            # The last stays though it be idle, so that a network ends alike in training and prediction.
            links.append(Link(layer, layer.activation, outputs))
        if layer.activity_regularizer is not None:
            links.append(Link(layer, activations.linear, outputs, layer.activity_regularizer))
    return links or [Link(layers[-1], activations.linear, prod(size or 1 for size in layers[-1].output_shape[1:]))]


class Step(NamedTuple):
    """One step of the backward pass, from a link down to the activation of the link below it.

    Attributes:
        weight_gradient, input_gradient: of the link's stage.
        x: what the link took.
        gradient: where it writes dL/dx, with a row for the ones if it reads them.
        delta: the same without that row, dL/da for the link below, turned into its dL/dz in place.
        backward: what turns it, with a and its slope.
    """

    weight_gradient: Callable[[FloatArray, FloatArray], None]
    x: FloatArray
    input_gradient: Callable[[FloatArray, FloatArray], None]
    gradient: FloatArray
    delta: FloatArray
    backward: Callable[[FloatArray, FloatArray, FloatArray], None]
    a: FloatArray
    slope: FloatArray


class Workspace:
    """Where the forward and backward pass over ``rows`` rows leave their results.

    The activations of all hidden links share one block of memory, each link's outputs followed by a row of ones (the
    input of the next layer's biases). So one call finds the derivatives of all neighbouring links with the same
    activation.

    Attributes:
        rows: how many rows pass at a time.
        features: for prediction, where rows are put, (rows, features).
        below: the same for the first link, (features + 1, rows).
        reads_ones: whether the first link reads the data's ones.
        hidden: for each hidden link what it does, its activation, its output (outputs, rows), and what the next link
            reads: the same, with the row of ones if it wants it, (outputs + 1, rows).
        last: the last link's stage.
        outputs: what that stage writes, the logits, then the predictions, (outputs, rows).
        runs: for each run of links with one activation: it, what it reads their slopes off, and the slopes.
        output_slope: the last link's da/dz, for a loss that needs it, (outputs, rows).
        output_delta: dL/dz of the last link, (outputs, rows).
        steps: the backward pass, from the last link down to the first that learns.
        first: the first link that learns: what it takes (None for the data), and its stage; None if none learns.
        penalized: the stages that add to the loss.
    """

    def __init__(
        self, links: Sequence[Link], features: int, rows: int, dtype: np.dtype[Any], *, training: bool
    ) -> None:
        stages = [link.stage(rows, dtype, training) for link in links]
        hidden = links[:-1]
        spans = list(_spans(link.outputs for link in hidden))
        block = np.ones((sum(link.outputs + 1 for link in hidden), rows), dtype)
        read = [stage.reads_ones for stage in stages[1:]]
        inputs = [block[first : last + ones] for (first, last), ones in zip(spans, read, strict=True)]
        keeps = training and any(link.activation.of_logits for link in hidden)
        logits = np.ones_like(block) if keeps else block

        self.rows = rows
        self.reads_ones = stages[0].reads_ones
        self.last = stages[-1]
        self.outputs = np.empty((links[-1].outputs, rows), dtype)
        self.penalized = [stage for link, stage in zip(links, stages, strict=True) if link.penalty is not None]
        self.hidden = [
            (
                stage.forward,
                _Keeping(link.activation, logits[first:last]).forward
                if training and link.activation.of_logits
                else link.activation.forward,
                block[first:last],
                below,
            )
            for link, stage, (first, last), below in zip(hidden, stages[:-1], spans, inputs, strict=True)
        ]
        if not training:
            data = np.ones((rows, features + 1), dtype)
            self.features = data[:, :-1]
            self.below = data.T if self.reads_ones else data.T[:-1]
            return

        slopes, deltas = np.ones_like(block), np.empty_like(block)
        self.output_slope = np.ones_like(self.outputs)
        self.output_delta = np.empty_like(self.outputs)
        self.runs: list[tuple[Activation, FloatArray, FloatArray]] = []
        # A derivative that wants the logits may look across the units of a layer, as that of sparsemax does: it is
        # called for each layer alone. The others are elementwise, or write nothing.
        places = enumerate(zip(hidden, spans, strict=True))
        for (activation, _), run in groupby(places, key=_run):
            members = [span for _, (_, span) in run]
            first, last = members[0][0], members[-1][1]
            self.runs.append((activation, (logits if activation.of_logits else block)[first:last], slopes[first:last]))
        lowest = next((index for index, link in enumerate(links) if link.learns), None)
        self.first: tuple[FloatArray | None, Stage] | None = None
        if lowest is not None:
            self.first = (inputs[lowest - 1] if lowest else None, stages[lowest])
        self.steps = [
            Step(
                stages[index + 1].weight_gradient,
                inputs[index],
                stages[index + 1].input_gradient,
                deltas[spans[index][0] : spans[index][1] + read[index]],
                deltas[slice(*spans[index])],
                links[index].activation.backward,
                block[slice(*spans[index])],
                slopes[slice(*spans[index])],
            )
            for index in range(len(hidden) - 1, (len(hidden) if lowest is None else lowest) - 1, -1)
        ]


class _Keeping:
    """An activation whose derivative asks for the logits, which are kept before it works in place."""

    def __init__(self, activation: Activation, logits: FloatArray) -> None:
        self._activation = activation
        self._logits = logits

    def forward(self, z: FloatArray) -> None:
        """Replace the logits by the activation."""
        np.copyto(self._logits, z)
        self._activation.forward(z)


def _run(place: tuple[int, tuple[Link, tuple[int, int]]]) -> tuple[Activation, int]:
    """Return what neighbouring links must share for their derivatives to be found in one call."""
    index, (link, _) = place
    return link.activation, index if link.activation.of_logits else -1


def _spans(heights: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Yield where each link's outputs begin and end in a block, with a row of ones between."""
    start = 0
    for height in heights:
        yield start, start + height
        start += height + 1
