"""What rounding alone does to a training: the reference in the scenario's own number type, raced against itself.

Two correct programs round every product and every sum differently. What one of them computes is what exact arithmetic
gives for weights that differ from its own in their last bits (Wilkinson's backward error). So a copy takes the gradient
of every update at weights whose last bits are disturbed at random: Monte Carlo arithmetic (Parker, 1997). Programs also
differ in whether they round an optimizer's coefficients before or after a subtraction, and copies do either.

All copies train together, in arrays of (copies, rows, units). No code is shared with the contenders. In float64 and
undisturbed this is `bench.proof.reference`, which a test asserts.
"""

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from bench.core import evaluate
from bench.core.randomness import Orders
from bench.core.spec import FloatArray, IntArray, NetworkSpec, Scenario
from bench.datasets import Data
from bench.proof.reference import WEIGHT_DECAY

# How many copies, and by how many units in the last place they are disturbed: as measured in docs/methodology.md. A
# contender is disturbed by about one, so a copy meets a kink of ReLU before it does.
COPIES = 8
DISTURBANCE = 4

# The stream of the disturbance, apart from those of weights and orders.
_STREAM = 3

# The most multiplications of a race, which take about half a minute; calls of NumPy count as so many an update.
_MOST_WORK = 5e10
_WORK_OF_CALLS = 5e5

# The most weights, or activations of a batch, of all copies together: some gigabytes, with what an update needs beside.
_MOST_NUMBERS = 5e7


def race(scenario: Scenario, data: Data, weights: Sequence[FloatArray], seed: int) -> tuple[IntArray, FloatArray]:
    """Return the evaluated epochs, (epochs,), and the training losses there from these weights, (1 + copies, epochs).

    The first row is the undisturbed reference. A loss that is not finite is NaN. Only `epochs_raced` are raced.
    """
    spec = scenario.network
    targets = evaluate.as_targets(spec, data.y_train)
    copies = Copies(spec, weights, COPIES, np.random.default_rng([seed, _STREAM]))
    orders = Orders(len(data.x_train), scenario.epochs, seed, shuffle=scenario.shuffle)
    epochs, losses = [0], [copies.losses(data.x_train, targets)]
    with np.errstate(all="ignore"):
        for epoch, order in enumerate(islice(orders, epochs_raced(scenario, len(data.x_train))), start=1):
            copies.train(data.x_train, targets, order)
            if epoch % scenario.epochs_per_snapshot == 0 or epoch == scenario.epochs:
                epochs.append(epoch)
                losses.append(copies.losses(data.x_train, targets))
    return np.array(epochs), np.array(losses).T


def epochs_raced(scenario: Scenario, rows: int) -> int:
    """Return how many of a scenario's epochs are raced: all, the first if it is too long, none if it is too large."""
    network = scenario.network
    batch = min(rows, network.batch_size or rows)
    activations = batch * sum(layer.units for layer in network.layers)
    if (1 + COPIES) * max(network.parameters, activations) > _MOST_NUMBERS:
        return 0
    work = scenario.updates_per_epoch(rows) * _WORK_OF_CALLS + (1 + COPIES) * network.parameters * rows
    return min(scenario.epochs, int(_MOST_WORK / work))


