"""Activation functions, each with its derivative beside it.

Inside a network an activation works in place on a feature-major block, (units, batch). Most derivatives can be read
off the function's own output, so that no layer has to remember its logits; where that is impossible the activation
says so (`Activation.of_logits`), and the network keeps them. Called as a function, as in ``relu(x)`` or
``elu(x, alpha=2.0)``, an activation takes (..., units) and returns a new array, as ``keras.activations`` does.

First come the ones that networks live on, written for speed; then those across the units of a row; then a table of all
others, a row of mathematics each.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from numpy_nn import gaussian
from numpy_nn.arrays import FloatArray
from numpy_nn.config import float_type
from numpy_nn.names import find

# Arrays of no dimension are the cheapest scalars NumPy knows; exact in float32, these serve both number types.
_ZERO = np.zeros((), np.float32)
_ONE = np.ones((), np.float32)
_MINUS_ONE = -_ONE


@lru_cache(maxsize=64)
def _zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> FloatArray:
    """Return zeros, to be read only: NumPy compares two arrays several times faster than an array and a scalar."""
    return np.zeros(shape, dtype)


class Activation:
    """A function of the logits z, (units, batch), and its derivative.

    Attributes:
        name: Keras's name.
        of_logits: whether `derivative` needs the logits z; if not, it reads the derivative off the output a.
        axis: where the units lie when it is called as a function; within a network they come first.
    """

    name: str
    of_logits: bool = False
    axis: int | None = -1

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """Return the activation of ``x``, (..., units), as a new array of its number type."""
        array = np.asarray(x)
        out = np.array(array, dtype=array.dtype if array.dtype.kind == "f" else float_type(), order="C")
        if self.axis is None or not out.ndim:
            self.forward(out.reshape(-1))
        else:
            self.forward(np.moveaxis(out, self.axis, 0))
        return out

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle and copy the module's own by name, so that each stays the one of its kind."""
        return self.name if ACTIVATIONS.get(self.name) is self else super().__reduce__()

    def forward(self, z: FloatArray) -> None:
        """Replace the logits by the activation."""
        raise NotImplementedError

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write da/dz, elementwise, into ``out``; ``a`` is the output, or z for an activation `of_logits`."""
        raise NotImplementedError

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002 - softmax needs a
        """Turn dL/da into dL/dz, in place; ``a`` is the output and ``slope`` holds what `derivative` wrote."""
        np.multiply(delta, slope, delta)


# What networks live on


class Linear(Activation):
    """The identity: a = z."""

    name = "linear"

    def forward(self, z: FloatArray) -> None:
        """Leave the logits as they are."""

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Leave ``out`` alone: the derivative is one everywhere, and `backward` multiplies by nothing."""

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:
        """Leave the gradient as it is."""


