"""Scripts as Keras's guides show them give the same numbers with one import changed.

Each script in ``scripts`` says ``import keras``, sets its first weights, keeps its rows in order, and leaves what it
learned in ``found``. They run twice, in one process with Keras and in one with ``import numpy_nn as keras``.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))

# Even in float64 Keras rounds some numbers to float32: here the rate of a schedule and a constant of gelu.
TOLERANCE = {"classifier": 1e-6, "functional": 1e-12, "imbalanced": 1e-12, "regression": 1e-12}

RUN = """
import json, sys
from pathlib import Path
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
print(json.dumps(told, default=float))
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


def flat(found: Any, place: str = "") -> dict[str, float]:
    """Return the numbers in what a script found, by their place."""
    if isinstance(found, dict | list):
        pairs = found.items() if isinstance(found, dict) else enumerate(found)
        return {name: number for key, value in pairs for name, number in flat(value, f"{place}/{key}").items()}
    return {place: float(found)}


@pytest.mark.parametrize("script", [path.stem for path in SCRIPTS])
def test_a_script_finds_the_same_with_one_import_changed(
    by_keras: dict[str, Any], by_numpy: dict[str, Any], script: str
) -> None:
    wanted, got = flat(by_keras[script]), flat(by_numpy[script])
    assert list(got) == list(wanted)  # the order of the logs is Keras's too
    for place, number in wanted.items():
        np.testing.assert_allclose(got[place], number, rtol=TOLERANCE[script], atol=1e-14, err_msg=place)


def test_the_scripts_learn_something_in_keras(by_keras: dict[str, Any]) -> None:
    for path in SCRIPTS:
        losses = by_keras[path.stem]["loss"]
        assert losses[-1] < 0.8 * losses[0], path


def test_the_scripts_run_without_keras(by_numpy: dict[str, Any]) -> None:
    assert by_numpy["modules"] == []
