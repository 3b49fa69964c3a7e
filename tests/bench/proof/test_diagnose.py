"""Diagnosis: known mistakes, planted in the test's own network, are each named, and no others are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.contenders import registry
from bench.core.spec import FloatArray, NetworkSpec, OrdersOfRows
from bench.experiments import SCENARIOS
from bench.proof import reference
from bench.proof.cases import ProofCase, all_cases, cases_of
from bench.proof.compare import compare
from bench.proof.diagnose import MISTAKES, diagnose
from bench.proof.prove import prove
from bench.proof.transcript import Transcript, transcript

SIGMOID = cases_of([SCENARIOS["twins"]])[0]


def case(start: str) -> ProofCase:
    return next(each for each in all_cases() if each.name.startswith(start))


@dataclass
class Student:
    """An independent dense network with ReLU or tanh and a cross-entropy, with a mistake or without."""

    spec: NetworkSpec
    mistake: str = ""

    def __post_init__(self) -> None:
        self.w: list[FloatArray] = []
        self.b: list[FloatArray] = []
        self.t = 0
        self.state: dict[tuple[str, int], FloatArray] = {}

    def set_weights(self, weights: Any) -> None:
        kernels, biases = weights[0::2], weights[1::2]
        if self.mistake == "transposed":
            kernels = [k.T.reshape(k.shape) for k in kernels]
        self.w, self.b = [np.array(k) for k in kernels], [np.array(b) for b in biases]
        if self.mistake == "last bias forgotten":
            self.b[-1] = np.zeros_like(self.b[-1])

    def get_weights(self) -> list[FloatArray]:
        return [array.copy() for pair in zip(self.w, self.b, strict=True) for array in pair]

    def activation(self, layer: int, z: FloatArray) -> FloatArray:
        name = self.spec.layers[layer].activation
        if name == "relu":
            return np.where(z > 0, z, 0.0)
        if name == "tanh":
            return np.tanh(z)
        if name == "sigmoid":
            return 1.0 / (1.0 + np.exp(-z))
        axis = 0 if self.mistake == "softmax over rows" else 1
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        result: FloatArray = e / e.sum(axis=axis, keepdims=True)
        return result

    def forward(self, x: FloatArray) -> list[FloatArray]:
        a = [x]
        for layer in range(len(self.w)):
            a.append(self.activation(layer, a[-1] @ self.w[layer] + self.b[layer]))
        return a

    def predict(self, x: FloatArray) -> FloatArray:
        a = self.forward(x)
        if self.mistake == "logits":
            return a[-2] @ self.w[-1] + self.b[-1]
        return a[-1]

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        size = self.spec.batch_size or len(x)
        first = None
        for order in orders:
            rows = np.arange(len(x)) if self.mistake == "own order" else order
            first = rows if first is None else first
            rows = first if self.mistake == "first order" else rows
            stop = len(x) // size * size if self.mistake == "ragged dropped" else len(x)
            for start in range(0, stop, size):
                chosen = rows[start : start + size]
                self.step(x[chosen], y[chosen], size)
            on_epoch_end()

    def step(self, x: FloatArray, y: FloatArray, size: int) -> None:
        self.t += 1
        a = self.forward(x)
        outputs = y.shape[1] if self.spec.loss == "binary_crossentropy" else 1
        rows = 1 if self.mistake == "summed" else size if self.mistake == "full batch" else len(x)
        d = (a[-1] - y) / (rows * (1 if self.mistake == "outputs summed" else outputs))
        if self.mistake == "sigmoid twice":
            d = d * a[-1] * (1 - a[-1])
        if self.mistake == "ascent":
            d = -d
        if self.mistake == "rate":
            d = 3.0 * d
        if self.mistake == "noise":
            d = d * np.random.default_rng(self.t).uniform(0.5, 1.5, d.shape)
        for layer in reversed(range(len(self.w))):
            gw, gb = a[layer].T @ d, d.sum(axis=0)
            old = self.w[layer].copy()
            self.move(self.w, layer, gw, "w")
            if self.mistake != "biases":
                self.move(self.b, layer, gb, "b")
            if layer:
                d = d @ (self.w[layer] if self.mistake == "updated kernels" else old).T
                if self.mistake != "no derivative":
                    relu = self.spec.layers[layer - 1].activation == "relu"
                    d = d * ((a[layer] > 0) if relu else 1 - a[layer] ** 2)

    def move(self, arrays: list[FloatArray], layer: int, g: FloatArray, kind: str) -> None:
        options: dict[str, Any] = dict(self.spec.optimizer_options)
        name, key = self.spec.optimizer, kind
        if name == "sgd":
            rate = 0.01 if self.spec.learning_rate is None else self.spec.learning_rate
            mu = 0.0 if self.mistake == "no momentum" else options.get("momentum", 0.0)
            v = mu * self.state.get((key, layer), 0.0 * g) + rate * g * ((1 - mu) if self.mistake == "damped" else 1.0)
            self.state[key, layer] = v
            nesterov = options.get("nesterov", False) and self.mistake != "classical"
            arrays[layer] = arrays[layer] - (mu * v + rate * g if nesterov else v)
            if self.mistake == "single":
                arrays[layer] = arrays[layer].astype(np.float32).astype(np.float64)
            return
        rate = 0.001 if self.spec.learning_rate is None else self.spec.learning_rate
        eps = options.get("epsilon", 1e-7)
        if name == "rmsprop":
            rho = options.get("rho", 0.9)
            s = self.state[key, layer] = rho * self.state.get((key, layer), 0.0 * g) + (1 - rho) * g * g
            outside = self.mistake == "epsilon outside"
            arrays[layer] = arrays[layer] - rate * g / (np.sqrt(s) + eps if outside else np.sqrt(s + eps))
            return
        b1, b2 = options.get("beta_1", 0.9), options.get("beta_2", 0.999)
        m = self.state[key + "m", layer] = b1 * self.state.get((key + "m", layer), 0.0 * g) + (1 - b1) * g
        v = self.state[key + "v", layer] = b2 * self.state.get((key + "v", layer), 0.0 * g) + (1 - b2) * g * g
        scale = 1.0 if self.mistake == "uncorrected" else np.sqrt(1 - b2**self.t) / (1 - b1**self.t)
        root = np.sqrt(v + eps) if self.mistake == "epsilon inside" else np.sqrt(v) + eps
        arrays[layer] = arrays[layer] - rate * scale * m / root


def written(proof: ProofCase, mistake: str) -> Transcript:
    """Return the transcript of a student who makes this mistake, or none."""
    contender: Any = SimpleNamespace(build=lambda spec: Student(spec, mistake))
    with np.errstate(all="ignore"):
        return transcript(contender, proof)


SOFTMAX, SEVERAL = case("categorical"), case("binary_crossentropy, 3")
ADAM, RMSPROP, MOMENTUM, NESTEROV = (
    case("adam"),
    case("rmsprop"),
    case("sgd momentum"),
    case("sgd momentum=0.875, nest"),
)

GRADIENT = "gradient: kernel of layer 1"
DEFAULTS = "one update with default options: kernel of layer 1"
FIRST_EPOCH, SECOND_EPOCH = (f"weights after {updates} updates: kernel of layer 1" for updates in (8, 16))

# Each mistake with a case, words of its diagnosis, and the first quantity that shows the mistake in that case.
PLANTED = {
    "summed": (SIGMOID, "a gradient summed over the batch", GRADIENT),
    "outputs summed": (SEVERAL, "a loss summed over the outputs", GRADIENT),
    "full batch": (SIGMOID, "a ragged last batch whose gradient is divided by the size of a full batch", FIRST_EPOCH),
    "ragged dropped": (SIGMOID, "a ragged last batch that is left out", FIRST_EPOCH),
    "own order": (SIGMOID, "an ignored order of rows", FIRST_EPOCH),
    "first order": (SIGMOID, "the first epoch's order of rows in every epoch", SECOND_EPOCH),
    "biases": (SIGMOID, "biases that are never updated", "gradient: bias of layer 1"),
    "ascent": (SIGMOID, "ascent", GRADIENT),
    "logits": (SIGMOID, "logits returned by predict", "forward pass"),
    "softmax over rows": (SOFTMAX, "softmax over the rows of a batch", "forward pass"),
    "transposed": (SIGMOID, "kernels read as (units, inputs)", "initial weights: kernel of layer 1"),
    "no derivative": (SIGMOID, "activation derivatives missing", GRADIENT),
    "sigmoid twice": (SIGMOID, "a sigmoid's derivative applied twice", GRADIENT),
    "updated kernels": (SIGMOID, "kernels updated before the gradient is propagated", GRADIENT),
    "uncorrected": (ADAM, "Adam without bias correction", DEFAULTS),
    "epsilon inside": (ADAM, "Adam with epsilon inside the square root", DEFAULTS),
    "epsilon outside": (RMSPROP, "RMSprop with epsilon outside the square root", DEFAULTS),
    "no momentum": (MOMENTUM, "ignored momentum", FIRST_EPOCH),
    "damped": (MOMENTUM, "momentum that also multiplies the gradient by 1 - momentum", FIRST_EPOCH),
    "classical": (NESTEROV, "classical momentum instead of Nesterov's", FIRST_EPOCH),
    "single": (SIGMOID, "single precision", GRADIENT),
    "last bias forgotten": (SIGMOID, "bias of layer 5 is not returned", "initial weights: bias of layer 5"),
    "rate": (SIGMOID, "every gradient is 3 times what it should be", GRADIENT),
}


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_known_mistake_is_caught_at_its_first_quantity_and_named(mistake: str) -> None:
    proof, words, first = PLANTED[mistake]
    found = written(proof, mistake)
    assert compare(transcript(reference, proof), found, optimizer=proof.network.optimizer).first == first
    assert words in diagnose(proof, found)


def test_every_known_mistake_is_planted() -> None:
    words = [words for _, words, _ in PLANTED.values()]
    for mistake in MISTAKES:
        assert any(mistake.words.startswith(each) for each in words), mistake.words


def test_the_student_without_a_mistake_is_a_twin() -> None:
    for proof in (SIGMOID, SOFTMAX, SEVERAL, ADAM, RMSPROP, MOMENTUM, NESTEROV):
        assert compare(transcript(reference, proof), written(proof, "")).first is None


def test_an_unknown_mistake_is_not_named() -> None:
    assert diagnose(SIGMOID, written(SIGMOID, "noise")) == ""


def test_two_mistakes_at_once_are_not_named_as_one() -> None:
    class Both(Student):
        def get_weights(self) -> list[FloatArray]:
            self.mistake = "biases"
            return super().get_weights()

        def predict(self, x: FloatArray) -> FloatArray:
            return self.forward(x)[-2] @ self.w[-1] + self.b[-1]

    contender: Any = SimpleNamespace(build=Both)
    assert diagnose(SIGMOID, transcript(contender, SIGMOID)) == ""


def test_the_proof_names_a_users_mistake(tmp_path: Path, example: str) -> None:
    source = Path(example).read_text(encoding="utf-8")
    assert source.count(" / len(rows)") == 1
    path = tmp_path / "mine.py"
    path.write_text(source.replace(" / len(rows)", ""), encoding="utf-8")
    short = replace(SIGMOID, drift=None)
    (verdict,) = prove([(registry.find(str(path)), [short])], tmp_path, timeout_seconds=60.0)
    assert verdict.status == "differs"
    assert "looks like a gradient summed over the batch" in verdict.diagnosis
    assert verdict.fault.endswith(verdict.diagnosis)