class Relu(Activation):
    """a = max(z, 0). With other than the default arguments it is called as `RectifiedLinear`."""

    name = "relu"

    def __call__(
        self, x: npt.ArrayLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
    ) -> FloatArray:
        """Return max(x, 0), or what the arguments make of it, as a new array of its number type."""
        if negative_slope == 0 and max_value is None and threshold == 0:
            return super().__call__(x)
        return RectifiedLinear(negative_slope, max_value, threshold)(x)

    def forward(self, z: FloatArray) -> None:
        """Replace z by max(z, 0)."""
        np.maximum(z, _zeros(z.shape, z.dtype), out=z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write 1 where a > 0, else 0."""
        # np.sign says the same of a number that is never negative, but it branches: ten times slower on real data.
        np.greater(a, _ZERO, out=out, casting="unsafe")


class RectifiedLinear(Activation):
    """a = min(z, max_value) for z > threshold, else negative_slope (z - threshold).

    Matches ``keras.activations.relu`` with arguments, and ``keras.layers.ReLU``.
    """

    name = "relu"
    of_logits = True

    def __init__(self, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> None:
        self.negative_slope = negative_slope
        self.max_value = max_value
        self.threshold = threshold

    def forward(self, z: FloatArray) -> None:
        """Replace z by its rectified value."""
        above = z if self.max_value is None else np.clip(z, 0, self.max_value)
        below: Any = self.negative_slope * (z - self.threshold) if self.negative_slope else 0
        z[...] = np.where(z > self.threshold, above, below)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write 1 above the threshold, 0 where the value is cut off, and the negative slope below the threshold."""
        above: Any = 1 if self.max_value is None else (a >= 0) & (a <= self.max_value)
        out[...] = np.where(a > self.threshold, above, self.negative_slope)


class Sigmoid(Activation):
    """a = 1 / (1 + exp(-z)), computed as 1 - r for z >= 0 and r for z < 0, where r = e / (1 + e) and e = exp(-|z|).

    Nothing overflows, and neither side loses digits: near one, r is what is missing to it. Keras rounds alike there,
    which keeps float32 twins together for longer.
    """

    name = "sigmoid"

    def forward(self, z: FloatArray) -> None:
        """Replace z by its sigmoid."""
        positive = np.greater_equal(z, _ZERO)
        np.copysign(z, _MINUS_ONE, z)
        np.exp(z, z)
        np.divide(z, z + _ONE, z)
        np.subtract(_ONE, z, z, where=positive)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write a (1 - a)."""
        np.subtract(_ONE, a, out)
        np.multiply(a, out, out)


class Tanh(Activation):
    """a = tanh(z)."""

    name = "tanh"

    def forward(self, z: FloatArray) -> None:
        """Replace z by tanh(z)."""
        np.tanh(z, z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write 1 - a²."""
        np.multiply(a, a, out)
        np.subtract(_ONE, out, out)


# Across the units of a row: no derivative is elementwise, so that `backward` applies the whole Jacobian


class AcrossUnits(Activation):
    """An activation each of whose outputs depends on all the units of its row."""

    def __init__(self, axis: int | None = -1) -> None:
        self.axis = axis

    def __call__(self, x: npt.ArrayLike, axis: int | None = -1) -> FloatArray:
        """Return the activation of ``x`` over the units along ``axis``, or over all of it for ``None``."""
        return super().__call__(x) if axis == self.axis else type(self)(axis)(x, axis)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write nothing: the units depend on each other."""


class Softmax(AcrossUnits):
    """a = exp(z) / sum(exp(z)) over the units; the largest logit is taken off first, so that nothing overflows."""

    name = "softmax"

    def forward(self, z: FloatArray) -> None:
        """Replace z by exp(z) / sum(exp(z))."""
        np.subtract(z, z.max(axis=0), z)
        np.exp(z, z)
        np.divide(z, z.sum(axis=0), z)

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002
        """Apply the Jacobian diag(a) - a aᵀ: dL/dz = a (dL/da - sum(dL/da · a))."""
        np.subtract(delta, (delta * a).sum(axis=0), delta)
        np.multiply(delta, a, delta)


class LogSoftmax(AcrossUnits):
    """a = z - log(sum(exp(z))) over the units; the largest logit is taken off first."""

    name = "log_softmax"

    def forward(self, z: FloatArray) -> None:
        """Replace z by the logarithm of its softmax."""
        np.subtract(z, z.max(axis=0), z)
        np.subtract(z, np.log(np.exp(z).sum(axis=0)), z)

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:  # noqa: ARG002
        """Apply the Jacobian: dL/dz = dL/da - softmax(z) sum(dL/da), and softmax(z) = exp(a)."""
        np.subtract(delta, np.exp(a) * delta.sum(axis=0), delta)


class Sparsemax(AcrossUnits):
    """a = max(z - tau, 0), tau = (c_1 + ... + c_k - 1) / k.

    The c_i are the running sums of the row's logits from the largest down, and k counts those i where the i-th largest
    logit exceeds (c_i - 1) / i. This is what Keras computes. The paper (Martins and Astudillo, 2016) has c_k alone in
    place of their sum; so Keras's outputs sum to one only where k is 1, and so do these.
    """

    name = "sparsemax"
    of_logits = True

    def forward(self, z: FloatArray) -> None:
        """Replace z by its sparsemax."""
        falling = -np.sort(-z, axis=0)
        sums, support, _ = self._support(falling)
        count = support.sum(axis=0, dtype=z.dtype)
        np.subtract(z, (np.where(support, sums, 0).sum(axis=0) - 1) / count, z)
        np.maximum(z, 0, out=z)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write dtau/dz from the logits: (k - i + 1) / k for the i-th largest, i up to k, and 0 beyond."""
        order = np.argsort(-a, axis=0, kind="stable")
        _, support, rank = self._support(np.take_along_axis(a, order, axis=0))
        count = support.sum(axis=0, dtype=a.dtype)
        np.put_along_axis(out, order, np.where(support, (count - rank + 1) / count, 0), axis=0)

    def backward(self, delta: FloatArray, a: FloatArray, slope: FloatArray) -> None:
        """Apply the Jacobian: dL/dz = m dL/da - dtau/dz sum(m dL/da), where m = 1 for a > 0, else 0."""
        np.multiply(delta, a > 0, delta)
        np.subtract(delta, slope * delta.sum(axis=0), delta)

    @staticmethod
    def _support(falling: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_], FloatArray]:
        """Return the running sums of logits sorted from the largest down, which of them count, and their ranks."""
        sums = falling.cumsum(axis=0)
        rank = np.arange(1, len(falling) + 1, dtype=falling.dtype).reshape(-1, *[1] * (falling.ndim - 1))
        return sums, falling - (sums - 1) / rank > 0, rank


