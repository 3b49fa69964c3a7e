"""The buffers of one batch size, allocated once: an update then allocates nothing of its own."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.layers import Dense


class Workspace:
    """Where the forward and backward pass over ``rows`` rows leave their results.

    The activations of all hidden layers share one block of memory, each layer's units followed by a row of ones (the
    input of the next layer's biases). So one call finds the derivatives of all neighbouring layers with the same
    activation.

    Attributes:
        activations: a of each hidden layer, (units, rows).
        inputs: the same with its row of ones, (units + 1, rows): what the next layer reads.
        hidden: each hidden layer with its ``activations`` and ``inputs``, to go through forwards.
        slopes: da/dz of each hidden layer, (units, rows).
        input_gradients: what the next layer writes for each hidden layer: its dL/da, with a row for the ones,
            (units + 1, rows).
        deltas: the same without that row, (units, rows): dL/da, turned into dL/dz in place.
        runs: for each run of layers with one activation: it, their a and their slopes.
        outputs: the logits of the last layer, then its predictions, (outputs, rows).
        output_slope: the last layer's da/dz, for a loss that needs it, (outputs, rows).
        output_delta: dL/dz of the last layer, (outputs, rows).
    """

    def __init__(self, layers: Sequence[Dense], rows: int, dtype: np.dtype[Any], *, training: bool) -> None:
        hidden = layers[:-1]
        height = sum(layer.units + 1 for layer in hidden)
        block = np.ones((height, rows), dtype)
        spans = []
        start = 0
        for layer in hidden:
            spans.append((start, start + layer.units))
            start += layer.units + 1
        self.activations = [block[first:last] for first, last in spans]
        self.inputs = [block[first : last + 1] for first, last in spans]
        self.hidden = list(zip(hidden, self.activations, self.inputs, strict=True))
        self.outputs = np.empty((layers[-1].units, rows), dtype)
        if not training:
            return
        slope_block, delta_block = np.ones_like(block), np.empty_like(block)
        self.slopes = [slope_block[first:last] for first, last in spans]
        self.input_gradients = [delta_block[first : last + 1] for first, last in spans]
        self.deltas = [delta_block[first:last] for first, last in spans]
        self.output_slope = np.ones_like(self.outputs)
        self.output_delta = np.empty_like(self.outputs)
        self.runs: list[tuple[Activation, FloatArray, FloatArray]] = []
        for activation, run in groupby(zip(hidden, spans, strict=True), key=lambda pair: pair[0].activation):
            members = [span for _, span in run]
            first, last = members[0][0], members[-1][1]
            self.runs.append((activation, block[first:last], slope_block[first:last]))
