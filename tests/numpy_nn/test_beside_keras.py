"""Layers, training and callbacks beside Keras: one script, run with each, must find the same numbers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import script_of_layers

import numpy_nn

# In the child: float64 throughout, nothing said but the answers.
_CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
import keras
from test_numpy_nn_beside_keras import plain
import script_of_layers
keras.config.set_floatx("float64")
print("\\n" + json.dumps(plain(script_of_layers.answers(keras))))
"""


def plain(value: Any) -> Any:
    """Return numbers, texts, and lists and dicts of them, as JSON brings them."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, str | bool | int | float) else np.asarray(value).tolist()


@pytest.fixture(scope="module")
def keras() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _CHILD, str(Path(__file__).parents[1] / "support")],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answers: dict[str, Any] = json.loads(done.stdout.rsplit("\n", 2)[-2])
    return answers


@pytest.fixture(scope="module")
def ours() -> Iterator[dict[str, Any]]:
    numpy_nn.config.set_floatx("float64")
    try:
        yield plain(script_of_layers.answers(numpy_nn))
    finally:
        numpy_nn.config.set_floatx("float32")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every array of numbers, and every text, with where it stands."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, f"{path}/{name}")
    elif isinstance(value, list) and (any(isinstance(each, str | dict | list) for each in value)):
        for index, each in enumerate(value):
            yield from leaves(each, f"{path}/{index}")
    else:
        yield path, value


def assert_same(ours: Any, keras: Any, bound: float = 1e-12) -> None:
    a, b = dict(leaves(ours)), dict(leaves(keras))
    assert a.keys() == b.keys(), sorted(a.keys() ^ b.keys())
    for path, expected in b.items():
        got = a[path]
        if isinstance(expected, str | bool) or expected is None:
            assert got == expected, path
            continue
        x, y = np.asarray(got, float), np.asarray(expected, float)
        assert x.shape == y.shape, path
        if y.size:
            difference = np.abs(x - y).max() / max(np.abs(y).max(), np.finfo(float).tiny)
            assert difference <= bound, f"{path}: {difference:.1e}\nours:  {x}\nKeras: {y}"


def test_networks_of_every_layer_predict_and_train_as_in_keras(ours: Any, keras: Any) -> None:
    assert len(keras["networks"]) >= 20
    assert_same(ours["networks"], keras["networks"])


def test_fit_and_evaluate_mean_by_their_arguments_what_keras_does(ours: Any, keras: Any) -> None:
    assert_same(ours["fit"], keras["fit"])


def test_callbacks_do_to_training_what_keras_does(ours: Any, keras: Any) -> None:
    assert_same(ours["callbacks"], keras["callbacks"])


def test_layers_are_described_as_keras_describes_them(ours: Any, keras: Any) -> None:
    ours, keras = ours["configurations"], keras["configurations"]
    assert set(ours) - set(keras) == {"flatten 0"}  # Keras's Input gives a tensor, which has no configuration
    for name, expected in keras.items():
        # what an initializer says of itself is for the tests of initializers
        for each in (expected, ours[name]):
            for key in each:
                if key.endswith("_initializer"):
                    each[key] = {"class_name": each[key]["class_name"], "module": each[key]["module"]}
        assert ours[name] == expected, name


def test_a_difference_is_seen(ours: Any, keras: Any) -> None:
    changed = json.loads(json.dumps(ours["networks"]))
    changed["dense"]["weights"][0][0][0] *= 1 + 1e-10
    with pytest.raises(AssertionError, match="/dense/weights/0"):
        assert_same(changed, keras["networks"])