class Glu(AcrossUnits):
    """a = z_1 sigmoid(z_2), where z_1 and z_2 are the halves of the units: a function only.

    It halves the units, which no layer of a network here expects of its activation.
    """

    name = "glu"

    def __call__(self, x: npt.ArrayLike, axis: int | None = -1) -> FloatArray:
        """Return the first half of ``x`` times the sigmoid of the second, split along ``axis``.

        Raises:
            ValueError: if the axis has an odd length.
        """
        array = np.asarray(x)
        if axis is None or array.shape[axis] % 2:
            raise ValueError(f"glu needs an axis of even length to split, got axis {axis} of the shape {array.shape}")
        value, gate = np.split(array, 2, axis=axis)
        product: FloatArray = value * sigmoid(gate)
        return product

    def forward(self, z: FloatArray) -> None:  # noqa: ARG002
        """Refuse: a layer's activation cannot halve its units."""
        raise ValueError("glu halves the units, which a layer's activation cannot: call it as a function, glu(x)")


# The others: a row each


class Elementwise(Activation):
    """An activation that treats all units alike, given by two lines of mathematics.

    Args:
        name: Keras's name.
        value: a, from z and the parameters.
        slope: da/dz, from what ``of`` says and the parameters.
        of: ``"output"`` if ``slope`` takes a, ``"logits"`` if it takes z.
        parameters: Keras's further arguments with their defaults, in its order.
    """

    def __init__(
        self,
        name: str,
        value: Callable[..., Any],
        slope: Callable[..., Any],
        of: str = "output",
        **parameters: Any,
    ) -> None:
        self.name = name
        self.value = value
        self.slope = slope
        self.of_logits = of == "logits"
        self.parameters = parameters

    def __call__(self, x: npt.ArrayLike, *arguments: Any, **named: Any) -> FloatArray:
        """Return the activation of ``x`` as a new array of its number type; arguments are Keras's."""
        if not arguments and not named:
            return super().__call__(x)
        if len(arguments) > len(self.parameters):
            raise TypeError(f"{self.name} takes x and {', '.join(self.parameters) or 'nothing else'}")
        return self.configured(**dict(zip(self.parameters, arguments, strict=False)), **named)(x)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle and copy by name and parameters: the mathematics is the module's."""
        plain = super().__reduce__() if ACTIVATIONS.get(self.name) is self else None
        return plain or (_configured, (self.name, self.parameters))

    def configured(self, **parameters: Any) -> "Elementwise":
        """Return the same activation with other parameters: ``elu.configured(alpha=0.5)``, for use in a layer.

        Raises:
            TypeError: if it has no such parameter.
        """
        unknown = sorted(parameters.keys() - self.parameters.keys())
        if unknown:
            raise TypeError(f"{self.name} takes {', '.join(self.parameters) or 'no parameters'}, got {unknown[0]!r}")
        of = "logits" if self.of_logits else "output"
        return Elementwise(self.name, self.value, self.slope, of, **self.parameters | parameters)

    def forward(self, z: FloatArray) -> None:
        """Replace z by the activation."""
        z[...] = self.value(z, **self.parameters)

    def derivative(self, a: FloatArray, out: FloatArray) -> None:
        """Write da/dz."""
        out[...] = self.slope(a, **self.parameters)


