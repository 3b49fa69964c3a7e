"""The base class of metrics, sums, and the means that most metrics are."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from numpy_nn import initializers
from numpy_nn.arrays import Array, Float64Array, FloatArray, Variable, scalar
from numpy_nn.config import float_type
from numpy_nn.losses.loss import numbers, same_rank
from numpy_nn.names import Configured, automatic, described_function


class Metric(Configured):
    """A figure computed from the rows of all updates. Matches ``keras.metrics.Metric``.

    A metric of your own adds its variables, changes them in ``update_state``, and computes a ``result``::

        class Within(Metric):
            def __init__(self, distance=0.5, name="within", **kwargs):
                super().__init__(name=name, **kwargs)
                self.distance = distance
                self.hits = self.add_weight(name="hits", initializer="zeros")
                self.rows = self.add_weight(name="rows", initializer="zeros")

            def update_state(self, y_true, y_pred, sample_weight=None):
                self.hits.assign_add(np.sum(np.abs(y_true - y_pred) < self.distance))
                self.rows.assign_add(len(y_pred))

            def result(self):
                return self.hits / self.rows

    Args:
        dtype: the number type to which predictions are converted; by default, they keep their own. Sums are float64.
        name: the metric's name; by default, the class's name in Keras's spelling, numbered from the second metric on.
    """

    omitted: ClassVar[tuple[str, ...]] = ("name", "dtype")

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        self.name = name or automatic(type(self).__name__)
        self.dtype = float_type(dtype).name
        self._computes_in = None if dtype is None else self.dtype
        self._variables: list[Variable] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Update the state and return the result so far."""
        self.update_state(*arguments, **named)
        return self.result()

    @property
    def variables(self) -> list[Variable]:
        """What `add_variable` has returned."""
        return list(self._variables)

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any,
        dtype: str | None = None,
        aggregation: str = "sum",  # noqa: ARG002 - for training on several devices
        name: str | None = None,
    ) -> Variable:
        """Return a new variable, which `reset_state` sets to 0. ``aggregation`` is accepted and ignored.

        Raises:
            RuntimeError: before ``super().__init__()``.
        """
        if not hasattr(self, "_variables"):
            raise RuntimeError(f"{type(self).__name__}.__init__ must call super().__init__() before it adds variables")
        name = name or automatic("variable")
        drawn = initializers.get(initializer)(tuple(shape)).astype(float_type(dtype))
        made = Variable.viewing(drawn, name, f"{self.name}/{name}", trainable=False)
        self._variables.append(made)
        return made

    def add_weight(
        self, shape: Sequence[int] = (), initializer: Any = "zeros", dtype: str | None = None, name: str | None = None
    ) -> Variable:
        """Return a new variable; see `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    def reset_state(self) -> None:
        """Discard all rows: set the variables to 0."""
        for each in self._variables:
            each[...] = 0

    def update_state(self, *arguments: Any, **named: Any) -> None:
        """Add rows: ``update_state(y_true, y_pred, sample_weight=None)``, each of the shape (rows, outputs)."""
        raise NotImplementedError(f"{type(self).__name__} needs update_state(y_true, y_pred, sample_weight=None)")

    def result(self) -> Any:
        """Return the metric of all rows so far: a number, or an array of them."""
        raise NotImplementedError(f"{type(self).__name__} needs result(), which returns the metric of all rows so far")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this metric, without rows, as Keras's ``get_config`` does."""
        return {"name": self.name, "dtype": self.dtype} | super().get_config()

    def _numbers(self, values: npt.ArrayLike) -> FloatArray:
        return numbers(values, self._computes_in)


class Sum(Metric):
    """The sum of values, (rows, ...), each times its weight. Matches ``keras.metrics.Sum``."""

    def __init__(self, name: str = "sum", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total", dtype="float64")

    def update_state(self, values: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> None:
        """Add values."""
        weighted, _ = _by_row(self._numbers(values), sample_weight, np.sum)
        self.total += weighted.sum()

    def result(self) -> Array:
        """Return the sum."""
        return scalar(self.total.copy())


class Mean(Metric):
    """The weighted mean of values, (rows, ...). Matches ``keras.metrics.Mean``."""

    def __init__(self, name: str | None = "mean", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total", dtype="float64")
        self.count = self.add_weight(name="count", dtype="float64")

    def update_state(self, values: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> None:
        """Add values."""
        weighted, weights = _by_row(self._numbers(values), sample_weight, np.mean)
        self.total += weighted.sum()
        self.count += weights.sum() if weights is not None else max(1, len(weighted))

    def result(self) -> Array:
        """Return the mean, or 0 without values."""
        return scalar(self.total / self.count if self.count else 0.0)


class MeanMetricWrapper(Mean):
    """The mean of ``fn(y_true, y_pred, **kwargs)``, which returns one value per row. Matches Keras's class."""

    omitted = (*Metric.omitted, "fn")

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name, dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(  # type: ignore[override] # takes labels and predictions, unlike the mean of values
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Add rows."""
        super().update_state(self._fn(np.asarray(y_true), self._numbers(y_pred), **self._fn_kwargs), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this metric; the function by its name."""
        return super().get_config() | {"fn": described_function(self._fn)} | self._fn_kwargs


class MeanOf(MeanMetricWrapper):
    """A `MeanMetricWrapper` with a fixed function, which its configuration therefore omits."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this metric."""
        return Metric.get_config(self)


def weights_in_rows(sample_weight: npt.ArrayLike | None, shape: tuple[int, ...]) -> Float64Array:
    """Return a weight for each label, (rows, outputs), from one a row or one a label; 1 without weights."""
    weights = np.ones((1, 1)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    return np.broadcast_to(weights[:, np.newaxis] if weights.ndim == 1 else weights, shape)


def _by_row(
    given: FloatArray, sample_weight: npt.ArrayLike | None, reduce: Callable[..., Any]
) -> tuple[FloatArray, FloatArray | None]:
    """Return one weighted value per row and the weights, (rows,), all in float64."""
    values: FloatArray = np.atleast_1d(given).astype(np.float64)
    weights = None
    if sample_weight is not None:
        values, weights = same_rank(values, np.asarray(sample_weight, values.dtype))
        values = reduce(values, axis=tuple(range(weights.ndim, values.ndim)))
        weights = np.broadcast_to(weights, values.shape)
        values = values * weights
        weights = reduce(weights, axis=tuple(range(1, weights.ndim)))
    return reduce(values, axis=tuple(range(1, values.ndim))), weights