class Copies:
    """One network, trained several times side by side: first undisturbed, then with the last bits disturbed.

    Args:
        spec: the network.
        weights: the initial ones, in Keras's order.
        copies: how many are disturbed.
        rng: draws the disturbance.
        disturbance: its size in units in the last place.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        weights: Sequence[FloatArray],
        copies: int,
        rng: np.random.Generator,
        disturbance: float = DISTURBANCE,
    ) -> None:
        self._spec = spec
        self._rng = rng
        self._dtype = np.dtype(spec.dtype)
        self._bits = self._dtype.type(disturbance * np.finfo(self._dtype).eps)
        # kernels (copies, inputs, units), biases (copies, 1, units)
        stacked = [array.astype(self._dtype).reshape(1, -1, array.shape[-1]) for array in weights]
        self._weights = [np.repeat(array, 1 + copies, axis=0) for array in stacked]
        options = dict(spec.optimizer_options)
        decay = options.pop("weight_decay", WEIGHT_DECAY) if spec.optimizer == "adamw" else 0.0
        self._decay = self._dtype.type(spec.learning_rate * decay)
        self._steps = [
            OPTIMIZERS[spec.optimizer](spec.learning_rate, 1 + copies, self._dtype, **options) for _ in weights
        ]

    def weights(self, copy: int) -> list[FloatArray]:
        """Return the weights of a copy, in Keras's order and shapes."""
        shapes = self._spec.weight_shapes
        return [array[copy].reshape(shape) for array, shape in zip(self._weights, shapes, strict=True)]

    def losses(self, x: FloatArray, targets: FloatArray) -> list[float]:
        """Return the evaluator's mean loss of every copy; NaN if it is not finite."""
        with np.errstate(all="ignore"):
            logits = (evaluate.forward(self._spec, self.weights(copy), x)[-1] for copy in range(len(self._weights[0])))
            losses = [evaluate.mean_loss(self._spec, each, targets) for each in logits]
        return [loss if math.isfinite(loss) else math.nan for loss in losses]

    def train(self, x: FloatArray, targets: FloatArray, order: IntArray) -> None:
        """Train for one epoch in this order of rows."""
        size = self._spec.batch_size or len(x)
        for start in range(0, len(x), size):
            rows = order[start : start + size]
            self.update(x[rows].astype(self._dtype), targets[rows].astype(self._dtype))

    def update(self, x: FloatArray, targets: FloatArray) -> None:
        """Make one update of every copy on a batch, (rows, features) and (rows, outputs)."""
        for array, step, gradient in zip(self._weights, self._steps, self.gradients(x, targets), strict=True):
            array -= self._decay * array + step(gradient)

    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        """Return the gradients of the mean loss at disturbed weights, each of the shape of its weights."""
        disturbed = [array * self._last_bits(array.shape) for array in self._weights]
        kernels, biases = disturbed[0::2], disturbed[1::2]
        layers = self._spec.layers
        a = [x]
        for layer, kernel, bias in zip(layers, kernels, biases, strict=True):
            a.append(activate(layer.activation, a[-1] @ kernel + bias))  #  (copies, rows, units)
        delta = self._last_delta(a[-1], targets)
        found: list[FloatArray] = []
        for index in reversed(range(len(layers))):
            gradient = _transposed(a[index]) @ delta
            if layers[index].l1 or layers[index].l2:
                gradient = gradient + layers[index].l1 * np.sign(kernels[index]) + 2 * layers[index].l2 * kernels[index]
            found = [gradient, delta.sum(axis=-2, keepdims=True), *found]
            if index:
                delta = chain(layers[index - 1].activation, a[index], delta @ _transposed(kernels[index]))
        return found

    def _last_delta(self, outputs: FloatArray, targets: FloatArray) -> FloatArray:
        """Return dL/dz of the last layer, (copies, rows, outputs)."""
        delta: FloatArray = outputs - targets
        if self._spec.loss == "mean_squared_error":
            return chain(self._spec.layers[-1].activation, outputs, delta * (2.0 / targets.size))
        return delta / (targets.size if self._spec.loss == "binary_crossentropy" else len(targets))

    def _last_bits(self, shape: tuple[int, ...]) -> FloatArray:
        """Return factors of one, a few last bits more or less, at random; exactly one for the first copy."""
        count = math.prod(shape)
        drawn = np.frombuffer(self._rng.bytes(-(-count // 8)), np.uint8)
        signs = 2 * np.unpackbits(drawn, count=count).reshape(shape).astype(self._dtype) - 1
        signs[0] = 0
        factors: FloatArray = 1 + self._bits * signs
        return factors


def _transposed(array: FloatArray) -> FloatArray:
    return np.swapaxes(array, -1, -2)


def activate(activation: str, z: FloatArray) -> FloatArray:
    """Return the activation of logits, in their number type, by Keras's name."""
    if activation == "relu":
        return np.maximum(z, 0)
    if activation == "sigmoid":
        probability: FloatArray = 1 / (1 + np.exp(-z))
        return probability
    if activation == "tanh":
        return np.tanh(z)
    if activation == "softmax":
        shifted = np.exp(z - z.max(axis=-1, keepdims=True))
        softmax: FloatArray = shifted / shifted.sum(axis=-1, keepdims=True)
        return softmax
    return z


def chain(activation: str, a: FloatArray, da: FloatArray) -> FloatArray:
    """Return dL/dz, given an activation's values a = f(z) and dL/da."""
    if activation == "relu":
        return da * (a > 0)
    if activation == "sigmoid":
        return da * a * (1 - a)
    if activation == "tanh":
        return da * (1 - a * a)
    if activation == "softmax":
        product: FloatArray = a * (da - (da * a).sum(axis=-1, keepdims=True))
        return product
    return da


Step = Callable[[FloatArray], FloatArray]
NumberType: TypeAlias = "np.dtype[np.floating[Any]]"


def sgd(learning_rate: float, _copies: int, dtype: NumberType, momentum: float = 0.0, nesterov: bool = False) -> Step:
    """Return the step of gradient descent: the amount to subtract from one array of all copies."""
    velocity: FloatArray = np.zeros((), dtype)

    def step(g: FloatArray) -> FloatArray:
        nonlocal velocity
        if not momentum:
            return learning_rate * g
        velocity = momentum * velocity + learning_rate * g
        return momentum * velocity + learning_rate * g if nesterov else velocity

    return step


def rmsprop(
    learning_rate: float,
    copies: int,
    dtype: NumberType,
    rho: float = 0.9,
    momentum: float = 0.0,
    epsilon: float = 1e-7,
    centered: bool = False,
) -> Step:
    """Return the step of RMSprop by Keras's definition."""
    rest = complements(rho, copies, dtype)
    square = mean = velocity = np.zeros((), dtype)

    def step(g: FloatArray) -> FloatArray:
        nonlocal square, mean, velocity
        square = rho * square + rest * (g * g)
        mean = rho * mean + rest * g
        spread = square - mean * mean if centered else square
        velocity = momentum * velocity + learning_rate * g / np.sqrt(spread + epsilon)
        return velocity

    return step


def adam(
    learning_rate: float,
    copies: int,
    dtype: NumberType,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
    amsgrad: bool = False,
) -> Step:
    """Return the step of Adam by Keras's definition; two of four copies round beta before they correct the bias."""
    rest_1, rest_2 = complements(beta_1, copies, dtype), complements(beta_2, copies, dtype)
    rounded_1, rounded_2 = dtype.type(beta_1), dtype.type(beta_2)
    early = _copy_numbers(copies) % 4 >= 2
    mean = square = largest = np.zeros((), dtype)
    t = 0

    def step(g: FloatArray) -> FloatArray:
        nonlocal mean, square, largest, t
        t += 1
        mean = beta_1 * mean + rest_1 * g
        square = beta_2 * square + rest_2 * (g * g)
        largest = np.maximum(largest, square)
        corrections = (
            math.sqrt(1.0 - beta**t) / (1.0 - other**t) for beta, other in ((rounded_2, rounded_1), (beta_2, beta_1))
        )
        alpha = (learning_rate * np.where(early, *corrections)).astype(dtype)
        stepped: FloatArray = alpha * mean / (np.sqrt(largest if amsgrad else square) + epsilon)
        return stepped

    return step


def complements(beta: float, copies: int, dtype: NumberType) -> FloatArray:
    """Return 1 - beta for each copy, (copies, 1, 1): every other copy rounds beta before it subtracts."""
    early = 1 - dtype.type(beta)
    return np.where(_copy_numbers(copies) % 2 == 1, early, dtype.type(1.0 - beta))


def _copy_numbers(copies: int) -> IntArray:
    return np.arange(copies).reshape(-1, 1, 1)


def adamax(
    learning_rate: float,
    copies: int,
    dtype: NumberType,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> Step:
    """Return the step of Adamax by Keras's definition."""
    rest = complements(beta_1, copies, dtype)
    mean = largest = np.zeros((), dtype)
    t = 0

    def step(g: FloatArray) -> FloatArray:
        nonlocal mean, largest, t
        t += 1
        mean = beta_1 * mean + rest * g
        largest = np.maximum(beta_2 * largest, np.abs(g))
        stepped: FloatArray = dtype.type(learning_rate / (1.0 - beta_1**t)) * mean / (largest + epsilon)
        return stepped

    return step


def adagrad(
    learning_rate: float,
    _copies: int,
    dtype: NumberType,
    initial_accumulator_value: float = 0.1,
    epsilon: float = 1e-7,
) -> Step:
    """Return the step of Adagrad by Keras's definition."""
    total: FloatArray = np.full((), initial_accumulator_value, dtype)

    def step(g: FloatArray) -> FloatArray:
        nonlocal total
        total = total + g * g
        return learning_rate * g / np.sqrt(total + epsilon)

    return step


def adadelta(learning_rate: float, copies: int, dtype: NumberType, rho: float = 0.95, epsilon: float = 1e-7) -> Step:
    """Return the step of Adadelta by Keras's definition."""
    rest = complements(rho, copies, dtype)
    squares = steps = np.zeros((), dtype)

    def step(g: FloatArray) -> FloatArray:
        nonlocal squares, steps
        squares = rho * squares + rest * (g * g)
        scaled: FloatArray = np.sqrt(steps + epsilon) / np.sqrt(squares + epsilon) * g
        steps = rho * steps + rest * (scaled * scaled)
        return learning_rate * scaled

    return step


# AdamW's steps are Adam's; the decay of its weights is applied beside them.
OPTIMIZERS: dict[str, Callable[..., Step]] = {
    "adadelta": adadelta,
    "adagrad": adagrad,
    "adam": adam,
    "adamax": adamax,
    "adamw": adam,
    "rmsprop": rmsprop,
    "sgd": sgd,
}
