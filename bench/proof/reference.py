"""The reference: the same network in plain float64 NumPy, against which every contender is compared.

It is never timed, so it may be slow. It shares no code with the contenders: derivatives are taken at the logits,
gradients array by array, and softmax by its full Jacobian. Finite differences test its gradients.
"""

from collections.abc import Callable, Sequence

import numpy as np

from bench.core import evaluate
from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows

# Keras's default for AdamW.
_WEIGHT_DECAY = 0.004


class ReferenceNetwork:
    """The reference network, a contender like any other."""

    def __init__(self, spec: NetworkSpec) -> None:
        self._spec = spec
        self._weights: list[FloatArray] = []
        optimizer, options = OPTIMIZERS[spec.optimizer], dict(spec.optimizer_options)
        decay = options.get("weight_decay", _WEIGHT_DECAY) if spec.optimizer == "adamw" else 0.0
        self._decay = spec.learning_rate * decay  # of the weights themselves, beside the optimizer's step
        self._steps = [optimizer(spec.learning_rate, **options) for _ in spec.weight_shapes]

    def get_weights(self) -> list[FloatArray]:
        """Return copies of kernel and bias of each layer."""
        return [array.copy() for array in self._weights]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set kernel and bias of each layer."""
        self._weights = [np.array(array, np.float64) for array in weights]

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train one batch at a time."""
        targets = evaluate.as_targets(self._spec, y)
        size = self._spec.batch_size or len(x)
        for order in orders:
            for start in range(0, len(x), size):
                rows = order[start : start + size]
                self.update(x[rows], targets[rows])
            on_epoch_end()

    def update(self, x: FloatArray, targets: FloatArray) -> None:
        """Make one update on a batch."""
        work = zip(self._weights, self._steps, self.gradients(x, targets), strict=True)
        self._weights = [array - self._decay * array - step(gradient) for array, step, gradient in work]

    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        """Return the gradient of the mean loss over a batch and of the penalties: kernel and bias of each layer."""
        logits = evaluate.forward(self._spec, self._weights, x)
        delta = self.last_delta(logits[-1], targets)
        found: list[FloatArray] = []
        for index in reversed(range(len(logits))):
            below = evaluate.activate(self._spec.layers[index - 1].activation, logits[index - 1]) if index else x
            kernel, layer = self._weights[2 * index], self._spec.layers[index]
            penalty = layer.l1 * np.sign(kernel) + 2.0 * layer.l2 * kernel
            found = [below.T @ delta + penalty, delta.sum(axis=0), *found]  #  (inputs, units), (units,)
            if index:
                delta = self.delta_below(index, logits[index - 1], delta)
        return found

    def last_delta(self, z: FloatArray, targets: FloatArray) -> FloatArray:
        """Return dL/dz of the last layer, (rows, outputs)."""
        activation = self._spec.layers[-1].activation
        outputs = evaluate.activate(activation, z)
        if self._spec.loss == "mean_squared_error":
            return chain(activation, z, 2.0 * (outputs - targets) / outputs.size)
        count = outputs.size if self._spec.loss == "binary_crossentropy" else len(outputs)
        delta: FloatArray = (outputs - targets) / count
        return delta

    def delta_below(self, index: int, z: FloatArray, delta: FloatArray) -> FloatArray:
        """Return dL/dz of the layer below layer ``index``, given its own logits z and the layer's dL/dz."""
        return chain(self._spec.layers[index - 1].activation, z, delta @ self._weights[2 * index].T)

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs)."""
        logits = evaluate.forward(self._spec, self._weights, x)[-1]
        return evaluate.activate(self._spec.layers[-1].activation, logits)


build = ReferenceNetwork


def gradients(spec: NetworkSpec, weights: Sequence[FloatArray], x: FloatArray, targets: FloatArray) -> list[FloatArray]:
    """Return the gradient of the mean loss: kernel (inputs, units) and bias (units,) of each layer."""
    network = build(spec)
    network.set_weights(weights)
    return network.gradients(x, targets)


def chain(activation: str, z: FloatArray, da: FloatArray) -> FloatArray:
    """Return dL/dz, (rows, units), given dL/da of an activation a = f(z)."""
    a = evaluate.activate(activation, z)
    if activation == "relu":
        return da * (z > 0.0)
    if activation == "sigmoid":
        return da * a * (1.0 - a)
    if activation == "tanh":
        return da * (1.0 - a**2)
    if activation == "softmax":
        jacobian = np.einsum("ri,ij->rij", a, np.eye(a.shape[1])) - np.einsum("ri,rj->rij", a, a)
        product: FloatArray = np.einsum("rij,rj->ri", jacobian, da)
        return product
    return da


Step = Callable[[FloatArray], FloatArray]


def sgd(learning_rate: float, momentum: float = 0.0, nesterov: bool = False) -> Step:
    """Return the step of gradient descent, with or without momentum: the amount to subtract from one array."""
    velocity: FloatArray = np.zeros(())

    def step(g: FloatArray) -> FloatArray:
        nonlocal velocity
        if not momentum:
            return learning_rate * g
        velocity = momentum * velocity + learning_rate * g
        return momentum * velocity + learning_rate * g if nesterov else velocity

    return step


def rmsprop(
    learning_rate: float,
    rho: float = 0.9,
    momentum: float = 0.0,
    epsilon: float = 1e-7,
    centered: bool = False,
) -> Step:
    """Return the step of RMSprop by Keras's definition: epsilon under the root."""
    square = mean = velocity = np.zeros(())

    def step(g: FloatArray) -> FloatArray:
        nonlocal square, mean, velocity
        square = rho * square + (1.0 - rho) * g**2
        mean = rho * mean + (1.0 - rho) * g
        spread = square - mean**2 if centered else square
        velocity = momentum * velocity + learning_rate * g / np.sqrt(spread + epsilon)
        return velocity

    return step


