"""Diagnosis: known mistakes, planted in the test's own network, are each named, and no others are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.contenders import registry
from bench.core.spec import OPTIMIZERS, FloatArray, NetworkSpec, OrdersOfRows
from bench.experiments import SCENARIOS
from bench.proof import reference
from bench.proof.cases import ProofCase, all_cases, cases_of
from bench.proof.compare import compare
from bench.proof.diagnose import MISTAKES, _explains, diagnose
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
        if self.mistake == "kept in single":
            self.w, self.b = ([array.astype(np.float32) for array in arrays] for arrays in (self.w, self.b))

    def get_weights(self) -> list[FloatArray]:
        if self.mistake == "live":
            return [array for pair in zip(self.w, self.b, strict=True) for array in pair]
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
        return a[-1].astype(np.float32) if self.mistake == "predicts in single" else a[-1]

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        size = self.spec.batch_size or len(x)
        first = None
        if self.mistake in ("labels before", "labels after"):
            y = np.concatenate([y[-1:], y[:-1]] if self.mistake == "labels before" else [y[1:], y[:1]])
        for order in orders:
            self.t = 0 if self.mistake in ("counter restarts", "forgets") else self.t
            self.state = {} if self.mistake == "forgets" else self.state
            rows = np.arange(len(x)) if self.mistake == "own order" else order
            first = rows if first is None else first
            rows = first if self.mistake == "first order" else rows
            stop = len(x) // size * size if self.mistake == "ragged dropped" else len(x)
            for start in range(0, stop, size):
                chosen = rows[start : start + size]
                self.step(x[chosen], y[chosen], size)
            on_epoch_end()

    def step(self, x: FloatArray, y: FloatArray, size: int) -> None:
        self.t = 1 if self.mistake == "counter stands" else self.t + 1
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
            if self.mistake != "penalties":
                l1, l2 = self.spec.layers[layer].l1, self.spec.layers[layer].l2
                gw = gw + l1 * np.sign(self.w[layer]) + (1 if self.mistake == "half of l2" else 2) * l2 * self.w[layer]
            old = self.w[layer].copy()
            if self.mistake == "nan" and layer == 3:
                gb = np.log(gb - gb) - np.log(gb - gb)
            self.move(self.w, layer, gw, "w")
            if self.mistake != "biases":
                self.move(self.b, layer, gb, "b")
            if layer:
                d = d @ (self.w[layer] if self.mistake == "updated kernels" else old).T
                if self.mistake != "no derivative":
                    relu = self.spec.layers[layer - 1].activation == "relu"
                    z = a[layer - 1] @ self.w[layer - 1] + self.b[layer - 1]
                    on = z >= 0 if self.mistake == "relu at zero" else z > 0
                    d = d * (on if relu else 1 - a[layer] ** 2)

    def move(self, arrays: list[FloatArray], layer: int, g: FloatArray, kind: str) -> None:
        before = arrays[layer]
        self.moved(arrays, layer, g, kind)
        if self.mistake == "live":
            before[...] = arrays[layer]
            arrays[layer] = before
        if self.mistake in ("single", "kept in single"):
            arrays[layer] = arrays[layer].astype(np.float32).astype(before.dtype)

    def moved(self, arrays: list[FloatArray], layer: int, g: FloatArray, kind: str) -> None:
        options: dict[str, Any] = dict(self.spec.optimizer_options)
        name, key, rate = self.spec.optimizer, kind, self.spec.learning_rate
        if name == "sgd" or self.mistake == "plain descent":
            mu = 0.0 if self.mistake == "no momentum" else options.get("momentum", 0.0)
            v = mu * self.state.get((key, layer), 0.0 * g) + rate * g * ((1 - mu) if self.mistake == "damped" else 1.0)
            self.state[key, layer] = v
            nesterov = options.get("nesterov", False) and self.mistake != "classical"
            arrays[layer] = arrays[layer] - (mu * v + rate * g if nesterov else v)
            return
        eps = options.get("epsilon", 1e-7)
        if name == "rmsprop":
            rho, mu = options.get("rho", 0.9), options.get("momentum", 0.0)
            s = self.state[key, layer] = rho * self.state.get((key, layer), 0.0 * g) + (1 - rho) * g * g
            m = self.state[key + "m", layer] = rho * self.state.get((key + "m", layer), 0.0 * g) + (1 - rho) * g
            s = s - m * m if options.get("centered") else s
            root = np.sqrt(s) + eps if self.mistake == "epsilon outside" else np.sqrt(s + eps)
            v = self.state[key + "v", layer] = mu * self.state.get((key + "v", layer), 0.0 * g) + rate * g / root
            arrays[layer] = arrays[layer] - v
            return
        b1, b2 = options.get("beta_1", 0.9), options.get("beta_2", 0.999)
        m = self.state[key + "m", layer] = b1 * self.state.get((key + "m", layer), 0.0 * g) + (1 - b1) * g
        v = self.state[key + "v", layer] = b2 * self.state.get((key + "v", layer), 0.0 * g) + (1 - b2) * g * g
        if options.get("amsgrad") and self.mistake != "no amsgrad":
            v = self.state[key + "l", layer] = np.maximum(self.state.get((key + "l", layer), 0.0 * g), v)
        if self.mistake == "pytorch's adam":  # as torch.optim.Adam's documentation has it
            m_hat, v_hat = m / (1 - b1**self.t), v / (1 - b2**self.t)
            arrays[layer] = arrays[layer] - rate * m_hat / (np.sqrt(v_hat) + eps)
            return
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
AMSGRAD, CENTERED, RMSPROP_WITH_MOMENTUM = (
    next(each for each in all_cases() if each.network.optimizer == optimizer and option in each.name)
    for optimizer, option in (("adam", "amsgrad"), ("rmsprop", "centered"), ("rmsprop", "momentum"))
)

GRADIENT = "gradient: kernel of layer 1"
DEFAULTS = "one update with default options: kernel of layer 1"
FIRST_EPOCH, SECOND_EPOCH = (f"weights after {updates} updates: kernel of layer 1" for updates in (8, 16))

START = "initial weights: kernel of layer 1"

# Each mistake with a case, words of its diagnosis, and the first quantity that shows the mistake in that case.
PLANTED = {
    "summed": (SIGMOID, "a gradient summed over the batch", GRADIENT),
    "outputs summed": (SEVERAL, "a loss summed over the outputs", GRADIENT),
    "full batch": (SIGMOID, "a ragged last batch whose gradient is divided by the size of a full batch", FIRST_EPOCH),
    "ragged dropped": (SIGMOID, "a ragged last batch that is left out", FIRST_EPOCH),
    "own order": (SIGMOID, "an ignored order of rows", FIRST_EPOCH),
    "first order": (SIGMOID, "the first epoch's order of rows in every epoch", SECOND_EPOCH),
    "labels before": (SIGMOID, "labels shifted by one row: each row has the label of the row before", GRADIENT),
    "labels after": (SIGMOID, "labels shifted by one row: each row has the label of the row after", GRADIENT),
    "biases": (SIGMOID, "biases that are never updated", "gradient: bias of layer 1"),
    "ascent": (SIGMOID, "ascent", GRADIENT),
    "logits": (SIGMOID, "logits returned by predict", "forward pass"),
    "softmax over rows": (SOFTMAX, "softmax over the rows of a batch", "forward pass"),
    "transposed": (SIGMOID, "kernels read as (units, inputs)", START),
    "no derivative": (SIGMOID, "activation derivatives missing", GRADIENT),
    "relu at zero": (SIGMOID, "a derivative of ReLU that is 1 at zero instead of 0", GRADIENT),
    "sigmoid twice": (SIGMOID, "a sigmoid's derivative applied twice", GRADIENT),
    "updated kernels": (SIGMOID, "kernels updated before the gradient is propagated", GRADIENT),
    "plain descent": (ADAM, "plain gradient descent instead of the optimizer", DEFAULTS),
    "penalties": (case("l1 and l2"), "ignored penalties, l1 and l2", GRADIENT),
    "half of l2": (case("l1 and l2"), "an L2 penalty without its factor of 2", GRADIENT),
    "counter stands": (ADAM, "Adam whose step counter never advances", FIRST_EPOCH),
    "counter restarts": (ADAM, "Adam whose step counter starts again at 1 in every epoch", SECOND_EPOCH),
    "forgets": (ADAM, "an optimizer whose state is forgotten at the end of every epoch", SECOND_EPOCH),
    "no amsgrad": (AMSGRAD, "an ignored amsgrad", FIRST_EPOCH),
    "predicts in single": (SIGMOID, "single precision in predict", "forward pass"),
    "nan": (SIGMOID, "25 of its 25 values are NaN, and all before it is right", "gradient: bias of layer 4"),
    "uncorrected": (ADAM, "Adam without bias correction", DEFAULTS),
    "epsilon inside": (ADAM, "Adam with epsilon inside the square root", DEFAULTS),
    "pytorch's adam": (ADAM, "Adam as in PyTorch: epsilon added to the root after its bias correction", DEFAULTS),
    "epsilon outside": (RMSPROP, "RMSprop as in PyTorch: epsilon outside the square root", DEFAULTS),
    "no momentum": (MOMENTUM, "ignored momentum", FIRST_EPOCH),
    "damped": (MOMENTUM, "momentum that also multiplies the gradient by 1 - momentum", FIRST_EPOCH),
    "classical": (NESTEROV, "classical momentum instead of Nesterov's", FIRST_EPOCH),
    "single": (SIGMOID, "single precision", GRADIENT),
    "kept in single": (SIGMOID, "single precision", START),
    "live": (SIGMOID, "arrays that training changes after get_weights has returned them", START),
    "last bias forgotten": (SIGMOID, "bias of layer 5 is not returned", "initial weights: bias of layer 5"),
    "rate": (SIGMOID, "every gradient is 3 times what it should be", GRADIENT),
}


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_known_mistake_is_caught_at_its_first_quantity_and_named(mistake: str) -> None:
    proof, words, first = PLANTED[mistake]
    found = written(proof, mistake)
    assert compare(transcript(reference, proof), found, optimizer=proof.network.optimizer).first == first
    assert words in diagnose(proof, found)


@pytest.mark.parametrize(
    ("mistake", "proof"),
    [
        ("uncorrected", AMSGRAD),
        ("pytorch's adam", AMSGRAD),
        ("epsilon inside", AMSGRAD),
        ("epsilon outside", CENTERED),
        ("epsilon outside", RMSPROP_WITH_MOMENTUM),
        *(("forgets", each) for each in (MOMENTUM, NESTEROV, RMSPROP, AMSGRAD)),
        *(("plain descent", case(name)) for name in OPTIMIZERS if name != "sgd"),
        *(("relu at zero", each) for each in (case("hidden relu"), ADAM, RMSPROP, MOMENTUM)),
    ],
)
def test_a_mistake_has_one_name_in_all_the_cases_that_it_shows_in(mistake: str, proof: ProofCase) -> None:
    found = written(proof, mistake)
    assert compare(transcript(reference, proof), found, optimizer=proof.network.optimizer).first is not None
    assert PLANTED[mistake][1] in diagnose(proof, found)


@pytest.mark.parametrize("mistake", PLANTED)
def test_of_the_known_mistakes_one_alone_explains_what_is_planted(mistake: str) -> None:
    proof, words, _ = PLANTED[mistake]
    found = written(proof, mistake)
    explaining = [each.words for each in MISTAKES if each.applies(proof.network) and _explains(each, proof, found)]
    assert len(explaining) == any(each.words.startswith(words) for each in MISTAKES), explaining


def test_weights_that_are_not_finite_are_not_called_single_precision() -> None:
    found = {name: array * (np.nan if "after" in name else 1.0) for name, array in written(SIGMOID, "").items()}
    assert diagnose(SIGMOID, found).startswith("50 of its 50 values are NaN, and all before it is right: look there")


def test_every_known_mistake_is_planted() -> None:
    words = [words for _, words, _ in PLANTED.values()]
    for mistake in MISTAKES:
        assert any(mistake.words.startswith(each) for each in words), mistake.words


def test_the_student_without_a_mistake_is_a_twin() -> None:
    for proof in (*(SIGMOID, SOFTMAX, SEVERAL, MOMENTUM, NESTEROV), *(ADAM, AMSGRAD, RMSPROP, CENTERED)):
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
