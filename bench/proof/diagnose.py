"""Diagnosis of a difference: known mistakes, each made on purpose, and the one that gives the same numbers.

Each mistake is the reference with one thing done wrong. It is named only if its transcript equals the contender's in
every quantity.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench.core import evaluate
from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows
from bench.proof import reference
from bench.proof.cases import ROWS, ProofCase
from bench.proof.compare import beyond_single, compare, difference
from bench.proof.reference import ReferenceNetwork, Step
from bench.proof.transcript import DEFAULT_UPDATE, quantities, transcript

# Two programs with the same mistake agree as closely as two without; the tolerance leaves room for the order of sums.
_SAME = 1e-9

# Predictions that differ by less than this may differ by float32's rounding alone.
_SINGLE = 1e-6

DOUBLE_PRECISION = (
    "looks like double precision: float32 was expected, but these numbers have digits that float32 does not hold; "
    "compute in spec.dtype"
)


@dataclass(frozen=True)
class Mistake:
    """A known mistake.

    Attributes:
        words: a description for the contender's author.
        build: builds a network with the mistake, like a contender's ``build``.
        applies: whether the mistake can show in a network.
    """

    words: str
    build: Callable[[NetworkSpec], ReferenceNetwork]
    applies: Callable[[NetworkSpec], bool] = lambda _: True


def diagnose(case: ProofCase, found: Mapping[str, FloatArray]) -> str:
    """Return the known mistake that explains a transcript unlike the reference's; empty if none does."""
    for mistake in MISTAKES:
        if mistake.applies(case.network) and _explains(mistake, case, found):
            return f"looks like {mistake.words}"
    others = (_single_precision, _live_arrays, _given_back, _single_predictions, _not_finite, _constant_factor)
    return next(filter(None, (describe(case, found) for describe in others)), "")


def _explains(mistake: Mistake, case: ProofCase, found: Mapping[str, FloatArray]) -> bool:
    """Return whether a network with the mistake gives this transcript, with NaN and infinity at the same places."""
    contender: Any = SimpleNamespace(build=mistake.build)
    compared = 0
    with np.errstate(all="ignore"):  # a mistake may diverge
        for name, array in quantities(contender, case):  # most mistakes differ before the network is trained
            if name not in found or not _alike(array, found[name], name):
                return False
            compared += 1
    return compared == len(found)


def _alike(expected: FloatArray, found: FloatArray, name: str) -> bool:
    if expected.shape != found.shape:
        return False
    if not np.isfinite(expected).all():
        return bool(np.array_equal(np.isfinite(expected), np.isfinite(found)))
    # one update with default options may contain Keras's rounding: see bench.proof.compare
    return difference(expected, found) <= (1e-5 if name.startswith(DEFAULT_UPDATE) else _SAME)


def _given_back(case: ProofCase, found: Mapping[str, FloatArray]) -> str:
    """Describe the first weights that `get_weights` does not return as they were set; empty if it returns all."""
    wrong = _not_given_back(case, found)
    if not wrong:
        return ""
    return (
        f"{wrong[0].partition(': ')[2]} is not returned as it was set: does set_weights store every array, and does "
        f"get_weights return them layer by layer, kernel as (inputs, units) before bias?"
    )


def _not_given_back(case: ProofCase, found: Mapping[str, FloatArray]) -> list[str]:
    """Return the names of the initial weights that differ from those that were set."""
    given = _named(found, "initial weights")
    return [
        name
        for (name, array), expected in zip(given.items(), case.weights(), strict=False)
        if not np.array_equal(array, expected)
    ]


def _single_precision(case: ProofCase, found: Mapping[str, FloatArray]) -> str:
    """Describe weights kept in float32 although the case needs float64; empty if they were not."""
    weights = [array for name, array in found.items() if name.startswith("weights after")]
    if case.network.dtype == "float64" and any(map(np.any, weights)) and all(map(_in_single, weights)):
        return "looks like single precision: float64 was expected, but every weight is exact in float32"
    return ""


