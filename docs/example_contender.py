"""Your own contender: `python -m bench run twins --contender docs/example_contender.py`."""

import numpy as np


class Network:
    """ReLU layers and a sigmoid, binary cross-entropy, plain gradient descent: the duel's network, nothing more."""

    def __init__(self, spec):
        self.spec, self.weights = spec, []

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

    def train(self, x, y, orders, on_epoch_end):
        size, rate = self.spec.batch_size or len(x), self.spec.learning_rate
        for order in orders:
            for rows in np.split(order, range(size, len(x), size)):
                *below, output = self.forward(x[rows])
                delta = (output - y[rows]) / len(rows)
                for layer in reversed(range(len(below))):
                    kernel_step = rate * below[layer].T @ delta
                    bias_step = rate * delta.sum(axis=0)
                    delta = delta @ self.weights[2 * layer].T * (below[layer] > 0)
                    self.weights[2 * layer] -= kernel_step
                    self.weights[2 * layer + 1] -= bias_step
            on_epoch_end()

    def predict(self, x):
        return self.forward(x)[-1]


def build(spec):
    *hidden, last = [layer.activation for layer in spec.layers]
    asked = (set(hidden), last, spec.layers[-1].units, spec.loss, spec.optimizer, spec.optimizer_options)
    if asked != ({"relu"}, "sigmoid", 1, "binary_crossentropy", "sgd", ()):
        raise NotImplementedError("only ReLU layers, one sigmoid, binary cross-entropy and plain descent are supported")
    return Network(spec)
