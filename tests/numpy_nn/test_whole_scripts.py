"""Whole scripts, written for Keras as its users write them, print the same lines with their import changed.

Each script in ``whole_scripts`` runs in a temporary folder, once with Keras and once with ``import numpy_nn as keras``.
Initial weights and the order of rows come from random numbers, which differ between the packages; ``EQUAL`` gives both
the same: weights depend on their shape and on how many of that shape were drawn before, and rows keep their order.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.whole  # Keras takes minutes

SCRIPTS = sorted((Path(__file__).parent / "whole_scripts").glob("*.py"))

# Where not 1e-9: even in float64 Keras rounds the rate of a schedule and the constant of log-cosh to float32. numpy_nn
# rounds the factors of a penalty as Keras does, and `cast_exactly` below does not. A loss called with ``model(x)`` is
# computed from its logits in Keras, from its probabilities here.
TOLERANCE = {"schedules": 1e-6, "standalone": 1e-7, "regularized": 1e-7, "saving": 1e-7, "training_loop": 1e-7}

EQUAL = """
import collections, contextlib, importlib, io, json, os, re, sys, tempfile, traceback
from pathlib import Path
import numpy as np

keras = importlib.import_module(sys.argv[1])
drawn = collections.Counter()


def draw(self, shape, *args, **kwargs):
    shape = tuple(shape)
    drawn[shape] += 1
    return np.random.default_rng([drawn[shape], *shape]).uniform(-1, 1, shape) * np.sqrt(3 / (sum(shape) / 2))


for name in dir(keras.initializers):
    each = getattr(keras.initializers, name)
    if isinstance(each, type) and re.search("Random|Normal|Uniform|VarianceScaling|Orthogonal", name):
        each.__call__ = draw


def in_order(fit):
    def fit_in_order(*args, **kwargs):
        history = fit(*args, **{"shuffle": False, **kwargs})
        losses.append(history.history["loss"])
        return history

    return fit_in_order


for each in (keras.Model, keras.Sequential):
    if hasattr(each, "fit") and each.fit.__name__ != "fit_in_order":
        each.fit = in_order(each.fit)


def cast_exactly(cast):
    return lambda x, dtype: cast(np.float64(x) if isinstance(x, float) else x, dtype)


if sys.argv[1] == "keras":  # it rounds 0.9 to float32 on the way to float64: momentum, Adam's beta_1
    import keras.src.ops

    keras.src.ops.cast = cast_exactly(keras.src.ops.cast)
    import tensorflow

    tensorflow.config.run_functions_eagerly(True)  # compiling a graph takes longer than a few epochs

told = {}
for path in sys.argv[2:]:
    text = Path(path).read_text(encoding="utf-8")
    text = re.sub(r"^import keras$", f"import {sys.argv[1]} as keras", text, flags=re.MULTILINE)
    text = re.sub(r"^from keras\\b", f"from {sys.argv[1]}", text, flags=re.MULTILINE)
    drawn.clear()
    losses = []
    keras.utils.clear_session()
    keras.config.set_floatx("float64")
    error = ""
    out = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(out):
        try:
            exec(compile(text, path, "exec"), {"__name__": "__main__"})
        except Exception:
            error = traceback.format_exc()
    told[Path(path).stem] = {"lines": out.getvalue().splitlines(), "error": error, "losses": losses}
print(json.dumps(told))
"""


NUMBER = re.compile(r"(?<![\w.])[-+]?\d+\.?\d*(?:e[-+]?\d+)?(?!\w)")


def run(package: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", EQUAL, package, *map(str, SCRIPTS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def by_keras() -> dict[str, Any]:
    return run("keras")


@pytest.fixture(scope="module")
def by_numpy() -> dict[str, Any]:
    return run("numpy_nn")


def assert_same_lines(got: list[str], wanted: list[str], tolerance: float = 1e-9) -> None:
    """Check that the lines have the same text between their numbers, and numbers within the relative tolerance."""
    for line, expected in zip(got, wanted, strict=False):
        assert NUMBER.sub(" # ", line).split() == NUMBER.sub(" # ", expected).split(), f"{line!r} and {expected!r}"
        for number, right in zip(NUMBER.findall(line), NUMBER.findall(expected), strict=True):
            a, b = float(number), float(right)
            assert abs(a - b) <= tolerance * max(abs(b), 1e-2), f"{line!r} and {expected!r}"
    assert len(got) == len(wanted)


@pytest.mark.parametrize("script", [path.stem for path in SCRIPTS])
def test_a_whole_script_prints_the_same_lines(by_keras: dict[str, Any], by_numpy: dict[str, Any], script: str) -> None:
    got, wanted = by_numpy[script], by_keras[script]
    assert not got["error"], got["error"]
    assert_same_lines(got["lines"], wanted["lines"], TOLERANCE.get(script, 1e-9))


def test_the_whole_scripts_run_and_learn_in_keras(by_keras: dict[str, Any]) -> None:
    for script, told in by_keras.items():
        assert not told["error"], (script, told["error"])
        assert not told["losses"] or any(min(each) < 0.9 * each[0] for each in told["losses"]), script


def test_other_text_another_number_and_a_missing_line_are_detected() -> None:
    lines = ["epoch 3: loss=0.25 [1.5e-05  2.]", "dense_1 True"]
    assert_same_lines(["epoch 3: loss=0.2500000001 [1.5e-05 2.]", "dense_1 True"], lines)
    for changed in (["epoch 3: loss=0.250001 [1.5e-05  2.]", lines[1]], [lines[0], "dense_2 True"], lines[:1]):
        with pytest.raises(AssertionError):
            assert_same_lines(changed, lines)