def _single_predictions(case: ProofCase, found: Mapping[str, FloatArray]) -> str:
    """Describe predictions rounded to float32 although the case needs float64; empty if they were not."""
    right, predicted = transcript(reference, case)["forward pass"], found["forward pass"]
    if case.network.dtype == "float64" and _in_single(predicted) and 0.0 < difference(right, predicted) < _SINGLE:
        return "looks like single precision in predict: float64 was expected, but every prediction is exact in float32"
    return ""


def _not_finite(case: ProofCase, found: Mapping[str, FloatArray]) -> str:
    """Describe the first quantity that differs if it has values that are not finite; empty if it has none."""
    first = compare(transcript(reference, case), found, optimizer=case.network.optimizer).first
    wrong = 0 if first is None else np.size(found[first]) - int(np.isfinite(found[first]).sum())
    if first is None or not wrong:
        return ""
    kind = "NaN" if np.isnan(found[first]).any() else "infinite"
    return (
        f"{wrong} of its {found[first].size} values are {kind}, and all before it is right: look there for a division "
        f"by zero, a logarithm of zero, an overflow, or an array that is never filled"
    )


def _in_single(array: FloatArray) -> bool:
    return bool(np.isfinite(array).all()) and beyond_single(array) == 0.0


def _live_arrays(case: ProofCase, found: Mapping[str, FloatArray]) -> str:
    """Describe weights that changed after `get_weights` had returned them; empty if they did not."""
    if not _not_given_back(case, found):
        return ""
    contender: Any = SimpleNamespace(build=_Live)
    expected = transcript(contender, case)
    if expected.keys() == found.keys() and all(_alike(array, found[name], name) for name, array in expected.items()):
        return (
            "looks like arrays that training changes after get_weights has returned them: it must return copies, not "
            "the network's own arrays"
        )
    return ""


def _constant_factor(case: ProofCase, found: Mapping[str, FloatArray]) -> str:
    """Describe gradients that all differ from the right ones by one factor; empty if they do not."""
    expected = _named(transcript(reference, case), "gradient")
    ratios = [
        found[name][array != 0.0] / array[array != 0.0]
        for name, array in expected.items()
        if name in found and found[name].shape == array.shape
    ]
    every = np.concatenate(ratios) if ratios else np.empty(0)
    if not len(every) or not np.isfinite(every).all() or np.abs(every).max() == 0.0:
        return ""
    factor = float(np.median(every))
    if abs(factor - 1.0) < 1e-9 or np.abs(every / factor - 1.0).max() > 1e-6:
        return ""
    return (
        f"every gradient is {factor:.6g} times what it should be: check the learning rate, a sum instead of a mean, "
        f"and factors in the loss"
    )


def _named(found: Mapping[str, FloatArray], quantity: str) -> dict[str, FloatArray]:
    return {name: array for name, array in found.items() if name.startswith(f"{quantity}:")}


class _Summed(ReferenceNetwork):
    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        return [len(x) * array for array in super().gradients(x, targets)]


class _PerFullBatch(ReferenceNetwork):
    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        size = self._spec.batch_size or len(x)
        return [array * len(x) / size for array in super().gradients(x, targets)]


class _PerRowAlone(ReferenceNetwork):
    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        return [targets.shape[1] * array for array in super().gradients(x, targets)]


