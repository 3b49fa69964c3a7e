"""scikit-learn's MLPClassifier: one `partial_fit` per epoch, which batches the rows in the order given."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows

ACTIVATIONS = {"linear": "identity", "relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}

# Keras's defaults under scikit-learn's names; scikit-learn's own differ in SGD's momentum and Adam's epsilon.
DEFAULTS: dict[str, dict[str, Any]] = {
    "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "sgd": {"momentum": 0.0, "nesterovs_momentum": False},
}
NAMES = {"nesterov": "nesterovs_momentum"}


class SklearnNetwork:
    """An `MLPClassifier` without regularization that keeps the given order of rows."""

    def __init__(self, spec: NetworkSpec) -> None:
        if spec.is_penalized:
            raise NotImplementedError("scikit-learn penalizes by its own rule, so this contender has no penalties")
        self._classes = np.arange(max(2, spec.layers[-1].units))
        self._one_hot = spec.loss == "categorical_crossentropy"
        self._batch_size = spec.batch_size
        self._dtype = spec.dtype
        self._model = MLPClassifier(
            hidden_layer_sizes=tuple(layer.units for layer in spec.layers[:-1]),
            activation=_hidden_activation(spec),
            alpha=0.0,
            shuffle=False,
            **_optimizer(spec),
        )
        # only a first fit allocates scikit-learn's arrays; its moments are dropped
        row = np.zeros((1, spec.layers[0].inputs), self._dtype)
        self._model.partial_fit(row, self._classes[:1], classes=self._classes)
        del self._model._optimizer

    def get_weights(self) -> list[FloatArray]:
        """Return copies of kernel and bias of each layer."""
        pairs = zip(self._model.coefs_, self._model.intercepts_, strict=True)
        return [np.array(array) for pair in pairs for array in pair]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set kernel and bias of each layer."""
        self._model.coefs_ = [np.array(array, self._dtype) for array in weights[0::2]]
        self._model.intercepts_ = [np.array(array, self._dtype) for array in weights[1::2]]

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train one epoch per call."""
        self._model.set_params(batch_size=self._batch_size or len(x))
        labels = y.argmax(axis=1) if self._one_hot else y.reshape(-1).astype(int)  # (rows,)
        for order in orders:
            self._model.partial_fit(x[order], labels[order])
            on_epoch_end()

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs): for one output, the probability of class 1."""
        probabilities: FloatArray = self._model.predict_proba(x)
        return probabilities[:, 1:] if len(self._classes) == 2 else probabilities


def _hidden_activation(spec: NetworkSpec) -> str:
    """Return scikit-learn's name of the hidden activation, after checking that it supports the network."""
    *hidden, last = spec.layers
    activations = {layer.activation for layer in hidden}
    if len(activations) != 1 or not activations <= set(ACTIVATIONS):
        raise NotImplementedError(
            f"scikit-learn supports one activation for all hidden layers, one of {', '.join(ACTIVATIONS)}, "
            f"got {' and '.join(sorted(activations)) or 'none'}"
        )
    binary = (last.activation, spec.loss) == ("sigmoid", "binary_crossentropy")
    if binary and last.units > 1:
        raise NotImplementedError(
            f"scikit-learn sums the loss over the outputs and Keras averages it, so its gradient is {last.units} times "
            f"Keras's"
        )
    several = last.activation == "softmax" and spec.loss.endswith("categorical_crossentropy") and last.units > 2
    if not binary and not several:
        raise NotImplementedError(
            "scikit-learn's classifier supports one sigmoid or a softmax of three or more, each with its "
            f"cross-entropy, got {spec.loss} of {last.units} × {last.activation}"
        )
    return ACTIVATIONS[activations.pop()]


def _optimizer(spec: NetworkSpec) -> dict[str, Any]:
    """Return scikit-learn's arguments for the optimizer."""
    if spec.optimizer not in DEFAULTS:
        raise NotImplementedError(f"scikit-learn supports {' and '.join(DEFAULTS)}, got {spec.optimizer}")
    options = {NAMES.get(name, name): value for name, value in spec.optimizer_options}
    if unknown := set(options) - set(DEFAULTS[spec.optimizer]):
        raise NotImplementedError(f"scikit-learn's {spec.optimizer} does not support {' and '.join(sorted(unknown))}")
    return {
        "solver": spec.optimizer,
        "learning_rate_init": spec.learning_rate,
        **DEFAULTS[spec.optimizer],
        **options,
    }


build = SklearnNetwork
