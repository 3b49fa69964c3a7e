"""A network of your own in the fair duel, in plain NumPy: the duel's layers, loss and optimizer, nothing more.

    python -m bench verify ./mine.py                     # does it compute what the reference computes?
    python -m bench run twins --contender ./mine.py      # prove it, then time it beside NumPy and Keras

The harness calls `build(spec)` and then the methods below. It draws every random number: the initial weights arrive
in `set_weights`, the order of rows in `train`. Make it faster; if it computes something else, the proof says what.
"""

import numpy as np


class Network:
    """ReLU layers and a sigmoid, binary cross-entropy, plain gradient descent."""

    def __init__(self, spec):
        self.spec, self.weights = spec, []

    # kernel (inputs, units) and bias (units,) of each layer, from the first to the last; copies, both ways
    def get_weights(self):
        return [array.copy() for array in self.weights]

    def set_weights(self, weights):
        self.weights = [np.array(array) for array in weights]

    def forward(self, x):
        activations = [x]
        for kernel, bias in zip(self.weights[0::2], self.weights[1::2]):
            z = activations[-1] @ kernel + bias  # (rows, units)
            activations.append(np.maximum(z, 0))
        activations[-1] = 1 / (1 + np.exp(-z))
        return activations

    # x (rows, features), y (rows, outputs); one epoch for each order, a permutation of the rows: iterate over `orders`,
    # which has a length, but no items by number
    def train(self, x, y, orders, on_epoch_end):
        size = self.spec.batch_size or len(x)  # None: all rows in one batch
        rate = self.spec.learning_rate
        for order in orders:
            for rows in np.split(order, range(size, len(x), size)):
                *below, output = self.forward(x[rows])
                delta = (output - y[rows]) / len(rows)  # dL/dz of the sigmoid, (rows, 1)
                for layer in reversed(range(len(below))):
                    kernel_step = rate * below[layer].T @ delta
                    bias_step = rate * delta.sum(axis=0)
                    delta = delta @ self.weights[2 * layer].T * (below[layer] > 0)
                    self.weights[2 * layer] -= kernel_step
                    self.weights[2 * layer + 1] -= bias_step
            on_epoch_end()  # the harness copies the weights here, off the clock

    # the probabilities, (rows, outputs)
    def predict(self, x):
        return self.forward(x)[-1]


# `spec` uses Keras's names. NotImplementedError says what is unsupported; anything else must be right.
def build(spec):
    *hidden, last = [layer.activation for layer in spec.layers]
    asked = (set(hidden), last, spec.layers[-1].units, spec.loss, spec.optimizer, spec.optimizer_options)
    if spec.is_penalized or asked != ({"relu"}, "sigmoid", 1, "binary_crossentropy", "sgd", ()):
        raise NotImplementedError("only ReLU layers, one sigmoid, binary cross-entropy and plain descent are supported")
    return Network(spec)
