"""Layers: ``Input`` says how wide the data is, ``Dense`` is a layer of units.

The mathematics of a dense layer is that of every textbook,

    z = W x + b,  a = f(z)          dL/dW = dL/dz xᵀ,  dL/db = sum(dL/dz),  dL/dx = Wᵀ dL/dz

in a shape made for speed: data is feature-major, (features + 1, rows), its last row always one, and the bias is the
last column of ``[W b]``. So the bias and its gradient are part of the matrix products, and a layer costs one product
forward and two back.
"""

import numpy as np

from numpy_nn import activations, initializers
from numpy_nn.activations import Activation
from numpy_nn.arrays import Float64Array, FloatArray
from numpy_nn.initializers import Initializer


class Input:
    """Declares the shape of one row: ``Input((2,))`` for rows of two features."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 1 or not _is_count(shape[0]):
            raise ValueError(f"shape must be (features,) with a positive whole number, got {shape!r}")
        self.features = int(shape[0])


class Dense:
    """A layer of units, each fed by all inputs: ``activation(x @ kernel + bias)``.

    Matches ``keras.layers.Dense``: the same arguments, the same defaults.

    Attributes:
        kernel: the weights, (inputs, units): a view into the network's parameters, once built.
        bias: the biases, (units,): a view likewise.
        kernel_gradient: the gradient of the last backward pass, (inputs, units).
        bias_gradient: the same for the biases, (units,).

    Raises:
        ValueError: if ``units`` is no positive whole number, or a name is not known.
    """

    def __init__(
        self,
        units: int,
        activation: str | Activation | None = None,
        *,
        kernel_initializer: str | Initializer = "glorot_uniform",
        bias_initializer: str | Initializer = "zeros",
    ) -> None:
        if not _is_count(units):
            raise ValueError(f"units must be a positive whole number, got {units!r}")
        self.units = int(units)
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def initial_weights(self, inputs: int, rng: np.random.Generator) -> tuple[Float64Array, Float64Array]:
        """Draw a kernel, (inputs, units), and a bias, (units,)."""
        return self.kernel_initializer((inputs, self.units), rng), self.bias_initializer((self.units,), rng)

    def bind(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Use ``weights`` and ``gradient``, (units, inputs + 1), for ``[W b]`` and what belongs to it."""
        self._weights = weights
        self._gradient = gradient
        self._transposed = weights.T
        self.kernel = weights[:, :-1].T
        self.bias = weights[:, -1]
        self.kernel_gradient = gradient[:, :-1].T
        self.bias_gradient = gradient[:, -1]

    def logits(self, x: FloatArray, out: FloatArray) -> None:
        """Write z = W x + b."""
        self._weights.dot(x, out)  #                            (units, inputs + 1) (inputs + 1, rows) -> (units, rows)

    def forward(self, x: FloatArray, out: FloatArray) -> None:
        """Write a = f(W x + b)."""
        self._weights.dot(x, out)  #                            (units, rows)
        self.activation.forward(out)

    def weight_gradient(self, x: FloatArray, delta: FloatArray) -> None:
        """Keep dL/d[W b], given delta = dL/dz; x is what `forward` took."""
        delta.dot(x.T, self._gradient)  #                       (units, rows) (rows, inputs + 1) -> (units, inputs + 1)

    def input_gradient(self, delta: FloatArray, out: FloatArray) -> None:
        """Write dL/d[x; 1] = [W b]ᵀ dL/dz.

        The last row, the gradient of the constant one, is nobody's; but whole, the product is twice as fast as from a
        slice without the bias, which NumPy would copy.
        """
        self._transposed.dot(delta, out)  #                     (inputs + 1, units) (units, rows) -> (inputs + 1, rows)


def _is_count(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) > 0
