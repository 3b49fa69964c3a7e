"""The guests: contenders that are opt-in via --contender, proven like all others, and skipped if not installed."""

import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from bench.contenders.registry import CONTENDERS, ContenderInfo, code_hash, find
from bench.core.errors import UsageError
from bench.datasets import load
from bench.experiments import EXPERIMENTS
from bench.proof.cases import ProofCase, all_cases
from bench.proof.prove import Verdict, prove
from bench.runs.plan import expected, plan_trials
from bench.runs.settings import make_settings
from bench.trials.launch import launch
from bench.verdicts import check as gate

ROOT = Path(__file__).parents[3]

GUESTS = {info.name: info for info in CONTENDERS.values() if info.is_guest}
LIBRARIES = {"keras_jax": "jax", "keras_torch": "torch", "torch": "torch", "jax": "jax", "sklearn": "sklearn"}
CASES = {case.name: case for case in all_cases()}
ADAM = "adam beta_1=0.875, beta_2=0.999023, epsilon=1.19209e-07"
RMSPROP = "rmsprop rho=0.875, epsilon=1.19209e-07"

# scikit-learn supports only one activation for all hidden layers.
OF_SKLEARN = ("sgd momentum=0.875", "sgd momentum=0.875, nesterov=1", ADAM)
for each in OF_SKLEARN:
    in_relu = replace(CASES[each].network, layers=CASES["hidden relu"].network.layers)
    CASES[f"relu, {each}"] = replace(CASES[each], name=f"relu, {each}", network=in_relu)