def adam(
    learning_rate: float,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
    amsgrad: bool = False,
) -> Step:
    """Return the step of Adam by Keras's definition: both bias corrections in the step size."""
    mean = square = largest = np.zeros(())
    t = 0

    def step(g: FloatArray) -> FloatArray:
        nonlocal mean, square, largest, t
        t += 1
        mean = beta_1 * mean + (1.0 - beta_1) * g
        square = beta_2 * square + (1.0 - beta_2) * g**2
        largest = np.maximum(largest, square)
        alpha = learning_rate * np.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)
        stepped: FloatArray = alpha * mean / (np.sqrt(largest if amsgrad else square) + epsilon)
        return stepped

    return step


def adamw(
    learning_rate: float,
    weight_decay: float = _WEIGHT_DECAY,  # noqa: ARG001 - the network applies it, since it needs the weights
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
    amsgrad: bool = False,
) -> Step:
    """Return the step of AdamW, which is Adam's beside the decay of the weights. Loshchilov and Hutter, 2019."""
    return adam(learning_rate, beta_1, beta_2, epsilon, amsgrad)


def adamax(learning_rate: float, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7) -> Step:
    """Return the step of Adamax by Keras's definition: epsilon beside the maximum. Kingma and Ba, 2015, section 7."""
    mean = largest = np.zeros(())
    t = 0

    def step(g: FloatArray) -> FloatArray:
        nonlocal mean, largest, t
        t += 1
        mean = beta_1 * mean + (1.0 - beta_1) * g
        largest = np.maximum(beta_2 * largest, np.abs(g))
        stepped: FloatArray = learning_rate / (1.0 - beta_1**t) * mean / (largest + epsilon)
        return stepped

    return step


def adagrad(learning_rate: float, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7) -> Step:
    """Return the step of Adagrad by Keras's definition: epsilon under the root. Duchi, Hazan and Singer, 2011."""
    total: FloatArray = np.full((), initial_accumulator_value)

    def step(g: FloatArray) -> FloatArray:
        nonlocal total
        total = total + g**2
        return learning_rate * g / np.sqrt(total + epsilon)

    return step


def adadelta(learning_rate: float, rho: float = 0.95, epsilon: float = 1e-7) -> Step:
    """Return the step of Adadelta by Keras's definition: with a learning rate. Zeiler, 2012."""
    squares = steps = np.zeros(())

    def step(g: FloatArray) -> FloatArray:
        nonlocal squares, steps
        squares = rho * squares + (1.0 - rho) * g**2
        scaled = np.sqrt(steps + epsilon) / np.sqrt(squares + epsilon) * g
        steps = rho * steps + (1.0 - rho) * scaled**2
        return learning_rate * scaled

    return step


OPTIMIZERS: dict[str, Callable[..., Step]] = {
    "adadelta": adadelta,
    "adagrad": adagrad,
    "adam": adam,
    "adamax": adamax,
    "adamw": adamw,
    "rmsprop": rmsprop,
    "sgd": sgd,
}
