"""Optimizers: what a gradient does to the weights.

A network keeps all its parameters in one flat vector and all its gradients in another, so that an optimizer is a few
lines on two vectors, whatever the depth. Rules, names and defaults are those of ``keras.optimizers``.

``update`` works in place and allocates nothing; ``build`` allocates what it needs, once.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.names import find


class Optimizer:
    """The rule by which ``update`` moves the parameters against their gradient.

    Attributes:
        learning_rate: the step's size; may be changed between updates.
        iterations: how many updates were made.
    """

    name: str
    # Names of the vectors that the rule carries from one update to the next; saved with the model.
    state_names: tuple[str, ...] = ()

    def __init__(self, learning_rate: float) -> None:
        if not (learning_rate >= 0 and math.isfinite(learning_rate)):
            raise ValueError(f"learning_rate must be a finite number of at least 0, got {learning_rate!r}")
        self.learning_rate = learning_rate
        self.iterations = 0

    def build(self, parameters: FloatArray, split: Any = None) -> None:  # noqa: ARG002
        """Start anew for a flat vector like ``parameters``, (parameters,): no updates made, all state zero."""
        self.iterations = 0
        self._step = np.empty_like(parameters)
        for state in self.state_names:
            setattr(self, state, np.zeros_like(parameters))

    def update(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make one update of ``parameters`` in place; both are flat, (parameters,)."""
        raise NotImplementedError

    def get_config(self) -> dict[str, float | bool]:
        """Return the arguments that make this optimizer again."""
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent, plain or with momentum.

        weight   = weight - learning_rate * gradient                             plain
        velocity = momentum * velocity - learning_rate * gradient
        weight   = weight + velocity                                             momentum
        weight   = weight + momentum * velocity - learning_rate * gradient       Nesterov

    Matches ``keras.optimizers.SGD``.

    Raises:
        ValueError: if ``momentum`` lies outside [0, 1], or ``learning_rate`` is negative.
    """

    name = "sgd"

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False) -> None:
        super().__init__(learning_rate)
        self.momentum = _within("momentum", momentum, 0.0, 1.0)
        self.nesterov = nesterov
        self.state_names = ("velocity",) if momentum else ()

    velocity: FloatArray

    def update(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make one update of ``parameters`` in place."""
        self.iterations += 1
        step = np.multiply(gradient, self.learning_rate, self._step)
        if not self.momentum:
            np.subtract(parameters, step, parameters)
            return
        velocity = self.velocity
        np.multiply(velocity, self.momentum, velocity)
        np.subtract(velocity, step, velocity)
        if not self.nesterov:
            np.add(parameters, velocity, parameters)
            return
        np.subtract(parameters, step, parameters)
        np.multiply(velocity, self.momentum, step)
        np.add(parameters, step, parameters)

    def get_config(self) -> dict[str, float | bool]:
        """Return the arguments that make this optimizer again."""
        return {"learning_rate": self.learning_rate, "momentum": self.momentum, "nesterov": self.nesterov}


