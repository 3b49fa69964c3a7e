"""numpy_nn.saving beside Keras, in one process with it: each reads the other's files and continues training."""

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
    """Return the results of one process with Keras."""
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
def test_a_keras_model_returns_from_numpy_unchanged(told: dict[str, Any], case: str) -> None:
    assert told[case]["arrays differ"] == 0
    assert told[case]["live differs"] == 0
    assert told[case].get("configs", []) == []
    assert ("configs" in told[case]) != case.endswith("functional")


@pytest.mark.parametrize("case", CASES)
def test_both_continue_training_where_keras_stopped(told: dict[str, Any], case: str) -> None:
    as_if_never_saved, from_numpy = told[case]["keras goes on"]
    assert from_numpy == as_if_never_saved
    # Keras rounds Adam's betas, and momentum, to float32 even where all else is float64.
    assert told[case]["numpy goes on"] <= 1e-6
    assert told[case]["live is apart"] <= 1e-6


@pytest.mark.parametrize("case", CASES)
def test_a_numpy_network_returns_from_keras_unchanged(told: dict[str, Any], case: str) -> None:
    first, second = told[case]["numpy again"]
    assert first == second
    assert told[case]["numpy weights differ"] == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keras_continues_training_a_network_made_by_numpy(told: dict[str, Any], dtype: str) -> None:
    found = told[f"{dtype}, of numpy"]
    assert found["class"] == "Sequential"
    assert found["prediction"] <= TOLERANCE[dtype]
    assert found["going on"] <= 1e-6
    assert found["iterations"] == 0


def test_an_untrained_model_or_one_compiled_with_lists_loads(told: dict[str, Any]) -> None:
    assert told["not trained"] == {"iterations": 0, "plain is compiled": False, "lists": "MeanSquaredError"}


@pytest.mark.parametrize("way", ["", ", live"])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("lambda", "is a lambda: code in a file is never run"),
        ("custom", "must be a class of Keras, got 'mine>Twice', a custom registered object"),
        ("nested", "all layers must be plain layers, got a Sequential"),
        ("branched", "a functional model must be a chain"),
        ("skipping", "a functional model must be a chain"),
        ("shared", "a functional model must be a chain"),
        ("two outputs", "a functional model must be a chain"),
        ("embedding", "there is no class in keras.layers named 'Embedding'"),
        ("mixed types", "must have one number type, float32 or float64, got float32, float64"),
        ("half", "must have one number type, float32 or float64, got mixed_float16"),
    ],
)
def test_a_model_that_is_not_a_chain_of_known_layers_is_refused(
    told: dict[str, Any], model: str, way: str, message: str
) -> None:
    said = told["refusals"][model + way]
    assert said.startswith("ValueError")
    assert message in said


def test_an_object_that_is_not_a_keras_model_is_refused(told: dict[str, Any]) -> None:
    assert told["refusals"]["own class, live"].startswith("TypeError: from_keras expects a keras.Sequential or")
    assert told["refusals"]["no model, live"].endswith("got [1, 2]")
    assert told["refusals"]["not built, live"].startswith("ValueError: the Keras model is not built")


def test_layers_are_named_in_files_as_keras_names_them(told: dict[str, Any]) -> None:
    assert len(told["names"]) > 100
    assert {name: snake_case(name) for name in told["names"]} == told["names"]