def _configured(name: str, parameters: Mapping[str, Any]) -> Activation:
    return cast("Elementwise", ACTIVATIONS[name]).configured(**parameters)


def _sigmoid(z: FloatArray) -> FloatArray:
    return sigmoid(z)


def _softplus(z: FloatArray) -> FloatArray:
    """Return log(1 + exp(z)), so that nothing overflows."""
    value: FloatArray = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return value


def _gelu(z: FloatArray, approximate: bool) -> FloatArray:
    """Return z times the probability of a normal number below z, or Hendrycks and Gimpel's approximation by tanh."""
    if not approximate:
        return z * gaussian.distribution(z)
    value: FloatArray = 0.5 * z * (1 + np.tanh(_gelu_argument(z)))
    return value


def _gelu_slope(z: FloatArray, approximate: bool) -> FloatArray:
    if not approximate:
        return gaussian.distribution(z) + z * gaussian.density(z)
    t = np.tanh(_gelu_argument(z))
    slope: FloatArray = 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * _GELU_SCALE * (1 + 3 * 0.044715 * z * z)
    return slope


_GELU_SCALE = math.sqrt(2 / math.pi)


def _gelu_argument(z: FloatArray) -> FloatArray:
    return _GELU_SCALE * (z + 0.044715 * z * z * z)


def _mish_slope(z: FloatArray) -> FloatArray:
    t = np.tanh(_softplus(z))
    slope: FloatArray = t + z * (1 - t * t) * _sigmoid(z)
    return slope


def _silu_slope(z: FloatArray) -> FloatArray:
    s = _sigmoid(z)
    slope: FloatArray = s * (1 + z * (1 - s))
    return slope


# Klambauer et al., 2017: the fixed point of mean 0 and variance 1.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946