class RMSprop(Optimizer):
    """Gradient descent, each weight's step divided by a running root mean square of its gradient.

        velocity = rho * velocity + (1 - rho) * gradient²
        mean     = rho * mean + (1 - rho) * gradient                             centered
        step     = learning_rate * gradient / sqrt(velocity - mean² + epsilon)   without mean² unless centered
        moment   = momentum * moment + step                                      with momentum
        weight   = weight - step                                                 or moment

    Matches ``keras.optimizers.RMSprop``: epsilon stands under the root. Source: Hinton's lecture 6e, 2012.

    Raises:
        ValueError: if ``rho`` or ``momentum`` lies outside [0, 1], or ``learning_rate`` or ``epsilon`` is negative.
    """

    name = "rmsprop"

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.rho = _within("rho", rho, 0.0, 1.0)
        self.momentum = _within("momentum", momentum, 0.0, 1.0)
        self.epsilon = _within("epsilon", epsilon, 0.0, math.inf)
        self.centered = centered
        self.state_names = ("velocity", *(["mean"] if centered else []), *(["moment"] if momentum else []))

    velocity: FloatArray
    mean: FloatArray
    moment: FloatArray

    def build(self, parameters: FloatArray, split: Any = None) -> None:
        """Start anew for a flat vector like ``parameters``."""
        super().build(parameters, split)
        self._scratch = np.empty_like(parameters)

    def update(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make one update of ``parameters`` in place."""
        self.iterations += 1
        scratch, step, velocity = self._scratch, self._step, self.velocity
        np.multiply(gradient, gradient, scratch)
        np.multiply(scratch, 1.0 - self.rho, scratch)
        np.multiply(velocity, self.rho, velocity)
        np.add(velocity, scratch, velocity)
        if self.centered:
            mean = self.mean
            np.multiply(gradient, 1.0 - self.rho, scratch)
            np.multiply(mean, self.rho, mean)
            np.add(mean, scratch, mean)
            np.multiply(mean, mean, scratch)
            np.subtract(velocity, scratch, scratch)
            np.add(scratch, self.epsilon, scratch)
        else:
            np.add(velocity, self.epsilon, scratch)
        np.sqrt(scratch, scratch)
        np.multiply(gradient, self.learning_rate, step)
        np.divide(step, scratch, step)
        if self.momentum:
            moment = self.moment
            np.multiply(moment, self.momentum, moment)
            step = np.add(moment, step, moment)
        np.subtract(parameters, step, parameters)

    def get_config(self) -> dict[str, float | bool]:
        """Return the arguments that make this optimizer again."""
        return {
            "learning_rate": self.learning_rate,
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }


class Adam(Optimizer):
    """Gradient descent along a running mean of the gradient, divided by a running root mean square of it.

        mean     = mean + (1 - beta_1) * (gradient - mean)
        variance = variance + (1 - beta_2) * (gradient² - variance)
        alpha    = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)           both start at zero: corrected
        weight   = weight - alpha * mean / (sqrt(variance) + epsilon)

    t counts the updates from one. With ``amsgrad`` the largest variance so far takes the variance's place.
    Matches ``keras.optimizers.Adam``: epsilon is the paper's *epsilon hat*. Source: Kingma and Ba, 2015, section 2.

    Raises:
        ValueError: if a beta lies outside [0, 1), or ``learning_rate`` or ``epsilon`` is negative.
    """

    name = "adam"

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.beta_1 = _within("beta_1", beta_1, 0.0, math.nextafter(1.0, 0.0))
        self.beta_2 = _within("beta_2", beta_2, 0.0, math.nextafter(1.0, 0.0))
        self.epsilon = _within("epsilon", epsilon, 0.0, math.inf)
        self.amsgrad = amsgrad
        self.state_names = ("mean", "variance", *(["largest_variance"] if amsgrad else []))

    mean: FloatArray
    variance: FloatArray
    largest_variance: FloatArray

    def build(self, parameters: FloatArray, split: Any = None) -> None:
        """Start anew for a flat vector like ``parameters``."""
        super().build(parameters, split)
        self._scratch = np.empty_like(parameters)

    def update(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make one update of ``parameters`` in place."""
        self.iterations += 1
        mean, variance, scratch, step = self.mean, self.variance, self._scratch, self._step
        np.subtract(gradient, mean, scratch)
        np.multiply(scratch, 1.0 - self.beta_1, scratch)
        np.add(mean, scratch, mean)

        np.multiply(gradient, gradient, scratch)
        np.subtract(scratch, variance, scratch)
        np.multiply(scratch, 1.0 - self.beta_2, scratch)
        np.add(variance, scratch, variance)

        if self.amsgrad:
            variance = np.maximum(self.largest_variance, variance, out=self.largest_variance)
        correction = math.sqrt(1.0 - self.beta_2**self.iterations) / (1.0 - self.beta_1**self.iterations)
        np.sqrt(variance, scratch)
        np.add(scratch, self.epsilon, scratch)
        np.multiply(mean, self.learning_rate * correction, step)
        np.divide(step, scratch, step)
        np.subtract(parameters, step, parameters)

    def get_config(self) -> dict[str, float | bool]:
        """Return the arguments that make this optimizer again."""
        return {
            "learning_rate": self.learning_rate,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


def _within(name: str, value: float, low: float, high: float) -> float:
    """Return ``value`` if it lies in [low, high]; a ValueError names it otherwise."""
    if not low <= value <= high:
        bounds = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        raise ValueError(f"{name} must be {bounds}, got {value!r}")
    return value


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}


def get(identifier: str | Optimizer) -> Optimizer:
    """Return the optimizer named ``identifier``, with Keras's defaults.

    Raises:
        ValueError: if there is no such optimizer; the nearest name is given.
    """
    return identifier if isinstance(identifier, Optimizer) else find("optimizer", identifier, OPTIMIZERS)()
