"""Initial weights: the distributions of ``keras.initializers``, drawn from a NumPy generator.

A kernel has the shape (inputs, units). *Fan in* is the number of inputs, *fan out* the number of units. The
distributions are Keras's; the random stream is NumPy's, so the same seed gives different numbers in Keras.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from numpy_nn.arrays import Float64Array, scalar
from numpy_nn.config import float_type
from numpy_nn.names import Configured, described, find, public, resolve

Shape = tuple[int, ...]

# The standard deviation of a standard normal that is truncated to (-2, 2).
_TRUNCATED_STDDEV = 0.87962566103423978


class Initializer(Configured):
    """Draws float64 arrays from a generator; with a ``seed`` of its own, draws the same array every time.

    An initializer of your own is a class like this, a function of a shape, or an array of it::

        class Ramp(Initializer):
            def __call__(self, shape, dtype=None):
                return np.linspace(-1, 1, math.prod(shape)).reshape(shape)
    """

    seed: int | None = None

    def __call__(self, shape: Any, rng: Any = None, dtype: Any = None) -> Any:
        """Return an array of ``shape``; without a ``dtype`` of `config.floatx`, or float64 with an ``rng``."""
        dtype, rng = (rng, None) if isinstance(rng, str | type | np.dtype) else (dtype, rng)  # Keras's order
        own = rng is None or self.seed is not None
        drawn = self._draw(tuple(shape), np.random.default_rng(self.seed) if own else rng)
        return scalar(drawn if dtype is None and rng is not None else drawn.astype(float_type(dtype)))

    def draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:
        """Return weights of ``shape`` for a layer.

        Raises:
            ValueError: if an initializer of the user gives another shape.
        """
        if type(self).__call__ is Initializer.__call__:
            return self._draw(shape, rng if self.seed is None else np.random.default_rng(self.seed))
        given = np.asarray(self(shape), np.float64)
        if given.shape != shape:
            raise ValueError(f"{type(self).__name__} must return the shape {shape}, got {given.shape}")
        return given

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:
        raise NotImplementedError(f"{type(self).__name__} needs __call__(shape, dtype=None), which returns the weights")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the initializer that `get_config`, or Keras's, describes."""
        return cls(**{name: value for name, value in config.items() if name not in ("input_axes", "output_axes")})


class FunctionInitializer(Initializer):
    """An initializer that is a function of a shape."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn

    def __call__(self, shape: Any, dtype: Any = None) -> Any:  # type: ignore[override] # as in Keras
        """Return what the function gives."""
        return self.fn(tuple(shape), dtype=float_type(dtype).name)


class Constant(Initializer):
    """The same number for every weight."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:  # noqa: ARG002
        return np.full(shape, self.value, np.float64)


class Zeros(Initializer):
    """All 0: Keras's default for biases."""

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:  # noqa: ARG002
        return np.zeros(shape)


class Ones(Initializer):
    """All 1."""

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:  # noqa: ARG002
        return np.ones(shape)


class Identity(Initializer):
    """``gain`` on the diagonal, 0 elsewhere. As in Keras, ``get_config`` omits ``gain``.

    Raises:
        ValueError: when called, if the shape is not that of a matrix.
    """

    omitted = ("gain",)

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:  # noqa: ARG002
        if len(shape) != 2:
            raise ValueError(f"Identity takes the shape of a matrix, got {shape}")
        return self.gain * np.eye(*shape)


class RandomNormal(Initializer):
    """Normal with a given standard deviation. The article uses ``RandomNormal(stddev=0.1)`` for weights and biases."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = mean
        self.stddev = stddev
        self.seed = _seed(seed)

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:
        return rng.normal(self.mean, self.stddev, shape)


class TruncatedNormal(RandomNormal):
    """Normal; numbers more than two standard deviations from the mean are drawn again."""

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:
        return self.mean + self.stddev * _truncated(shape, rng)


class RandomUniform(Initializer):
    """Uniform between two bounds."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval = minval
        self.maxval = maxval
        self.seed = _seed(seed)

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:
        return rng.uniform(self.minval, self.maxval, shape)


