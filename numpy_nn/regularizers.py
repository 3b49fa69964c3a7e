"""Regularizers: penalties on weights, added to the loss. Names and defaults are those of ``keras.regularizers``."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import Array, FloatArray, scalar
from numpy_nn.names import Configured, described, public, resolve


class Regularizer(Configured):
    """A penalty on weights of a layer, such as a kernel (inputs, units), and its gradient.

    A regularizer of your own gives both; so does a function with its gradient as an attribute::

        class AroundOne(Regularizer):
            def __call__(self, x):
                return 0.01 * np.sum((x - 1) ** 2)

            def gradient(self, x):
                return 0.02 * (x - 1)
    """

    def __call__(self, x: Any) -> Any:
        """Return the penalty."""
        raise NotImplementedError(f"{type(self).__name__} needs __call__(x), which returns the penalty")

    def gradient(self, x: Any) -> Any:
        """Return the penalty's gradient with respect to the weights, of their shape."""
        gradient = np.zeros_like(x)
        self.add_gradient(x, gradient)
        return gradient

    def add_gradient(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Add the penalty's gradient with respect to ``weights`` to ``gradient``, in place."""
        gradient += self.gradient(weights)


class FunctionRegularizer(Regularizer):
    """A regularizer that is a function of the weights, with its gradient.

    Raises:
        ValueError: if no gradient is given and ``fn`` has none.
    """

    def __init__(self, fn: Callable[[Any], Any], gradient: Callable[[Any], Any] | None = None) -> None:
        self.fn = fn
        self._gradient = gradient or getattr(fn, "gradient", None)
        if self._gradient is None:
            raise ValueError(_lacks_gradient(getattr(fn, "__name__", type(fn).__name__)))

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Return the penalty."""
        return scalar(self.fn(x))

    def gradient(self, x: Any) -> Any:
        """Return what the gradient's function gives."""
        return self._gradient(x)  # type: ignore[misc] # checked above


def numerical(regularizer: Callable[[Any], Any]) -> FunctionRegularizer:
    """Return a regularizer whose gradient is taken by central differences: two evaluations for each weight, so slow."""
    return FunctionRegularizer(regularizer, partial(_differences, regularizer))


def _differences(fn: Callable[[Any], Any], x: FloatArray) -> FloatArray:
    shifted, gradient = np.array(x, np.float64), np.empty(x.shape)
    for position in np.ndindex(x.shape):
        sides = []
        for distance in (_STEP, -_STEP):
            shifted[position] = x[position] + np.float64(distance)
            sides.append(float(fn(shifted)))
        shifted[position] = x[position]
        gradient[position] = (sides[0] - sides[1]) / (2 * _STEP)
    return gradient


# The distance of central differences that loses the fewest digits of float64.
_STEP = 1e-5


def _lacks_gradient(name: str) -> str:
    return (
        f"{name} has no gradient, which this package does not derive: add gradient(x), of the weights' shape, as a "
        f"method of the class or an attribute of the function, or use numpy_nn.regularizers.numerical({name})"
    )


class L1L2(Regularizer):
    """l1 · sum|w| + l2 · sum(w²). Matches ``keras.regularizers.L1L2``.

    Raises:
        ValueError: if a factor is negative or not finite.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor("l1", l1)
        self.l2 = _factor("l2", l2)

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Return the penalty."""
        return scalar(self.l1 * np.abs(x).sum() + self.l2 * np.square(x).sum())

    def add_gradient(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Add l1 · sign(w) + 2 l2 w."""
        gradient += self.l1 * np.sign(weights) + 2.0 * self.l2 * weights


class L1(Regularizer):
    """l1 · sum|w|. Matches ``keras.regularizers.L1``, which rounds its factor to float32."""

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = float(np.float32(_factor("l1", l1)))

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Return the penalty."""
        return scalar(self.l1 * np.abs(x).sum())

    def add_gradient(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Add l1 · sign(w)."""
        gradient += self.l1 * np.sign(weights)


class L2(Regularizer):
    """l2 · sum(w²). Matches ``keras.regularizers.L2``, which computes with a factor rounded to float32."""

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", l2)
        self._rounded = float(np.float32(self.l2))

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Return the penalty."""
        return scalar(self._rounded * np.square(x).sum())

    def add_gradient(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Add 2 l2 w."""
        gradient += 2.0 * self._rounded * weights


class OrthogonalRegularizer(Regularizer):
    """factor · the mean of |u · v| over all pairs of rows, or columns, scaled to length 1: 0 if all are orthogonal.

    Matches ``keras.regularizers.OrthogonalRegularizer``.

    Raises:
        ValueError: if ``factor`` is negative or not finite, or ``mode`` is not ``"rows"`` or ``"columns"``.
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise ValueError(f"mode must be 'rows' or 'columns', got {mode!r}")
        self.factor = float(np.float32(_factor("factor", factor)))  # Keras rounds it too
        self.mode = mode

    def __call__(self, x: FloatArray) -> Array:
        """Return the penalty."""
        _, _, products, pairs = self._products(x)
        return scalar(self.factor * 0.5 * np.abs(products).sum() / pairs)

    def add_gradient(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Add the penalty's gradient, including that of each vector's scaling: (I - u uᵀ) dL/du / |w|."""
        vectors, lengths, products, pairs = self._products(weights)
        of_units = self.factor / pairs * np.sign(products) @ vectors  #          (vectors, length)
        along = (of_units * vectors).sum(axis=1, keepdims=True)
        change = (of_units - along * vectors) / lengths
        gradient += change if self.mode == "rows" else change.T

    def _products(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """Return vectors scaled to length 1, (vectors, length), their lengths before, products, and number of pairs."""
        if np.ndim(x) != 2:
            raise ValueError(f"OrthogonalRegularizer takes a matrix, got the shape {np.shape(x)}")
        rows = x if self.mode == "rows" else x.T
        lengths = np.maximum(np.sqrt(np.square(rows).sum(axis=1, keepdims=True)), _SHORTEST)
        vectors = rows / lengths
        products = vectors @ vectors.T
        np.fill_diagonal(products, 0.0)
        return vectors, lengths, products, len(rows) * (len(rows) - 1) / 2.0


# Keras divides shorter vectors by this.
_SHORTEST = 1e-6


def _factor(name: str, value: object) -> float:
    if not (isinstance(value, int | float) and math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}")
    return float(value)


l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

REGULARIZERS = public(Regularizer, globals()) | {"l1l2": L1L2}
del REGULARIZERS["FunctionRegularizer"]  # which needs a function


def get(identifier: Any) -> Regularizer | None:
    """Return a regularizer, given by name, class, description, as an object or a function; None for None.

    Raises:
        ValueError: if the name is unknown, or there is no gradient; the message suggests what to do.
    """
    if callable(identifier) and not isinstance(identifier, type | Regularizer):
        return FunctionRegularizer(identifier)
    found = resolve("regularizer", identifier, Regularizer, REGULARIZERS)
    kind: Any = type(found)
    if found is not None and kind.gradient is Regularizer.gradient and kind.add_gradient is Regularizer.add_gradient:
        raise ValueError(_lacks_gradient(kind.__name__))
    return found


def serialize(regularizer: Regularizer) -> dict[str, Any]:
    """Return the regularizer as Keras writes it."""
    return described("regularizers", regularizer)


def deserialize(config: dict[str, Any]) -> Regularizer | None:
    """Return the regularizer that `serialize` described."""
    return get(config)
