"""Backpropagation: `forward`, `Backprop.backward` and `Backprop.update`, which is one step of gradient descent.

Arrays are feature-major: one column per row of data. A dense layer computes ``z = W x + b`` and ``a = f(z)``. The
backward pass carries ``delta = dL/dz`` from the loss down to the first layer:

    dL/dW = delta xᵀ                      weight_gradient
    dL/dx = Wᵀ delta                      input_gradient
    delta of the layer below = dL/dx · f'(z)

A `Workspace` holds the array for every result, so an update allocates nothing. What a layer computes is in
`numpy_nn.layers`, the slope f' in `numpy_nn.activations`, dL/dz at the output in `numpy_nn.losses`, and the change of
the weights in `numpy_nn.optimizers`.
"""

from __future__ import annotations  # evaluating annotations would take a third of the import time

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.models.layout import Layout
from numpy_nn.models.objective import Objective
from numpy_nn.models.workspace import Workspace
from numpy_nn.optimizers import Optimizer


def forward(workspace: Workspace, x: FloatArray) -> FloatArray:
    """Return the logits of x, (features + 1, rows): the output of the last layer before its activation."""
    for transform, activate, outputs, inputs in workspace.hidden:
        transform(x, outputs)  #                                            z = W x + b: (units, rows)
        activate(outputs)  #                                                a = f(z), in place
        x = inputs  #                                                       a and a row of ones: (units + 1, rows)
    workspace.last.forward(x, workspace.outputs)
    return workspace.outputs  #                                             (outputs, rows)


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

    def backward(
        self, workspace: Workspace, x: FloatArray, targets: FloatArray, weights: FloatArray | None, logits: FloatArray
    ) -> None:
        """Write dL/dW of every trainable weight into the layout's gradient; `forward` has computed the outputs of x.

        Args:
            workspace: the results of the forward pass.
            x: (rows, features + 1), the last column all ones.
            targets: (rows, outputs).
            weights: the weight of each row in the loss, (rows,); None if all weigh the same.
            logits: a copy of the logits, (rows, outputs).
        """
        objective, predictions = self.objective, workspace.outputs  #       (outputs, rows)
        objective.link.forward(predictions)
        for activation, outputs, slope in workspace.runs:
            activation.derivative(outputs, slope)  #                        f'(z) of the hidden layers

        delta = workspace.output_delta  #                                   dL/dz of the last layer: (outputs, rows)
        divisor = len(x) if objective.counts_rows else objective.divisor(targets, weights)
        objective.form.gradient(predictions, targets.T, divisor, delta)
        if weights is not None:
            np.multiply(delta, weights, delta)
        if not objective.fused:  #                                          delta is dL/da so far
            objective.link.derivative(logits.T if objective.link.of_logits else predictions, workspace.output_slope)
            objective.link.backward(delta, predictions, workspace.output_slope)

        for weight_gradient, inputs, input_gradient, gradient, delta_below, multiply, a, slope in workspace.steps:
            weight_gradient(inputs, delta)  #                               dL/dW = delta xᵀ: (units, inputs + 1)
            input_gradient(delta, gradient)  #                              dL/dx = Wᵀ delta: (inputs, rows)
            delta = delta_below  #                                          the same array
            multiply(delta, a, slope)  #                                    dL/dz = dL/dx · f'(z), in place
        if workspace.first is not None:
            stage, below = workspace.first
            if below is None:
                below = x.T if stage.reads_ones else x.T[:-1]
            stage.weight_gradient(below, delta)
        if self.layout.penalizes:
            self._penalize(workspace, len(x))

    def update(
        self, workspace: Workspace, x: FloatArray, targets: FloatArray, weights: FloatArray | None, logits: FloatArray
    ) -> None:
        """Change the weights by one step of gradient descent on x; write the logits before the step to ``logits``.

        The shapes are those of `backward`.
        """
        layout = self.layout
        logits[...] = forward(workspace, x.T if workspace.reads_ones else x.T[:-1]).T
        self.backward(workspace, x, targets, weights, logits)
        self.optimizer.update(layout.parameters, layout.gradient)
        if layout.constrained:
            for constraint, weight in layout.constrained:
                weight[...] = constraint(weight)

    def _penalize(self, workspace: Workspace, rows: int) -> None:
        """Add the regularizers' gradients to those of the loss, and their penalties to `penalty`."""
        self.penalty += rows * self.layout.penalties(workspace)
        for regularizer, weight, gradient in self.layout.regularized:
            regularizer.add_gradient(weight, gradient)
