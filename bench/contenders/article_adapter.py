"""The historical David: the published algorithm behind the harness's protocol."""

from collections.abc import Callable, Sequence

import numpy as np

from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows
from numpy_nn import article


class ArticleNetwork:
    """The article's network: ReLU layers and one sigmoid, cross-entropy, plain descent, float64, full batches."""

    def __init__(self, spec: NetworkSpec) -> None:
        activations = [layer.activation for layer in spec.layers]
        supported = (
            activations == ["relu"] * (len(activations) - 1) + ["sigmoid"]
            and spec.layers[-1].units == 1
            and (spec.loss, spec.optimizer, spec.optimizer_options) == ("binary_crossentropy", "sgd", ())
            and spec.dtype == "float64"
            and spec.batch_size is None
            and not spec.is_penalized
        )
        if not supported:
            raise NotImplementedError(
                "the article supports only ReLU layers, one sigmoid output, binary cross-entropy, plain descent, "
                "float64 and full batches"
            )
        self._learning_rate = spec.learning_rate
        self._layers: list[article.Layer] = []

    def get_weights(self) -> list[FloatArray]:
        """Return copies, transposed from the article's (units, inputs) and (units, 1) to Keras's shapes."""
        return [np.array(array) for weights, biases in self._layers for array in (weights.T, biases[:, 0])]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set kernel and bias of each layer."""
        self._layers = [
            (np.array(kernel.T, np.float64, order="C"), np.array(bias, np.float64)[:, np.newaxis])
            for kernel, bias in zip(weights[0::2], weights[1::2], strict=True)
        ]

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train on all rows at once, so their order does not affect the result."""

        def keep(layers: list[article.Layer]) -> None:
            self._layers = layers
            on_epoch_end()

        columns = np.ascontiguousarray(x.T, np.float64)
        labels = np.asarray(y, np.float64).reshape(1, -1)
        self._layers = article.train(self._layers, columns, labels, len(orders), self._learning_rate, keep)

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the probabilities, (rows, 1)."""
        return article.forward(self._layers, np.asarray(x, np.float64).T)[0].T


build = ArticleNetwork
