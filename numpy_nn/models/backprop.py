"""Gradient descent by backpropagation: forward, backward, update.

The arrays of a batch are feature-major here, (units, rows), in buffers that a `Workspace` allocates once. A layer and
its activation are one link; the row of ones below each layer's input makes its bias one more row of its kernel.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.models.layout import Layout
from numpy_nn.models.objective import Objective
from numpy_nn.models.workspace import Workspace
from numpy_nn.optimizers import Optimizer


class Backprop:
    """Trains the parameters of a layout to minimize an objective.

    Attributes:
        penalty: what regularizers added to the loss since it was last set to zero, each row counting as one.
    """

    def __init__(self, layout: Layout, objective: Objective, optimizer: Optimizer) -> None:
        self.layout = layout
        self.objective = objective
        self.optimizer = optimizer
        self.penalty = 0.0

    def update(
        self, workspace: Workspace, x: FloatArray, targets: FloatArray, weights: FloatArray | None, logits: FloatArray
    ) -> None:
        """Make one update on rows x, (rows, features + 1), and leave in ``logits`` what they had before it."""
        layout = self.layout
        self.forward(workspace, x, logits)
        self.backward(workspace, x, targets, weights, logits)
        self.optimizer.update(layout.parameters, layout.gradient)
        if layout.constrained:
            for constraint, weight in layout.constrained:
                weight[...] = constraint(weight)

    def forward(self, workspace: Workspace, x: FloatArray, logits: FloatArray) -> None:
        """Feed rows through the layers, up to what the loss compares with the targets."""
        outputs = through(workspace, x.T if workspace.reads_ones else x.T[:-1])
        logits[...] = outputs.T  #                                          (rows, outputs)
        self.objective.link.forward(outputs)

    def backward(
        self, workspace: Workspace, x: FloatArray, targets: FloatArray, weights: FloatArray | None, logits: FloatArray
    ) -> None:
        """Propagate the loss's gradient back to the first layer that learns, and keep that of every weight."""
        objective = self.objective
        for activation, outputs, slope in workspace.runs:
            activation.derivative(outputs, slope)  #                        da/dz of neighbouring layers, (units, rows)
        delta = workspace.output_delta  #                                   dL/dz of the last layer, (outputs, rows)
        divisor = len(x) if objective.counts_rows else objective.divisor(targets, weights)
        objective.form.gradient(workspace.outputs, targets.T, divisor, delta)
        if weights is not None:
            np.multiply(delta, weights, delta)
        if not objective.fused:
            known = logits.T if objective.link.of_logits else workspace.outputs
            objective.link.derivative(known, workspace.output_slope)
            objective.link.backward(delta, workspace.outputs, workspace.output_slope)
        for weight_gradient, below, input_gradient, gradient, delta_below, backward, a, slope in workspace.steps:
            weight_gradient(below, delta)  #                                dL/dW = delta belowᵀ
            input_gradient(delta, gradient)  #                              dL/da = Wᵀ delta, (units, rows)
            delta = delta_below
            backward(delta, a, slope)  #                                    dL/dz = dL/da · da/dz
        if workspace.first is not None:
            inputs, stage = workspace.first
            if inputs is None:
                inputs = x.T if stage.reads_ones else x.T[:-1]  #           (features + 1, rows)
            stage.weight_gradient(inputs, delta)
        if self.layout.penalizes:
            self._penalize(workspace, len(x))

    def _penalize(self, workspace: Workspace, rows: int) -> None:
        """Add the regularizers' gradients to those of the loss, and their penalties to `penalty`."""
        self.penalty += rows * self.layout.penalties(workspace)
        for regularizer, weight, gradient in self.layout.regularized:
            regularizer.add_gradient(weight, gradient)


def through(workspace: Workspace, below: FloatArray) -> FloatArray:
    """Feed rows, (features + 1, rows), through the layers, and return the logits, (outputs, rows)."""
    for transform, activate, outputs, inputs in workspace.hidden:
        transform(below, outputs)  #                                        z = W x + b, (units, rows)
        activate(outputs)  #                                                a = f(z), in place
        below = inputs  #                                                   a with its row of ones, (units + 1, rows)
    workspace.last.forward(below, workspace.outputs)
    return workspace.outputs
