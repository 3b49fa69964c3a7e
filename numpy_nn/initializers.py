"""Initial weights: the distributions of ``keras.initializers``, drawn from a generator of NumPy's.

A kernel has the shape (inputs, units). *Fan in* is its inputs, *fan out* its units. The distributions are Keras's; its
random stream is not, so that the same seed gives other numbers there.
"""

import math
from collections.abc import Callable
from typing import Any, Literal, Self

import numpy as np

from numpy_nn.arrays import Float64Array
from numpy_nn.names import find

Shape = tuple[int, ...]

# The standard deviation of a standard normal that is truncated to (-2, 2).
_TRUNCATED_STDDEV = 0.87962566103423978


class Initializer:
    """Draws an array of a shape from a random generator, in float64."""

    def __call__(self, shape: Shape, rng: "np.random.Generator") -> Float64Array:
        """Return a float64 array of ``shape``."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return Keras's arguments, which make this initializer again."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the initializer that `get_config` describes."""
        return cls(
            **{name: value for name, value in config.items() if name not in ("seed", "input_axes", "output_axes")}
        )


class Zeros(Initializer):
    """All zero, as Keras starts every bias."""

    def __call__(self, shape: Shape, rng: "np.random.Generator") -> Float64Array:  # noqa: ARG002
        """Return zeros."""
        return np.zeros(shape)


class Ones(Initializer):
    """All one."""

    def __call__(self, shape: Shape, rng: "np.random.Generator") -> Float64Array:  # noqa: ARG002
        """Return ones."""
        return np.ones(shape)


class RandomNormal(Initializer):
    """Normal with a fixed spread. ``RandomNormal(stddev=0.1)`` is the article's choice, for weights and biases."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05) -> None:
        self.mean = mean
        self.stddev = stddev

    def __call__(self, shape: Shape, rng: "np.random.Generator") -> Float64Array:
        """Return draws from N(mean, stddev²)."""
        return rng.normal(self.mean, self.stddev, shape)


class RandomUniform(Initializer):
    """Uniform between two bounds."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05) -> None:
        self.minval = minval
        self.maxval = maxval

    def __call__(self, shape: Shape, rng: "np.random.Generator") -> Float64Array:
        """Return draws from U(minval, maxval)."""
        return rng.uniform(self.minval, self.maxval, shape)


class VarianceScaling(Initializer):
    """Draws whose variance is ``scale`` divided by the fan in, the fan out or the mean of both.

    ``"uniform"`` draws from ± sqrt(3 · variance). ``"truncated_normal"`` cuts a normal at two standard deviations and
    widens what is left, so that its variance is the one asked for.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
        distribution: Literal["uniform", "truncated_normal"] = "truncated_normal",
    ) -> None:
        self.scale = scale
        self.mode = mode
        self.distribution = distribution

    def __call__(self, shape: Shape, rng: "np.random.Generator") -> Float64Array:
        """Return draws of the variance that ``shape`` asks for."""
        fan_in, fan_out = _fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        variance = self.scale / fan
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return rng.uniform(-limit, limit, shape)
        draws = rng.standard_normal(shape)
        while (outside := np.abs(draws) > 2.0).any():
            draws[outside] = rng.standard_normal(int(outside.sum()))
        return draws * (math.sqrt(variance) / _TRUNCATED_STDDEV)


class GlorotUniform(VarianceScaling):
    """Uniform in ± sqrt(6 / (fan in + fan out)): what Keras takes unless told otherwise. Glorot and Bengio, 2010."""

    def __init__(self) -> None:
        super().__init__(1.0, "fan_avg", "uniform")


class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan in + fan out). Glorot and Bengio, 2010."""

    def __init__(self) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal")


class HeUniform(VarianceScaling):
    """Uniform in ± sqrt(6 / fan in), for ReLU. He et al., 2015."""

    def __init__(self) -> None:
        super().__init__(2.0, "fan_in", "uniform")


class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan in, for ReLU. He et al., 2015."""

    def __init__(self) -> None:
        super().__init__(2.0, "fan_in", "truncated_normal")


class LecunUniform(VarianceScaling):
    """Uniform in ± sqrt(3 / fan in). LeCun et al., 1998."""

    def __init__(self) -> None:
        super().__init__(1.0, "fan_in", "uniform")


class LecunNormal(VarianceScaling):
    """Truncated normal of variance 1 / fan in. LeCun et al., 1998."""

    def __init__(self) -> None:
        super().__init__(1.0, "fan_in", "truncated_normal")


def _fans(shape: Shape) -> tuple[int, int]:
    """Return (fan in, fan out); a vector, such as a bias, has its length for both, as in Keras."""
    return (shape[0], shape[-1]) if shape else (1, 1)


INITIALIZERS: dict[str, Callable[[], Initializer]] = {
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
    "ones": Ones,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "zeros": Zeros,
}


def get(identifier: str | dict[str, Any] | Initializer) -> Initializer:
    """Return the initializer named ``identifier``.

    Raises:
        ValueError: if there is no such initializer; the nearest name is given.
    """
    if isinstance(identifier, Initializer):
        return identifier
    if isinstance(identifier, dict):
        known: dict[str, Any] = {kind.__name__: kind for kind in _every(Initializer)}
        made: Initializer = find("initializer", identifier["class_name"], known).from_config(identifier["config"])
        return made
    return find("initializer", identifier, INITIALIZERS)()


def _every(kind: type[Initializer]) -> list[type[Initializer]]:
    return [each for child in kind.__subclasses__() for each in (child, *_every(child))]