class VarianceScaling(Initializer):
    """A distribution whose variance is ``scale`` divided by the fan in, the fan out or the mean of both.

    ``"uniform"`` draws from ± sqrt(3 · variance). ``"truncated_normal"`` truncates a normal distribution at two
    standard deviations and rescales it to the variance; ``"untruncated_normal"`` does not truncate.

    Raises:
        ValueError: if ``scale`` is not positive, or a name is unknown.
    """

    arguments: ClassVar[tuple[str, ...]] = ("seed", "scale", "mode", "distribution", "input_axes", "output_axes")
    input_axes = output_axes = None  # Keras's, for convolutions

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        if scale <= 0:
            raise ValueError(f"scale must be positive, got {scale!r}")
        self.scale = scale
        self.mode = find("mode", mode, {name: name for name in ("fan_in", "fan_out", "fan_avg")})
        distributions = {name: name for name in ("uniform", "truncated_normal", "untruncated_normal")}
        self.distribution = find("distribution", distribution, distributions | {"normal": "truncated_normal"})
        self.seed = _seed(seed)

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:
        fan_in, fan_out = (shape[0], shape[-1]) if shape else (1, 1)  # as in Keras, both are a vector's length
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            return rng.uniform(-math.sqrt(3.0) * stddev, math.sqrt(3.0) * stddev, shape)
        if self.distribution == "untruncated_normal":
            return rng.normal(0.0, stddev, shape)
        return _truncated(shape, rng) * (stddev / _TRUNCATED_STDDEV)


class _Named(VarianceScaling):
    """A named preset of `VarianceScaling`."""

    arguments = ("seed", "input_axes", "output_axes")
    _choice: tuple[float, str, str]

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self._choice, seed)


class GlorotUniform(_Named):
    """Uniform in ± sqrt(6 / (fan in + fan out)): Keras's default. Glorot and Bengio, 2010."""

    _choice = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal of variance 2 / (fan in + fan out). Glorot and Bengio, 2010."""

    _choice = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Named):
    """Uniform in ± sqrt(6 / fan in), for ReLU. He et al., 2015."""

    _choice = (2.0, "fan_in", "uniform")


class HeNormal(_Named):
    """Truncated normal of variance 2 / fan in, for ReLU. He et al., 2015."""

    _choice = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Named):
    """Uniform in ± sqrt(3 / fan in). LeCun et al., 1998."""

    _choice = (1.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal of variance 1 / fan in. LeCun et al., 1998."""

    _choice = (1.0, "fan_in", "truncated_normal")


class Orthogonal(Initializer):
    """``gain`` times a random matrix whose rows or columns, whichever are fewer, are orthogonal. Saxe et al., 2014.

    Raises:
        ValueError: when called, if the shape has fewer than two dimensions.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = gain
        self.seed = _seed(seed)

    def _draw(self, shape: Shape, rng: np.random.Generator) -> Float64Array:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal takes a shape of at least two dimensions, got {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diag(r))  # makes all rotations equally likely
        return self.gain * (q.T if rows < columns else q).reshape(shape)


def _seed(given: Any) -> int | None:
    """Return a seed that was given to an initializer.

    Raises:
        ValueError: if it is neither a whole number nor None.
    """
    if given is None or (isinstance(given, int | np.integer) and not isinstance(given, bool)):
        return None if given is None else int(given)
    raise ValueError(f"seed must be a whole number or None, got {given!r}")


def _truncated(shape: Shape, rng: np.random.Generator) -> Float64Array:
    """Return draws of a standard normal distribution, truncated to [-2, 2]."""
    draws = rng.standard_normal(shape)
    while (outside := np.abs(draws) > 2.0).any():
        draws[outside] = rng.standard_normal(int(outside.sum()))
    return draws


IdentityInitializer = Identity
OrthogonalInitializer = Orthogonal
constant = Constant
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
identity = Identity
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
ones = Ones
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
zeros = Zeros

INITIALIZERS: dict[str, type[Initializer]] = public(Initializer, globals()) | {
    "normal": RandomNormal,
    "one": Ones,
    "uniform": RandomUniform,
    "zero": Zeros,
}

del INITIALIZERS["FunctionInitializer"]  # which needs a function


def get(identifier: Any) -> Initializer:
    """Return an initializer, given by name, class, description, as an object, a function or an array.

    Raises:
        ValueError: if the name is unknown or None; the message suggests the nearest name.
    """
    if isinstance(identifier, np.ndarray):
        return FunctionInitializer(lambda shape, dtype: np.array(identifier, dtype))  # noqa: ARG005 - `draw` compares
    if callable(identifier) and not isinstance(identifier, type | Initializer):
        return FunctionInitializer(identifier)
    made = resolve("initializer", identifier, Initializer, INITIALIZERS)
    if made is None:
        raise ValueError("an initializer is required, got None")
    return made


def serialize(initializer: Initializer) -> dict[str, Any]:
    """Return the initializer as Keras writes it."""
    return described("initializers", initializer)


def deserialize(config: dict[str, Any]) -> Initializer:
    """Return the initializer that `serialize` described."""
    return get(config)
