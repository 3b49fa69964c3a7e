"""The dense layer: each unit is connected to all inputs.

The mathematics is the textbook's,

    z = W x + b,  a = f(z)          dL/dW = dL/dz xᵀ,  dL/db = sum(dL/dz),  dL/dx = Wᵀ dL/dz

in a layout chosen for speed: data is feature-major, (features + 1, rows), with a last row of ones, and the bias is the
last column of ``[W b]``. The matrix products then include the bias and its gradient, and a layer costs one product
forward and two backward. Without a bias, that column and the row of ones are omitted.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

from typing import Any

import numpy as np

from numpy_nn import activations, constraints, initializers, regularizers
from numpy_nn.activations import Activation
from numpy_nn.arrays import FloatArray
from numpy_nn.constraints import Constraint
from numpy_nn.initializers import Initializer
from numpy_nn.layers.layer import Layer, count, features
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Shape
from numpy_nn.regularizers import Regularizer


class Dense(Layer):
    """A layer whose units are connected to all inputs: ``activation(x @ kernel + bias)``.

    Matches ``keras.layers.Dense``: the same arguments and defaults. A regularizer adds its penalty to the loss; a
    constraint is applied to the weights after every update. ``lora_rank`` and quantization are not supported.

    Attributes:
        kernel: the weights, (inputs, units): a view into the network's parameters, once built.
        bias: the biases, (units,): also a view, or None with ``use_bias=False``.
        kernel_gradient: the gradient of the last backward pass, (inputs, units).
        bias_gradient: the gradient of the biases, (units,).

    Raises:
        ValueError: if ``units`` is not a positive whole number, or a name is unknown.
    """

    quantization_config = None

    def __init__(
        self,
        units: int,
        activation: str | Activation | None = None,
        use_bias: bool = True,
        kernel_initializer: str | Initializer = "glorot_uniform",
        bias_initializer: str | Initializer = "zeros",
        kernel_regularizer: str | Regularizer | None = None,
        bias_regularizer: str | Regularizer | None = None,
        activity_regularizer: str | Regularizer | None = None,
        kernel_constraint: str | Constraint | None = None,
        bias_constraint: str | Constraint | None = None,
        quantization_config: None = None,
        **kwargs: Any,
    ) -> None:
        if quantization_config is not None:
            raise ValueError(
                f"quantization_config must be None: quantization is not supported, got {quantization_config!r}"
            )
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = count("units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.bias: FloatArray | None = None

    kernel: FloatArray
    kernel_gradient: FloatArray
    bias_gradient: FloatArray

    def _output_of(self, shape: Shape) -> Shape:
        features(self, shape)
        return (self.units,)

    def _weights_of(self, shape: Shape) -> list[Weight]:
        kernel = Weight(
            "kernel", (*shape, self.units), self.kernel_initializer, self.kernel_regularizer, self.kernel_constraint
        )
        bias = Weight("bias", (self.units,), self.bias_initializer, self.bias_regularizer, self.bias_constraint)
        return [kernel, bias] if self.use_bias else [kernel]

    def bind(self, parameters: FloatArray, gradient: FloatArray, fixed: FloatArray) -> None:
        """View flat vectors as ``[W b]``, (units, inputs + 1), and its gradient; without a bias W, (units, inputs)."""
        super().bind(parameters, gradient, fixed)
        self.block, self.block_gradient = parameters.reshape(self.units, -1), gradient.reshape(self.units, -1)
        self.kernel_gradient = self.gradients["kernel"]
        if self.use_bias:
            self.bias_gradient = self.gradients["bias"]

    def views(self, parameters: FloatArray) -> list[FloatArray]:
        """Return views of kernel (inputs, units) and bias (units,) in a flat vector that holds ``[W b]``."""
        block = parameters.reshape(self.units, -1)
        return [block[:, :-1].T, block[:, -1]] if self.use_bias else [block.T]

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - the same for all
        """Return the layer's matrix products; they need no buffers."""
        return Affine(self.block, self.block_gradient, self.use_bias)


class Affine(Stage):
    """z = W x + b, on x with its row of ones; without a bias z = W x, on x without that row."""

    def __init__(self, weights: FloatArray, gradient: FloatArray, reads_ones: bool) -> None:
        self._weights = weights  #                              (units, inputs + 1)
        self._transposed = weights.T
        self._gradient = gradient
        self.reads_ones = reads_ones

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write z = [W b] [x; 1]."""
        self._weights.dot(x, out)  #                            (units, inputs + 1) (inputs + 1, rows) -> (units, rows)

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:
        """Store dL/d[W b] = dL/dz [x; 1]ᵀ."""
        delta.dot(x.T, self._gradient)  #                       (units, rows) (rows, inputs + 1) -> (units, inputs + 1)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/d[x; 1] = [W b]ᵀ dL/dz.

        The last row, the gradient of the constant 1, is unused; but the whole product is twice as fast as one with a
        slice that omits the bias, which NumPy would copy.
        """
        self._transposed.dot(delta, out)  #                     (inputs + 1, units) (units, rows) -> (inputs + 1, rows)
