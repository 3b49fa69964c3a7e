"""numpy_nn.saving and Keras in one process: each reads the files of the other and continues training."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from numpy_nn.names import snake_case

KINDS = [
    "SGD",
    "SGD with momentum",
    "RMSprop",
    "RMSprop with all",
    "Adam",
    "Adam with amsgrad",
    "AdamW",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "Nadam",
    "Lion",
    "Ftrl",
    "Lamb",
    "Adafactor",
    "Muon",
    "averages and accumulation",
    "schedule and clipping",
    "every layer",
    "adapted",
    "functional",
    "without input",
]

# In float64 every way to make a model, and optimizers with the most state.
IN_FLOAT64 = [*KINDS[KINDS.index("averages and accumulation") :], "RMSprop with all", "Adam with amsgrad"]
CASES = [*(f"float32, {kind}" for kind in KINDS), *(f"float64, {kind}" for kind in IN_FLOAT64)]
TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the results of the one process with Keras."""
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).parents[1] / "support" / "saving_beside_keras.py"),
            str(tmp_path_factory.mktemp("files")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_model_of_keras_predicts_the_same_from_its_file_and_from_memory(told: dict[str, Any], case: str) -> None:
    dtype = case.partition(",")[0]
    assert told[case]["prediction"] <= TOLERANCE[dtype]
    assert told[case]["live prediction"] <= TOLERANCE[dtype]
    assert told[case]["dtypes"] == [dtype]
    updates = 3 if "accumulation" in case else 6  # two batches make one, where gradients are accumulated
    assert told[case]["iterations"] == [updates, updates]


@pytest.mark.parametrize("case", CASES)
def test_a_model_of_keras_comes_back_from_numpy_unharmed(told: dict[str, Any], case: str) -> None:
    assert told[case]["arrays differ"] == 0
    assert told[case]["live differs"] == 0
    assert told[case].get("configs", []) == []
    assert ("configs" in told[case]) != case.endswith("functional")


@pytest.mark.parametrize("case", CASES)
def test_both_go_on_training_where_keras_stopped(told: dict[str, Any], case: str) -> None:
    as_if_never_saved, from_numpy = told[case]["keras goes on"]
    assert from_numpy == as_if_never_saved
    # Keras rounds Adam's betas, and momentum, to float32 even where all else is float64.
    assert told[case]["numpy goes on"] <= 1e-6
    assert told[case]["live is apart"] <= 1e-6


@pytest.mark.parametrize("case", CASES)
def test_a_network_of_numpy_comes_back_from_keras_unharmed(told: dict[str, Any], case: str) -> None:
    first, second = told[case]["numpy again"]
    assert first == second
    assert told[case]["numpy weights differ"] == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keras_goes_on_with_a_network_that_it_never_saw(told: dict[str, Any], dtype: str) -> None:
    found = told[f"{dtype}, of numpy"]
    assert found["class"] == "Sequential"
    assert found["prediction"] <= TOLERANCE[dtype]
    assert found["going on"] <= 1e-6
    assert found["iterations"] == 0


def test_a_model_that_never_learned_or_was_compiled_with_lists_loads(told: dict[str, Any]) -> None:
    assert told["not trained"] == {"iterations": 0, "plain is compiled": False, "lists": "MeanSquaredError"}


@pytest.mark.parametrize("way", ["", ", live"])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("lambda", "is a lambda, and code in a file is not run"),
        ("custom", "'mine>Twice', registered by somebody, not one of Keras's own"),
        ("nested", "it has a Sequential among its layers, where only plain layers can stand"),
        ("branched", "it is a functional model whose layers are no chain"),
        ("skipping", "it is a functional model whose layers are no chain"),
        ("shared", "it is a functional model whose layers are no chain"),
        ("two outputs", "it is a functional model whose layers are no chain"),
        ("embedding", "there is no class in keras.layers named 'Embedding'"),
        ("mixed types", "must be of one number type, float32 or float64, got float32, float64"),
        ("half", "must be of one number type, float32 or float64, got mixed_float16"),
    ],
)
def test_a_model_that_is_no_chain_of_known_layers_is_refused(
    told: dict[str, Any], model: str, way: str, message: str
) -> None:
    said = told["refusals"][model + way]
    assert said.startswith("ValueError")
    assert message in said


def test_what_is_no_model_of_keras_own_is_refused(told: dict[str, Any]) -> None:
    assert told["refusals"]["own class, live"].startswith("TypeError: from_keras takes a keras.Sequential or")
    assert told["refusals"]["no model, live"].endswith("got [1, 2]")
    assert told["refusals"]["not built, live"].startswith("ValueError: the Keras model is not built")


def test_layers_are_named_in_files_as_keras_names_them(told: dict[str, Any]) -> None:
    assert len(told["names"]) > 100
    assert {name: snake_case(name) for name in told["names"]} == told["names"]