def need(library: str) -> None:
    """Skip if a library is not installed, without importing it into this process."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")


def contenders_of(*chosen: str, quick: bool = False) -> list[str]:
    settings = make_settings(["twins"], seeds=[2], contenders=chosen, quick=quick)
    return sorted(trial.contender.name for trial in plan_trials(settings) if trial.suite == "twins")


def verdicts_of(name: str, cases: list[ProofCase], scratch: Path) -> dict[str, Verdict]:
    return {verdict.case: verdict for verdict in prove([(find(name), cases)], scratch, timeout_seconds=300)}


# What an experiment includes


def test_the_guests_are_listed() -> None:
    assert set(GUESTS) == set(LIBRARIES)


def test_a_guest_is_left_out_by_default() -> None:
    settings = make_settings([])
    assert not {trial.contender.name for trial in plan_trials(settings)} & set(GUESTS)
    assert not {name for contenders in expected(settings).values() for name in contenders} & set(GUESTS)
    assert gate.judged([]) == ["numpy", "keras", "keras_tuned"]


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_named_guest_joins_the_suites_own(name: str) -> None:
    assert contenders_of(name) == sorted([*EXPERIMENTS["twins"].contenders, name])
    assert contenders_of("numpy", name) == sorted(["numpy", name])
    assert gate.judged([name]) == ["numpy", "keras", "keras_tuned", name]
    settings = make_settings(["twins"], seeds=3, contenders=["numpy", name])
    assert expected(settings) == {("twins", "twins"): {"numpy": 3, name: 3}}


def test_a_guest_is_refused_where_each_side_has_its_own_scenario() -> None:
    settings = make_settings(["published"], contenders=["jax"])
    with pytest.raises(UsageError, match="jax takes no part in published"):
        plan_trials(settings)


def test_the_gate_still_refuses_contenders_that_cannot_be_twins() -> None:
    with pytest.raises(UsageError, match="keras_plain"):
        gate.judged(["jax", "keras_plain"])


# What a guest needs


@pytest.mark.parametrize("name", [name for name, info in GUESTS.items() if info.extra])
def test_the_extra_of_a_guest_brings_its_library(name: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    extra = GUESTS[name].extra
    assert [wanted.partition(">=")[0] for wanted in extras[extra]] == [LIBRARIES[name]]
    assert extras["goliaths"] == ["david-vs-goliath[jax,torch]"]


def test_a_contender_that_is_not_installed_is_skipped_and_its_extra_named(tmp_path: Path) -> None:
    absent = ContenderInfo("absent", "", module="a_missing_module", extra="jax")
    (verdict,) = prove([(absent, all_cases()[:1])], tmp_path, timeout_seconds=60)
    assert verdict.status == "skipped"
    assert verdict.detail == (
        "ModuleNotFoundError: No module named 'a_missing_module'; pip install 'david-vs-goliath[jax]' brings it"
    )


def test_a_contenders_own_variables_reach_its_process(tmp_path: Path) -> None:
    file = tmp_path / "telling.py"
    file.write_text("import os\ndef build(spec):\n    raise NotImplementedError(os.environ['KERAS_BACKEND'])\n")
    info = find(str(file))
    (usual,) = prove([(info, all_cases()[:1])], tmp_path / "usual", timeout_seconds=60)
    own = replace(info, environment=(("KERAS_BACKEND", "jax"),))
    (changed,) = prove([(own, all_cases()[:1])], tmp_path / "own", timeout_seconds=60)
    assert usual.detail == "NotImplementedError: tensorflow"
    assert changed.detail == "NotImplementedError: jax"


def test_a_contenders_own_variables_are_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def key() -> str:
        settings = make_settings(["twins"], seeds=[2], contenders=["numpy", "sklearn"])
        return next(each.key for each in plan_trials(settings) if each.contender.name == "sklearn")

    before = key()
    assert key() == before
    monkeypatch.setitem(CONTENDERS, "sklearn", replace(GUESTS["sklearn"], environment=(("KERAS_BACKEND", "jax"),)))
    assert key() != before


def test_the_code_that_is_hashed_includes_packages_within_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "outer_package" / "inner"
    inner.mkdir(parents=True)
    for folder in (inner.parent, inner):
        (folder / "__init__.py").write_text("")
    (inner / "mathematics.py").write_text("a = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    info = ContenderInfo("packaged", "", module="outer_package")
    before = code_hash(info)
    assert code_hash(info) == before
    (inner / "mathematics.py").write_text("a = 2\n")
    assert code_hash(info) != before


# What a guest computes

OFFERED = {
    "keras_jax": ["hidden tanh", "binary_crossentropy, 3 × sigmoid", ADAM],
    "keras_torch": ["hidden tanh", "sparse_categorical_crossentropy, 4 × softmax", f"{RMSPROP}, momentum=0.875"],
    "torch": [
        "hidden softmax",
        "sparse_categorical_crossentropy, 4 × softmax",
        "categorical_crossentropy, 3 × softmax",
        "mean_squared_error, 3 × softmax",
        "sgd momentum=0.875, nesterov=1",
    ],
    "jax": [
        "hidden softmax",
        "sparse_categorical_crossentropy, 4 × softmax",
        "mean_squared_error, 2 × tanh",
        "sgd momentum=0.875, nesterov=1",
        f"{RMSPROP}, centered=1",
        f"{ADAM}, amsgrad=1",
    ],
    "sklearn": [
        "hidden sigmoid",
        "categorical_crossentropy, 3 × softmax",
        "binary_crossentropy, 1 × sigmoid",
        *(f"relu, {optimizer}" for optimizer in OF_SKLEARN),
    ],
}


@pytest.mark.parametrize("name", OFFERED)
def test_a_guest_is_equal_to_the_reference_in_every_case_it_supports(name: str, tmp_path: Path) -> None:
    need(LIBRARIES[name])
    found = verdicts_of(name, [CASES[case] for case in OFFERED[name]], tmp_path)
    assert {case: verdict.status for case, verdict in found.items()} == dict.fromkeys(OFFERED[name], "equal"), found


@pytest.mark.parametrize(
    ("name", "case", "reason"),
    [
        ("torch", ADAM, "adds epsilon at a different place"),
        ("torch", RMSPROP, "adds epsilon at a different place"),
        ("sklearn", "binary_crossentropy, 3 × sigmoid", "its gradient is 3 times Keras's"),
        ("sklearn", "hidden softmax", "one activation for all hidden layers"),
        ("sklearn", "mean_squared_error, 1 × linear", "got mean_squared_error of 1 × linear"),
        ("sklearn", ADAM, "got relu and tanh"),
    ],
)
def test_an_unsupported_case_is_refused_with_the_reason(name: str, case: str, reason: str, tmp_path: Path) -> None:
    need(LIBRARIES[name])
    (verdict,) = verdicts_of(name, [CASES[case]], tmp_path).values()
    assert verdict.status == "not offered"
    assert reason in verdict.detail


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_guest_trains_in_float32_within_its_threads(name: str, tmp_path: Path) -> None:
    need(LIBRARIES[name])
    settings = make_settings(["twins"], seeds=[2], contenders=["numpy", name])
    planned = {each.contender.name: each for each in plan_trials(settings) if each.suite == "twins"}
    trials = [replace(planned[each], scenario=replace(planned[each].scenario, epochs=2)) for each in ("numpy", name)]
    data = load("moons", None)
    david, guest = (launch(trial, data, tmp_path, timeout_seconds=120) for trial in trials)
    assert guest.row.status == "ok", guest.row.status_detail
    assert guest.row.threads == 1
    assert guest.row.order_hash == david.row.order_hash
    weights = np.fromfile(tmp_path / "snapshots")
    np.testing.assert_array_equal(weights, weights.astype(np.float32))
    assert david.curve is not None
    assert guest.curve is not None
    assert guest.curve["train_loss"] == pytest.approx(david.curve["train_loss"], abs=1e-5)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_keras_nn_trains_without_tensorflow(backend: str) -> None:
    need(backend)
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "import numpy as np, keras_nn\n"
        "assert keras_nn.bind_threads(1) == 1\n"
        "model = keras_nn.build_model(2, [(1, 'sigmoid')], dtype='float32')\n"
        "keras_nn.compile_model(model, loss='binary_crossentropy', optimizer='sgd', learning_rate=None, options={})\n"
        "x, y = np.ones((10, 2), 'float32'), np.ones((10, 1), 'float32')\n"
        "keras_nn.warm_up(model, x, y, batch_size=4)\n"
        "assert int(model.optimizer.iterations) == 0\n"
        "keras_nn.fit(model, x, y, batch_size=4, orders=[np.arange(10)] * 5)\n"
        "assert int(model.optimizer.iterations) == 15\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
