"""What layers are made of: the descriptions of their weights, and stages, which compute on a number of rows."""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import NamedTuple

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.symbols import Shape
from numpy_nn.regularizers import Regularizer


class Weight(NamedTuple):
    """The description of a weight, before its array exists; ``name`` is the layer's attribute."""

    name: str
    shape: Shape
    initializer: Initializer
    regularizer: Regularizer | None = None
    constraint: Constraint | None = None
    trainable: bool = True

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape, dtype=np.intp))


class Stage:
    """The mathematics of a layer for a fixed number of rows, with the buffers it needs.

    All arrays are feature-major: x and its gradient (inputs, rows), out and its gradient delta (outputs, rows).

    Attributes:
        reads_ones: whether ``x``, and the gradient with respect to it, has an additional last row, of ones in ``x``.
    """

    reads_ones = False

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write the output for x."""
        np.copyto(out, x)

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:
        """Store the gradients of the layer's weights, given delta = dL/dout and the input of `forward`."""

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/dx; called after `weight_gradient`, with the same delta."""
        np.copyto(out, delta)

    def penalty(self) -> float:
        """Return the layer's contribution to the loss of the batch last passed to `forward`."""
        return 0.0