class _RaggedDropped(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        targets = evaluate.as_targets(self._spec, y)
        size = self._spec.batch_size or len(x)
        for order in orders:
            for start in range(0, len(x) - size + 1, size):
                rows = order[start : start + size]
                self.update(x[rows], targets[rows])
            on_epoch_end()


class _OwnOrder(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        as_they_come: Any = [np.arange(len(x))] * len(orders)
        super().train(x, y, as_they_come, on_epoch_end)


class _FirstOrder(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        kept: Any = [next(iter(orders))] * len(orders)
        super().train(x, y, kept, on_epoch_end)


class _LabelsOfRowBefore(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        super().train(x, np.roll(y, 1, axis=0), orders, on_epoch_end)


class _LabelsOfRowAfter(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        super().train(x, np.roll(y, -1, axis=0), orders, on_epoch_end)


class _FixedBiases(ReferenceNetwork):
    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        return [array if array.ndim == 2 else 0.0 * array for array in super().gradients(x, targets)]


class _Ascent(ReferenceNetwork):
    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        return [-array for array in super().gradients(x, targets)]


class _Logits(ReferenceNetwork):
    def predict(self, x: FloatArray) -> FloatArray:
        return evaluate.forward(self._spec, self._weights, x)[-1]


class _Transposed(ReferenceNetwork):
    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        super().set_weights([array.T.reshape(array.shape) for array in weights])


class _NoDerivative(ReferenceNetwork):
    def delta_below(self, index: int, z: FloatArray, delta: FloatArray) -> FloatArray:  # noqa: ARG002
        return delta @ self._weights[2 * index].T


class _ReluAtZero(ReferenceNetwork):
    def delta_below(self, index: int, z: FloatArray, delta: FloatArray) -> FloatArray:
        if self._spec.layers[index - 1].activation != "relu":
            return super().delta_below(index, z, delta)
        return (delta @ self._weights[2 * index].T) * (z >= 0.0)


class _SigmoidTwice(ReferenceNetwork):
    def last_delta(self, z: FloatArray, targets: FloatArray) -> FloatArray:
        return reference.chain("sigmoid", z, super().last_delta(z, targets))


class _SoftmaxOverRows(ReferenceNetwork):
    def predict(self, x: FloatArray) -> FloatArray:
        logits = evaluate.forward(self._spec, self._weights, x)[-1]
        return evaluate.activate("softmax", logits.T).T

    def last_delta(self, z: FloatArray, targets: FloatArray) -> FloatArray:
        return (evaluate.activate("softmax", z.T).T - targets) / len(targets)


class _UpdatedKernels(ReferenceNetwork):
    def delta_below(self, index: int, z: FloatArray, delta: FloatArray) -> FloatArray:
        activation = self._spec.layers[index - 1].activation
        gradient = evaluate.activate(activation, z).T @ delta
        updated = self._weights[2 * index] - self._spec.learning_rate * gradient
        return reference.chain(activation, z, delta @ updated.T)


class _HalfOfL2(ReferenceNetwork):
    def gradients(self, x: FloatArray, targets: FloatArray) -> list[FloatArray]:
        found = super().gradients(x, targets)
        for index, layer in enumerate(self._spec.layers):
            found[2 * index] = found[2 * index] - layer.l2 * self._weights[2 * index]
        return found


class _StateForgotten(ReferenceNetwork):
    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        for order in orders:
            self._steps = ReferenceNetwork(self._spec)._steps
            alone: Any = [order]
            super().train(x, y, alone, on_epoch_end)


class _Live(ReferenceNetwork):
    def get_weights(self) -> list[FloatArray]:
        return self._weights

    def update(self, x: FloatArray, targets: FloatArray) -> None:
        own = self._weights
        super().update(x, targets)
        for array, updated in zip(own, self._weights, strict=True):
            array[...] = updated
        self._weights = own


def _plain_descent(spec: NetworkSpec) -> ReferenceNetwork:
    return ReferenceNetwork(replace(spec, optimizer="sgd", optimizer_options=()))


def _without_penalties(spec: NetworkSpec) -> ReferenceNetwork:
    return ReferenceNetwork(replace(spec, layers=tuple(replace(layer, l1=0.0, l2=0.0) for layer in spec.layers)))


def _without_amsgrad(spec: NetworkSpec) -> ReferenceNetwork:
    options = tuple(option for option in spec.optimizer_options if option[0] != "amsgrad")
    return ReferenceNetwork(replace(spec, optimizer_options=options))


def _with_step(optimizer: str, make: Callable[..., Step]) -> Callable[[NetworkSpec], ReferenceNetwork]:
    """Return a ``build`` whose networks replace the step of that optimizer."""

    def build(spec: NetworkSpec) -> ReferenceNetwork:
        network = ReferenceNetwork(spec)
        if spec.optimizer == optimizer:
            network._steps = [make(spec) for _ in spec.weight_shapes]
        return network

    return build


def _outside(square: FloatArray, epsilon: float, _: float) -> FloatArray:
    root: FloatArray = np.sqrt(square) + epsilon
    return root


def _adam(
    spec: NetworkSpec,
    root: Callable[[FloatArray, float, float], FloatArray] = _outside,
    *,
    corrected: bool = True,
    count: Callable[[int], int] = lambda update: update,
) -> Step:
    """Return a step that divides by ``root(square, epsilon, correction)``; ``correction`` is of the square's root.

    ``count`` makes the number of the update, from 1, what the step takes it for.
    """
    options = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False} | dict(spec.optimizer_options)
    beta_1, beta_2, epsilon = (float(options[name]) for name in ("beta_1", "beta_2", "epsilon"))
    mean = square = largest = np.zeros(())
    update = 0

    def step(g: FloatArray) -> FloatArray:
        nonlocal mean, square, largest, update
        update += 1
        t = count(update)
        mean = beta_1 * mean + (1.0 - beta_1) * g
        square = beta_2 * square + (1.0 - beta_2) * g**2
        largest = np.maximum(largest, square)
        correction = float(np.sqrt(1.0 - beta_2**t))
        alpha = correction / (1.0 - beta_1**t) if corrected else 1.0
        return spec.learning_rate * alpha * mean / root(largest if options["amsgrad"] else square, epsilon, correction)

    return step


def _rmsprop_outside(spec: NetworkSpec) -> Step:
    options = {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False} | dict(spec.optimizer_options)
    square = mean = velocity = np.zeros(())

    def step(g: FloatArray) -> FloatArray:
        nonlocal square, mean, velocity
        square = options["rho"] * square + (1.0 - options["rho"]) * g**2
        mean = options["rho"] * mean + (1.0 - options["rho"]) * g
        spread = square - mean**2 if options["centered"] else square
        velocity = options["momentum"] * velocity + spec.learning_rate * g / (np.sqrt(spread) + options["epsilon"])
        return velocity

    return step


def _damped(spec: NetworkSpec) -> Step:
    options: dict[str, Any] = dict(spec.optimizer_options)
    right = reference.sgd(spec.learning_rate, **options)
    return lambda g: right((1.0 - options.get("momentum", 0.0)) * g)


def _sgd(spec: NetworkSpec, **changed: Any) -> Step:
    return reference.sgd(spec.learning_rate, **dict(spec.optimizer_options) | changed)


def _since_epoch_began(spec: NetworkSpec) -> Callable[[int], int]:
    updates_per_epoch = -(-ROWS // (spec.batch_size or ROWS))
    return lambda update: (update - 1) % updates_per_epoch + 1


def _several_outputs(spec: NetworkSpec) -> bool:
    return spec.layers[-1].units > 1


def _softmax(spec: NetworkSpec) -> bool:
    return _several_outputs(spec) and spec.layers[-1].activation == "softmax" and _cross_entropy(spec)


def _mean_over_outputs(spec: NetworkSpec) -> bool:
    return _several_outputs(spec) and spec.loss in ("binary_crossentropy", "mean_squared_error")


def _uses(name: str, *options: str) -> Callable[[NetworkSpec], bool]:
    return lambda spec: (
        spec.optimizer == name and set(options) <= {key for key, value in spec.optimizer_options if value}
    )


def _penalized(spec: NetworkSpec) -> bool:
    return any(layer.l1 or layer.l2 for layer in spec.layers)


def _penalized_l2(spec: NetworkSpec) -> bool:
    return any(layer.l2 for layer in spec.layers)


def _has_state(spec: NetworkSpec) -> bool:
    return spec.optimizer != "sgd" or any(name == "momentum" and value for name, value in spec.optimizer_options)


def _relu_first(spec: NetworkSpec) -> bool:
    return len(spec.layers) > 1 and spec.layers[0].activation == "relu"  # only its sums are ever exactly zero


def _cross_entropy(spec: NetworkSpec) -> bool:
    return spec.loss != "mean_squared_error"


# Of two mistakes with the same symptoms in a case, the more common one comes first.
MISTAKES = (
    Mistake("a gradient summed over the batch instead of averaged", _Summed),
    Mistake("a loss summed over the outputs instead of averaged", _PerRowAlone, _mean_over_outputs),
    Mistake("a ragged last batch whose gradient is divided by the size of a full batch", _PerFullBatch),
    Mistake("a ragged last batch that is left out", _RaggedDropped),
    Mistake("an ignored order of rows: they are taken as they come", _OwnOrder),
    Mistake("the first epoch's order of rows in every epoch", _FirstOrder),
    Mistake("labels shifted by one row: each row has the label of the row before it", _LabelsOfRowBefore),
    Mistake("labels shifted by one row: each row has the label of the row after it", _LabelsOfRowAfter),
    Mistake("biases that are never updated", _FixedBiases),
    Mistake("ascent: the gradient is added, or its sign is wrong", _Ascent),
    Mistake("logits returned by predict instead of the last layer's activation", _Logits),
    Mistake("softmax over the rows of a batch instead of the outputs of a row", _SoftmaxOverRows, _softmax),
    Mistake("kernels read as (units, inputs)", _Transposed),
    Mistake("activation derivatives missing from the backward pass", _NoDerivative, _cross_entropy),
    Mistake("a derivative of ReLU that is 1 at zero instead of 0", _ReluAtZero, _relu_first),
    Mistake(
        "a sigmoid's derivative applied twice: cross-entropy from logits includes it",
        _SigmoidTwice,
        lambda spec: spec.loss == "binary_crossentropy",
    ),
    Mistake("kernels updated before the gradient is propagated through them", _UpdatedKernels, _cross_entropy),
    Mistake("plain gradient descent instead of the optimizer", _plain_descent, lambda spec: spec.optimizer != "sgd"),
    Mistake("ignored penalties, l1 and l2", _without_penalties, _penalized),
    Mistake("an L2 penalty without its factor of 2: the derivative of l2 * w² is 2 * l2 * w", _HalfOfL2, _penalized_l2),
    Mistake(
        "Adam without bias correction of its means",
        _with_step("adam", lambda spec: _adam(spec, corrected=False)),
        _uses("adam"),
    ),
    Mistake(
        "Adam whose step counter never advances: t is 1 in every update",
        _with_step("adam", lambda spec: _adam(spec, count=lambda _: 1)),
        _uses("adam"),
    ),
    Mistake(
        "Adam whose step counter starts again at 1 in every epoch",
        _with_step("adam", lambda spec: _adam(spec, count=_since_epoch_began(spec))),
        _uses("adam"),
    ),
    Mistake("an optimizer whose state is forgotten at the end of every epoch", _StateForgotten, _has_state),
    Mistake("an ignored amsgrad", _without_amsgrad, lambda spec: ("amsgrad", True) in spec.optimizer_options),
    Mistake(
        "Adam with epsilon inside the square root",
        _with_step("adam", lambda spec: _adam(spec, lambda v, epsilon, _: np.sqrt(v + epsilon))),
        _uses("adam"),
    ),
    Mistake(
        "Adam as in PyTorch: epsilon added to the root after its bias correction instead of before",
        _with_step("adam", lambda spec: _adam(spec, lambda v, epsilon, correct: np.sqrt(v) + epsilon * correct)),
        _uses("adam"),
    ),
    Mistake(
        "RMSprop as in PyTorch: epsilon outside the square root",
        _with_step("rmsprop", _rmsprop_outside),
        _uses("rmsprop"),
    ),
    Mistake("ignored momentum", _with_step("sgd", lambda spec: _sgd(spec, momentum=0.0)), _uses("sgd", "momentum")),
    Mistake(
        "momentum that also multiplies the gradient by 1 - momentum",
        _with_step("sgd", _damped),
        _uses("sgd", "momentum"),
    ),
    Mistake(
        "classical momentum instead of Nesterov's",
        _with_step("sgd", lambda spec: _sgd(spec, nesterov=False)),
        _uses("sgd", "nesterov"),
    ),
)