linear = Linear()
relu = Relu()
sigmoid = Sigmoid()
softmax = Softmax()
tanh = Tanh()
log_softmax = LogSoftmax()
sparsemax = Sparsemax()
glu = Glu()
celu = Elementwise(
    "celu",
    lambda z, alpha: np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0) / alpha),
    lambda a, alpha: np.where(a > 0, 1, a / alpha + 1),
    alpha=1.0,
)
elu = Elementwise(
    "elu",
    lambda z, alpha: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
    lambda z, alpha: np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0))),
    of="logits",  # a negative alpha turns the left side up, where the output does not tell the sides apart
    alpha=1.0,
)
exponential = Elementwise("exponential", np.exp, lambda a: a)
gelu = Elementwise("gelu", _gelu, _gelu_slope, of="logits", approximate=False)
hard_shrink = Elementwise(
    "hard_shrink",
    lambda z, threshold: np.where(np.abs(z) > threshold, z, 0),
    lambda a, threshold: a != 0,  # noqa: ARG005
    threshold=0.5,
)
hard_sigmoid = Elementwise(
    "hard_sigmoid",
    lambda z: np.clip(z + 3, 0, 6) / 6,
    lambda a: ((a > 0) & (a < 1)) / 6,
)
hard_silu = Elementwise(
    "hard_silu",
    lambda z: z * (np.clip(z + 3, 0, 6) / 6),
    lambda z: np.where(np.abs(z) < 3, (2 * z + 3) / 6, z >= 3),
    of="logits",
)
hard_tanh = Elementwise("hard_tanh", lambda z: np.clip(z, -1, 1), lambda a: np.abs(a) < 1)
leaky_relu = Elementwise(
    "leaky_relu",
    lambda z, negative_slope: np.where(z > 0, z, negative_slope * z),
    lambda z, negative_slope: np.where(z > 0, 1, negative_slope),
    of="logits",  # a negative slope turns the left side up
    negative_slope=0.2,
)
log_sigmoid = Elementwise("log_sigmoid", lambda z: -_softplus(-z), lambda a: -np.expm1(a))
mish = Elementwise("mish", lambda z: z * np.tanh(_softplus(z)), _mish_slope, of="logits")
relu6 = Elementwise("relu6", lambda z: np.clip(z, 0, 6), lambda a: (a > 0) & (a < 6))
selu = Elementwise(
    "selu",
    lambda z: _SELU_SCALE * np.where(z > 0, z, _SELU_ALPHA * np.expm1(np.minimum(z, 0))),
    lambda a: np.where(a > 0, _SELU_SCALE, a + _SELU_SCALE * _SELU_ALPHA),
)
silu = Elementwise("silu", lambda z: z * _sigmoid(z), _silu_slope, of="logits")
soft_shrink = Elementwise(
    "soft_shrink",
    lambda z, threshold: np.where(z > threshold, z - threshold, np.where(z < -threshold, z + threshold, 0)),
    lambda a, threshold: a != 0,  # noqa: ARG005
    threshold=0.5,
)
softplus = Elementwise("softplus", _softplus, lambda a: -np.expm1(-a))
softsign = Elementwise("softsign", lambda z: z / (1 + np.abs(z)), lambda a: np.square(1 - np.abs(a)))
sparse_plus = Elementwise(
    "sparse_plus",
    lambda z: np.where(z < 1, np.square(np.maximum(z + 1, 0)) / 4, z),
    lambda a: np.minimum(np.sqrt(a), 1),
)
sparse_sigmoid = Elementwise(
    "sparse_sigmoid",
    lambda z: np.clip(0.5 * (z + 1), 0, 1),
    lambda a: 0.5 * ((a > 0) & (a < 1)),
)
squareplus = Elementwise(
    "squareplus",
    lambda z, b: (z + np.sqrt(np.square(z) + b)) / 2,
    lambda z, b: (1 + z / np.sqrt(np.square(z) + b)) / 2,
    of="logits",
    b=4,
)
tanh_shrink = Elementwise("tanh_shrink", lambda z: z - np.tanh(z), lambda z: np.square(np.tanh(z)), of="logits")
threshold = Elementwise(
    "threshold",
    lambda z, threshold, default_value: np.where(z > threshold, z, default_value),
    lambda z, threshold, default_value: z > threshold,  # noqa: ARG005
    of="logits",
    threshold=0.0,  # Keras has no defaults for these two, so that it cannot use this one in a layer
    default_value=0.0,
)

hard_swish = hard_silu
swish = silu

ACTIVATIONS: dict[str, Activation] = {
    each.name: each
    for each in (
        *(linear, relu, sigmoid, softmax, tanh, log_softmax, sparsemax, glu, celu, elu, exponential, gelu, hard_shrink),
        *(hard_sigmoid, hard_silu, hard_tanh, leaky_relu, log_sigmoid, mish, relu6, selu, silu, soft_shrink, softplus),
        *(softsign, sparse_plus, sparse_sigmoid, squareplus, tanh_shrink, threshold),
    )
}
_ALIASES: dict[str, Activation] = {"hard_swish": hard_silu, "swish": silu}


def get(identifier: str | Activation | Mapping[str, Any] | None) -> Activation:
    """Return the activation that ``identifier`` names; ``None`` means linear, as in Keras.

    It may be a name, an activation, or what `serialize` and ``keras.activations.serialize`` return.

    Raises:
        ValueError: if there is no such activation; the nearest name is given.
    """
    if isinstance(identifier, Activation):
        return identifier
    if isinstance(identifier, Mapping):
        return get(identifier.get("config"))
    if callable(identifier):
        raise ValueError(
            f"an activation must be one of numpy_nn.activations, which know their derivative, got {identifier!r}"
        )
    return find("activation", "linear" if identifier is None else identifier, ACTIVATIONS | _ALIASES)


def serialize(activation: Activation) -> str:
    """Return the name by which `get` and Keras find the activation."""
    return activation.name


def deserialize(config: str | Mapping[str, Any]) -> Activation:
    """Return the activation that `serialize` wrote."""
    return get(config)
