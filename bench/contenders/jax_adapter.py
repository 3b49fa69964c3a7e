"""JAX as its users write it for speed: pure functions, `jax.grad`, and a compiled `lax.scan` over each epoch."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda z: z,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "softmax": jax.nn.softmax,
    "tanh": jnp.tanh,
}


class JaxNetwork:
    """Holds the weights, the optimizer's moments and the number of updates, which each epoch takes and returns."""

    def __init__(self, spec: NetworkSpec) -> None:
        if spec.is_penalized:
            raise NotImplementedError("this contender has no penalties on its weights")
        if spec.optimizer not in STEPS:
            raise NotImplementedError(f"this contender has the optimizers {', '.join(STEPS)}, got {spec.optimizer}")
        jax.config.update("jax_enable_x64", spec.dtype == "float64")
        self._spec = spec
        self._moments = [(jnp.zeros(shape, spec.dtype),) * MOMENTS[spec.optimizer] for shape in spec.weight_shapes]
        self._updates = jnp.zeros((), spec.dtype)
        self._weights: list[Any] = []

    def get_weights(self) -> list[FloatArray]:
        """Return copies of kernel and bias of each layer."""
        return [np.array(array) for array in self._weights]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set kernel and bias of each layer."""
        self._weights = [jnp.array(array, self._spec.dtype) for array in weights]

    def warm_up(self, x: FloatArray, y: FloatArray) -> None:
        """Compile an epoch by running one and discarding the result."""
        state = (self._weights, self._moments, self._updates)
        jax.block_until_ready(epoch(self._spec, state, jnp.asarray(x), jnp.asarray(y), jnp.arange(len(x))))

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train one epoch per call. JAX computes asynchronously, so each epoch is waited for."""
        inputs, targets = jnp.asarray(x), jnp.asarray(y)
        state = (self._weights, self._moments, self._updates)
        for order in orders:
            state = jax.block_until_ready(epoch(self._spec, state, inputs, targets, jnp.asarray(order)))
            self._weights, self._moments, self._updates = state
            on_epoch_end()

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs)."""
        return np.asarray(outputs(self._spec, self._weights, x))


def _logits(spec: NetworkSpec, weights: Sequence[Any], x: Any) -> Any:
    """Return the last layer's logits, (rows, outputs)."""
    *hidden, last = zip(spec.layers, weights[0::2], weights[1::2], strict=True)
    for layer, kernel, bias in hidden:
        x = ACTIVATIONS[layer.activation](x @ kernel + bias)  # (rows, units)
    _, kernel, bias = last
    return x @ kernel + bias


def _outputs(spec: NetworkSpec, weights: Sequence[Any], x: Any) -> Any:
    return ACTIVATIONS[spec.layers[-1].activation](_logits(spec, weights, x))


def _loss(spec: NetworkSpec, weights: Sequence[Any], x: Any, y: Any) -> Any:
    """Return the mean loss; cross-entropies are computed from the logits."""
    z = _logits(spec, weights, x)
    if spec.loss == "binary_crossentropy":
        return jnp.mean(jax.nn.softplus(z) - y * z)
    if spec.loss == "categorical_crossentropy":
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(z), axis=1))
    if spec.loss == "sparse_categorical_crossentropy":
        labels = y.reshape(-1, 1).astype(int)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), labels, axis=1))
    return jnp.mean(jnp.square(ACTIVATIONS[spec.layers[-1].activation](z) - y))


def _epoch(spec: NetworkSpec, state: Any, x: Any, y: Any, order: Any) -> Any:
    """Return the state after an epoch: a scan over its full batches, then the ragged one."""

    def update(state: Any, batch: tuple[Any, Any]) -> tuple[Any, None]:
        weights, moments, updates = state
        gradients = gradient_of(spec, weights, *batch)
        stepped = [
            step(weight, gradient, kept, updates + 1)
            for weight, gradient, kept in zip(weights, gradients, moments, strict=True)
        ]
        return ([weight for weight, _ in stepped], [kept for _, kept in stepped], updates + 1), None

    gradient_of = jax.grad(_loss, argnums=1)
    step = STEPS[spec.optimizer](spec.learning_rate, **dict(spec.optimizer_options))
    size = spec.batch_size or len(x)
    full = len(x) // size * size
    ordered = (x[order], y[order])
    batches = tuple(a[:full].reshape(-1, size, *a.shape[1:]) for a in ordered)
    state, _ = jax.lax.scan(update, state, batches)
    if full < len(x):
        state, _ = update(state, tuple(a[full:] for a in ordered))
    return state


# ``step(weight, gradient, moments, t) -> (weight, moments)`` by Keras's rule; t counts updates from 1.
Step = Callable[[Any, Any, tuple[Any, ...], Any], tuple[Any, tuple[Any, ...]]]


def sgd(rate: float, momentum: float = 0.0, nesterov: bool = False) -> Step:
    """Return the step of gradient descent; moments: (velocity,)."""

    def step(weight: Any, gradient: Any, moments: tuple[Any, ...], t: Any) -> tuple[Any, tuple[Any, ...]]:  # noqa: ARG001
        if not momentum:
            return weight - rate * gradient, moments
        velocity = momentum * moments[0] - rate * gradient
        return weight + (momentum * velocity - rate * gradient if nesterov else velocity), (velocity,)

    return step


def rmsprop(
    rate: float, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7, centered: bool = False
) -> Step:
    """Return the step of RMSprop, with epsilon under the root; moments: (mean of squares, mean, velocity)."""

    def step(weight: Any, gradient: Any, moments: tuple[Any, ...], t: Any) -> tuple[Any, tuple[Any, ...]]:  # noqa: ARG001
        square, mean, velocity = moments
        square = rho * square + (1.0 - rho) * gradient**2
        mean = rho * mean + (1.0 - rho) * gradient
        variance = square - mean**2 if centered else square
        velocity = momentum * velocity + rate * gradient / jnp.sqrt(variance + epsilon)
        return weight - velocity, (square, mean, velocity)

    return step


def adam(rate: float, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7, amsgrad: bool = False) -> Step:
    """Return the step of Adam, both corrections in the step size; moments: (mean, mean of squares, its largest)."""

    def step(weight: Any, gradient: Any, moments: tuple[Any, ...], t: Any) -> tuple[Any, tuple[Any, ...]]:
        mean, square, largest = moments
        mean = beta_1 * mean + (1.0 - beta_1) * gradient
        square = beta_2 * square + (1.0 - beta_2) * gradient**2
        largest = jnp.maximum(largest, square)
        size = rate * jnp.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)
        root = jnp.sqrt(largest if amsgrad else square)
        return weight - size * mean / (root + epsilon), (mean, square, largest)

    return step


STEPS: dict[str, Callable[..., Step]] = {"adam": adam, "rmsprop": rmsprop, "sgd": sgd}
MOMENTS = {"adam": 3, "rmsprop": 3, "sgd": 1}

epoch = jax.jit(_epoch, static_argnums=0)
outputs = jax.jit(_outputs, static_argnums=0)


build = JaxNetwork
