"""The published algorithm, which this repository measures as the contender "article".

This is the network of Piotr Skalski's "Let's code a Neural Network in plain NumPy", written independently and as slow
as the original: float64, all rows in every update, one new array for every intermediate result. As in the article, each
column is a row of data: data is (features, rows), labels (1, rows), weights (units, inputs), biases (units, 1).

There are two differences, and neither changes a result: the cost is not computed in the loop, where it is not needed,
and probabilities are kept strictly between 0 and 1, where the article's derivative would be 0/0.
"""

from collections.abc import Callable, Sequence

import numpy as np

from numpy_nn.arrays import FloatArray

Layer = tuple[FloatArray, FloatArray]  # weights (units, inputs), biases (units, 1)

_SMALLEST = np.finfo(np.float64).tiny
_LARGEST = 1.0 - np.finfo(np.float64).epsneg


def relu(z: FloatArray) -> FloatArray:
    """Return max(z, 0)."""
    return np.maximum(z, 0.0)


def sigmoid(z: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-z)), kept strictly between 0 and 1."""
    with np.errstate(over="ignore"):
        probability: FloatArray = 1.0 / (1.0 + np.exp(-z))
    return np.clip(probability, _SMALLEST, _LARGEST)


def forward(layers: Sequence[Layer], x: FloatArray) -> tuple[FloatArray, list[Layer]]:
    """Return the probabilities, (1, rows), and for each layer its input and its weighted sums."""
    memory = []
    a = x
    for number, (weights, biases) in enumerate(layers, start=1):
        z = np.dot(weights, a) + biases  #                      (units, rows)
        memory.append((a, z))
        a = sigmoid(z) if number == len(layers) else relu(z)
    return a, memory


def backward(
    layers: Sequence[Layer], memory: Sequence[Layer], probabilities: FloatArray, labels: FloatArray
) -> list[Layer]:
    """Return the gradient of the mean binary cross-entropy with respect to each layer's weights and biases."""
    rows = labels.shape[1]
    da = -(labels / probabilities - (1.0 - labels) / (1.0 - probabilities))  #  (1, rows)
    gradients: list[Layer] = []
    for number in range(len(layers), 0, -1):
        a_below, z = memory[number - 1]
        if number == len(layers):
            dz = da * probabilities * (1.0 - probabilities)
        else:
            dz = np.array(da, copy=True)
            dz[z <= 0.0] = 0.0
        dw = np.dot(dz, a_below.T) / rows  #                    (units, inputs)
        db = np.sum(dz, axis=1, keepdims=True) / rows  #        (units, 1)
        da = np.dot(layers[number - 1][0].T, dz)  #             (inputs, rows)
        gradients.insert(0, (dw, db))
    return gradients


def train(
    layers: Sequence[Layer],
    x: FloatArray,
    labels: FloatArray,
    epochs: int,
    learning_rate: float,
    on_epoch_end: Callable[[list[Layer]], None],
) -> list[Layer]:
    """Return the layers after ``epochs`` updates of gradient descent, each on all rows."""
    current = list(layers)
    for _ in range(epochs):
        probabilities, memory = forward(current, x)
        gradients = backward(current, memory, probabilities, labels)
        current = [
            (weights - learning_rate * dw, biases - learning_rate * db)
            for (weights, biases), (dw, db) in zip(current, gradients, strict=True)
        ]
        on_epoch_end(current)
    return current
