"""numpy_nn.saving beside Keras, in one process with it: each reads the other's files and continues training."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from numpy_nn.names import snake_case

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the results of one process with Keras."""
    script = Path(__file__).parents[1] / "support" / "saving_beside_keras.py"
    command = [sys.executable, str(script), str(tmp_path_factory.mktemp("files"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def cases(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what was found of each model of Keras, by its number type and kind."""
    found: dict[str, dict[str, Any]] = told["cases"]
    assert found
    return found


def test_a_model_of_keras_predicts_the_same_from_its_file_and_from_memory(cases: dict[str, dict[str, Any]]) -> None:
    for case, found in cases.items():
        dtype = case.partition(",")[0]
        assert found["prediction"] <= TOLERANCE[dtype], case
        assert found["live prediction"] <= TOLERANCE[dtype], case
        assert found["dtypes"] == [dtype], case
        updates = 3 if "accumulation" in case else 6  # two batches make one, where gradients are accumulated
        assert found["iterations"] == [updates, updates], case


def test_a_keras_model_returns_from_numpy_unchanged(cases: dict[str, dict[str, Any]]) -> None:
    for case, found in cases.items():
        assert found["arrays differ"] == 0, case
        assert found["live differs"] == 0, case
        assert found.get("configs", []) == [], case
        assert "configs" in found, case


def test_both_continue_training_where_keras_stopped(cases: dict[str, dict[str, Any]]) -> None:
    for case, found in cases.items():
        as_if_never_saved, from_numpy = found["keras goes on"]
        assert from_numpy == as_if_never_saved, case
        # Keras rounds Adam's betas, and momentum, to float32 even where all else is float64.
        assert found["numpy goes on"] <= 1e-6, case
        assert found["live is apart"] <= 1e-6, case


def test_a_numpy_network_returns_from_keras_unchanged(cases: dict[str, dict[str, Any]]) -> None:
    for case, found in cases.items():
        first, second = found["numpy again"]
        assert first == second, case
        assert found["numpy weights differ"] == 0, case


def test_the_older_format_holds_the_same_in_both_directions(cases: dict[str, dict[str, Any]]) -> None:
    written = {case: found for case, found in cases.items() if "older differs" in found}
    assert len(written) == 8
    for case, found in written.items():
        assert found["older differs"] <= 1e-7, case  # of a learning rate, which Keras rounds to float32
        assert found["older returns"] == [0, 0, 0], case


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keras_continues_training_a_network_made_by_numpy(told: dict[str, Any], dtype: str) -> None:
    found = told[f"{dtype}, of numpy"]
    assert found["class"] == "Sequential"
    assert found["prediction"] <= TOLERANCE[dtype]
    assert found["going on"] <= 1e-6
    assert found["iterations"] == 0
    assert found["older"] == ["BinaryCrossentropy", True]


def test_an_untrained_model_or_one_compiled_with_lists_loads(told: dict[str, Any]) -> None:
    assert told["not trained"] == {"iterations": 0, "plain is compiled": False, "lists": "MeanSquaredError"}


@pytest.mark.parametrize("way", ["", ", live"])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("lambda", "is a lambda: code in a file is never run"),
        ("custom", "'mine>Twice' of the module None, which is not of Keras"),
        ("nested", "'mine>Twice' of the module None, which is not of Keras"),
        ("branched", "the layer 'add' (Add) takes the output of 'dense"),
        ("skipping", "(Concatenate) takes the output of"),
        ("shared", "is called 2 times"),
        ("two outputs", "with one output"),
        ("embedding", "'embedding': numpy_nn has no layers.Embedding (sequences)"),
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
