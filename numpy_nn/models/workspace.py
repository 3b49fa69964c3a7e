"""The arrays for one batch size, allocated once, so that an update allocates nothing.

The layers are first grouped into links: a layer that computes new values, and the activation that is then applied to
them in place. A dense layer with its activation is one link; a dense layer followed by an activation layer is one link
too. Layers that only change shapes are skipped, and so are layers that only add noise when predicting.
"""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import prod
from typing import Any, NamedTuple

import numpy as np

from numpy_nn import activations
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.layers.activation import ActivationLayer
from numpy_nn.layers.layer import Layer
from numpy_nn.layers.regularization import Penalized
from numpy_nn.layers.stage import Stage
from numpy_nn.regularizers import Regularizer

# Arguments of np.errstate. A network that diverges shows it in its loss, as in Keras; NumPy need not warn as well.
QUIET: Any = {"over": "ignore", "invalid": "ignore", "divide": "ignore"}


class Link(NamedTuple):
    """A layer and the activation applied to its output; or the penalty on the output of a layer.

    Attributes:
        layer: the layer; for a penalty, the layer that has the penalty.
        activation: the activation applied in place to the layer's output.
        outputs: the number of output features.
        learns: whether training changes weights of this link.
        penalty: the penalty on the layer's output, for a link that only adds a penalty.
    """

    layer: Layer
    activation: Activation
    outputs: int
    learns: bool = False
    penalty: Regularizer | None = None

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:
        """Return the stage that computes the link for a number of rows."""
        if self.penalty is not None:
            return Penalized(self.penalty, self.outputs, rows, dtype)
        return Stage() if self.layer.idle(training) else self.layer.stage(rows, dtype, training)


def chain(layers: Sequence[Layer], learning: Sequence[bool], *, training: bool) -> list[Link]:
    """Return the links of built layers, each of which learns or does not."""
    links: list[Link] = []
    for layer, learns in zip(layers, learning, strict=True):
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
            # The last layer is kept even if idle: training and prediction must end with the same link.
            has_weights = any(weight.trainable for weight in layer.specified)
            links.append(Link(layer, layer.activation, outputs, learns and has_weights))
        if layer.activity_regularizer is not None:
            links.append(Link(layer, activations.linear, outputs, penalty=layer.activity_regularizer))
    return links or [Link(layers[-1], activations.linear, prod(size or 1 for size in layers[-1].output_shape[1:]))]


class Step(NamedTuple):
    """One step of the backward pass: from a link to the activation of the link below.

    Attributes:
        weight_gradient: the link's method that computes dL/dW.
        x: the link's input.
        input_gradient: the link's method that computes dL/dx.
        gradient: the array for dL/dx, with a row for the ones if the link reads them.
        delta: the same array without that row: dL/da of the link below, then its dL/dz.
        backward: the function that turns dL/da into dL/dz in place.
        a: the output of the link below.
        slope: its derivative da/dz.
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
    """The arrays for the forward and the backward pass over ``rows`` rows.

    The activations of all hidden links share one block of memory: each link's outputs, then a row of ones (the input of
    the next layer's biases). One call can then compute the derivatives of neighbouring links with the same activation.

    Attributes:
        rows: the number of rows.
        features: for prediction, the array for the input, (rows, features).
        below: the same array as the first link reads it, (features + 1, rows) or (features, rows).
        reads_ones: whether the first link reads the column of ones.
        hidden: for each hidden link its function, its activation, its output (outputs, rows), and the input of the next
            link: the same, with the row of ones if that link reads it, (outputs + 1, rows).
        last: the stage of the last link.
        outputs: its output: the logits, then the predictions, (outputs, rows).
        runs: for each group of neighbouring links with one activation: the activation, the array that its derivative
            reads, and the array for the derivative.
        output_slope: da/dz of the last link, for losses that do not include it, (outputs, rows).
        output_delta: dL/dz of the last link, (outputs, rows).
        steps: the backward pass, from the last link down to the lowest that learns.
        first: the stage of the lowest link that learns and its input (None for the data); None if no link learns.
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
        # A derivative that reads the logits may mix the units of a layer, as sparsemax does, so it is called for each
        # layer separately. The others are elementwise, or write nothing.
        places = enumerate(zip(hidden, spans, strict=True))
        for (activation, _), run in groupby(places, key=_run):
            members = [span for _, (_, span) in run]
            first, last = members[0][0], members[-1][1]
            self.runs.append((activation, (logits if activation.of_logits else block)[first:last], slopes[first:last]))
        lowest = next((index for index, link in enumerate(links) if link.learns), None)
        self.first: tuple[Stage, FloatArray | None] | None = None
        if lowest is not None:
            self.first = (stages[lowest], inputs[lowest - 1] if lowest else None)
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
    """An activation that keeps a copy of the logits, which its derivative reads."""

    def __init__(self, activation: Activation, logits: FloatArray) -> None:
        self._activation = activation
        self._logits = logits

    def forward(self, z: FloatArray) -> None:
        """Copy the logits, then apply the activation in place."""
        np.copyto(self._logits, z)
        self._activation.forward(z)


def _run(place: tuple[int, tuple[Link, tuple[int, int]]]) -> tuple[Activation, int]:
    """Return a key; one call computes the derivatives of neighbouring links with the same key."""
    index, (link, _) = place
    return link.activation, index if link.activation.of_logits else -1


def _spans(heights: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Yield the first and the end row of each link's outputs in the block, with a row of ones after each."""
    start = 0
    for height in heights:
        yield start, start + height
        start += height + 1
