"""Holding numpy_nn against Keras: cases drawn by hypothesis, and one child process that asks Keras for all of them."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

# In front of what a test asks: float64 throughout, and the cases.
_PREAMBLE = """
import json, sys
import keras, numpy as np, tensorflow as tf
keras.config.set_floatx("float64")
cases, answers = json.load(sys.stdin), []
def plain(value):
    return np.asarray(value).tolist() if not isinstance(value, (list, tuple)) else [plain(each) for each in value]
"""


def drawn(strategy: SearchStrategy[T], count: int) -> list[T]:
    """Return as many cases as hypothesis draws in ``count`` examples, the same in every run."""
    cases: list[T] = []

    @settings(
        derandomize=True, database=None, deadline=None, max_examples=count, suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def keep(case: T) -> None:
        cases.append(case)

    keep()
    return cases


def ask_keras(code: str, cases: Sequence[Any]) -> list[Any]:
    """Run ``code`` in a process with Keras, where it appends one answer a case to ``answers``; return these."""
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            f"{_PREAMBLE}{textwrap.dedent(code)}\nprint('\\n' + json.dumps(answers))",
        ],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answers = json.loads(done.stdout.rsplit("\n", 2)[-2])
    assert len(answers) == len(cases)
    return list(answers)


def assert_same(case: Any, ours: Any, keras: Any, bound: float = 1e-12, least: float = 0.0) -> None:
    """Hold max|a - b| / max|b| to a bound; NaN and infinity must stand at the same places.

    What is a small difference of larger numbers is held to that share of ``least``, their size.
    """
    a, b = np.asarray(ours, float), np.asarray(keras, float)
    assert a.shape == b.shape, f"{case}\nours:  {a.shape}\nKeras: {b.shape}"
    finite = np.isfinite(b)
    np.testing.assert_array_equal(a[~finite], b[~finite], err_msg=str(case))
    if finite.any():
        difference = np.abs(a[finite] - b[finite]).max() / max(np.abs(b[finite]).max(), least, np.finfo(float).tiny)
        assert difference <= bound, f"{case}\nours:  {a}\nKeras: {b}\ndifference {difference:.1e}"
