"""Scripts in the style of Keras's guides give the same numbers with one import changed.

Each script in ``scripts`` has ``import keras``, sets its initial weights, keeps its rows in order, and stores its
results in ``found``. They run twice, in one process with Keras and in one with ``import numpy_nn as keras``.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))

# Where not 1e-12: even in float64 Keras rounds the rate of a schedule and a constant of gelu to float32.
TOLERANCE = {"classifier": 1e-6}

RUN = """
import json, sys
from pathlib import Path
import numpy as np
{import_line}

keras.config.set_floatx("float64")
told = {{}}
for path in sys.argv[1:]:
    text = Path(path).read_text(encoding="utf-8")
    assert text.count("import keras\\n") == 1
    names = {{}}
    exec(compile(text.replace("import keras\\n", "{import_line}\\n"), path, "exec"), names)
    told[Path(path).stem] = names["found"]
told["modules"] = sorted({{"keras", "tensorflow"}} & set(sys.modules))
print(json.dumps(told, default=lambda each: np.asarray(each).tolist()))
"""


def run(import_line: str) -> dict[str, Any]:
    code = RUN.format(import_line=import_line)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, SCRIPTS)], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def by_keras() -> dict[str, Any]:
    return run("import keras")


@pytest.fixture(scope="module")
def by_numpy() -> dict[str, Any]:
    return run("import numpy_nn as keras")


def leaves(found: Any, place: str = "") -> dict[str, Any]:
    """Return the arrays and texts in a script's results, by their place."""
    if isinstance(found, dict) or (isinstance(found, list) and any(isinstance(each, str | list) for each in found)):
        pairs = found.items() if isinstance(found, dict) else enumerate(found)
        return {name: leaf for key, value in pairs for name, leaf in leaves(value, f"{place}/{key}").items()}
    return {place: found}


def assert_same(got: Any, wanted: Any, tolerance: float = 1e-12) -> None:
    """Check max|a - b| / max|b| of every array against the tolerance; texts and the order of the logs must be equal."""
    got, wanted = leaves(got), leaves(wanted)
    assert list(got) == list(wanted)
    for place, expected in wanted.items():
        if isinstance(expected, str) or expected is None:
            assert got[place] == expected, place
            continue
        a, b = np.asarray(got[place], float), np.asarray(expected, float)
        assert a.shape == b.shape, place
        assert np.abs(a - b).max(initial=0.0) <= tolerance * np.abs(b).max(initial=1e-2), f"{place}: {a} and {b}"


@pytest.mark.parametrize("script", [path.stem for path in SCRIPTS])
def test_a_script_finds_the_same_with_one_import_changed(
    by_keras: dict[str, Any], by_numpy: dict[str, Any], script: str
) -> None:
    assert_same(by_numpy[script], by_keras[script], TOLERANCE.get(script, 1e-12))


def test_a_small_difference_is_detected(by_keras: dict[str, Any], by_numpy: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(by_numpy["networks"]))
    changed["frozen below"]["weights"][0][0][0] *= 1 + 1e-10
    with pytest.raises(AssertionError, match="/frozen below/weights/0/0"):
        assert_same(changed, by_keras["networks"])


def test_the_scripts_learn_something_in_keras(by_keras: dict[str, Any]) -> None:
    for path in SCRIPTS:
        losses = by_keras[path.stem]["loss"]
        assert losses[-1] < 0.9 * losses[0], path


def test_the_scripts_run_without_keras(by_numpy: dict[str, Any]) -> None:
    assert by_numpy["modules"] == []
