"""A network of your own in the fair duel, in JAX: pure functions, `jax.grad`, an epoch as one compiled scan.

    python -m bench verify ./mine.py                     # does it compute what the reference computes?
    python -m bench run twins --contender ./mine.py      # prove it, then time it beside NumPy and Keras

The harness calls `build(spec)` and then the methods below. It draws every random number: the initial weights arrive
in `set_weights`, the order of rows in `train`. Make it faster; if it computes something else, the proof says what.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

ACTIVATIONS = {
    "linear": lambda z: z,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "softmax": jax.nn.softmax,
    "tanh": jnp.tanh,
}


class Network:
    """Holds weights, the optimizer's moments and the number of updates, which each epoch takes and returns."""

    def __init__(self, spec):
        jax.config.update("jax_enable_x64", spec.dtype == "float64")
        self.spec = spec
        self.weights = []
        self.moments = [(jnp.zeros(shape, spec.dtype),) * 3 for shape in spec.weight_shapes]
        self.updates = jnp.zeros((), spec.dtype)

    # kernel (inputs, units) and bias (units,) of each layer, from the first to the last; copies, both ways
    def get_weights(self):
        return [np.array(array) for array in self.weights]

    def set_weights(self, weights):
        self.weights = [jnp.array(array, self.spec.dtype) for array in weights]

    # optional: compile before the clock starts, and leave weights and moments as they are
    def warm_up(self, x, y):
        state = (self.weights, self.moments, self.updates)
        jax.block_until_ready(epoch(self.spec, state, jnp.asarray(x), jnp.asarray(y), jnp.arange(len(x))))

    # x (rows, features), y (rows, outputs), or (rows,) for integer labels; one epoch for each order, a permutation:
    # iterate over `orders`, which has a length, but no items by number
    def train(self, x, y, orders, on_epoch_end):
        x, y = jnp.asarray(x), jnp.asarray(y)
        for order in orders:
            state = (self.weights, self.moments, self.updates)
            # JAX computes asynchronously: wait, so that the epoch's work is in the epoch's time
            state = jax.block_until_ready(epoch(self.spec, state, x, y, jnp.asarray(order)))
            self.weights, self.moments, self.updates = state
            on_epoch_end()  # the harness copies the weights here, off the clock

    # the last layer's activations, (rows, outputs)
    def predict(self, x):
        return np.asarray(outputs(self.spec, self.weights, x))


def logits_of(spec, weights, x):
    for number, layer in enumerate(spec.layers):
        x = x @ weights[2 * number] + weights[2 * number + 1]  # (rows, units)
        if number < len(spec.layers) - 1:
            x = ACTIVATIONS[layer.activation](x)
    return x


@partial(jax.jit, static_argnums=0)
def outputs(spec, weights, x):
    return ACTIVATIONS[spec.layers[-1].activation](logits_of(spec, weights, x))


# Mean losses of the last layer's logits z: a cross-entropy takes them before the sigmoid or the softmax.


def binary_crossentropy(z, y, activation):
    return jnp.mean(jax.nn.softplus(z) - y * z)


def categorical_crossentropy(z, y, activation):
    return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(z), axis=1))


def sparse_categorical_crossentropy(z, y, activation):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y.reshape(-1, 1).astype(int), axis=1))


def mean_squared_error(z, y, activation):
    return jnp.mean(jnp.square(activation(z) - y))


LOSSES = {
    "binary_crossentropy": binary_crossentropy,
    "categorical_crossentropy": categorical_crossentropy,
    "sparse_categorical_crossentropy": sparse_categorical_crossentropy,
    "mean_squared_error": mean_squared_error,
}


@partial(jax.jit, static_argnums=0)
def epoch(spec, state, x, y, order):
    def loss(weights, x, y):
        return LOSSES[spec.loss](logits_of(spec, weights, x), y, ACTIVATIONS[spec.layers[-1].activation])

    def update(state, batch):
        weights, moments, updates = state
        gradients = jax.grad(loss)(weights, *batch)
        stepped = [step(*each, updates + 1, spec.learning_rate, **options) for each in zip(weights, gradients, moments)]
        return ([weight for weight, _ in stepped], [kept for _, kept in stepped], updates + 1), None

    step, options = STEPS[spec.optimizer], dict(spec.optimizer_options)  # without those that keep Keras's defaults
    size = spec.batch_size or len(x)  # None: all rows in one batch
    full = len(x) // size * size
    rows = (x[order], y[order])
    state, _ = jax.lax.scan(update, state, tuple(each[:full].reshape(-1, size, *each.shape[1:]) for each in rows))
    if full < len(x):  # the last batch of an epoch is smaller
        state, _ = update(state, tuple(each[full:] for each in rows))
    return state


# Keras's rules: the new weight and moments from the old; t counts updates from 1.


def sgd(weight, gradient, moments, t, rate, momentum=0.0, nesterov=False):
    velocity = momentum * moments[0] - rate * gradient
    ahead = momentum * velocity - rate * gradient if nesterov and momentum else velocity
    return weight + ahead, (velocity, *moments[1:])


def rmsprop(weight, gradient, moments, t, rate, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    square, mean, velocity = moments
    square = rho * square + (1 - rho) * gradient**2
    mean = rho * mean + (1 - rho) * gradient
    spread = square - mean**2 if centered else square
    velocity = momentum * velocity + rate * gradient / jnp.sqrt(spread + epsilon)
    return weight - velocity, (square, mean, velocity)


def adam(weight, gradient, moments, t, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    mean, square, largest = moments
    mean = beta_1 * mean + (1 - beta_1) * gradient
    square = beta_2 * square + (1 - beta_2) * gradient**2
    largest = jnp.maximum(largest, square)
    size = rate * jnp.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return weight - size * mean / (jnp.sqrt(largest if amsgrad else square) + epsilon), (mean, square, largest)


STEPS = {"adam": adam, "rmsprop": rmsprop, "sgd": sgd}


# `spec` uses Keras's names. NotImplementedError says what is unsupported; anything else must be right.
def build(spec):
    activations = {layer.activation for layer in spec.layers}
    if (
        spec.is_penalized
        or spec.optimizer not in STEPS
        or spec.loss not in LOSSES
        or not activations <= set(ACTIVATIONS)
    ):
        raise NotImplementedError("an optimizer, loss, activation or penalty that this network lacks")
    return Network(spec)
