"""Callbacks: their effect on the same training, which reaches its best epoch early and then gets worse."""

import contextlib
import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.parity.comparisons.network import BATCH, ROWS, fill, rows, weights_of

EPOCHS = 12


def callback(api: Any, target: Any, arguments: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return the epochs run, losses, last rate, weights, file names and numbers in text files."""
    x, y = rows(rng), rng.standard_normal((ROWS, 2))
    held_out = (rows(rng), rng.standard_normal((ROWS, 2)))
    model = _compiled(api, averaged=target.__name__ == "SwapEMAWeights")
    # TerminateOnNaN needs an exploding gradient
    model.optimizer.learning_rate = 1e300 if target.__name__ == "TerminateOnNaN" else 0.25
    fill(model, rng)
    heard: list[str] = []
    # both sides work in a temporary folder, so that they use the same file names
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        made = target(**_with_functions(arguments, heard))
        history = model.fit(
            x,
            y,
            batch_size=BATCH,
            epochs=EPOCHS,
            shuffle=False,
            verbose=0,
            callbacks=[made],
            validation_data=held_out,
            validation_batch_size=ROWS,
        )
        files = sorted(path for path in Path().rglob("*") if path.is_file())
        found = {
            "epochs": history.epoch,
            **{f"history of {name}": values for name, values in history.history.items()},
            "rate at the end": float(np.asarray(model.optimizer.learning_rate)),
            "files": np.array([str(path) for path in files]),
            "heard": np.array(heard),
            **{f"{path.name}": _numbers(path) for path in files if path.suffix in (".csv", ".txt", ".log")},
        }
    return {**found, **weights_of(model)}


@functools.cache
def _compiled(api: Any, *, averaged: bool) -> Any:
    """Return a network for several uses, traced once: plain gradient descent has no state but its rate."""
    model = api.Sequential([api.layers.Input((4,)), api.layers.Dense(5, activation="tanh"), api.layers.Dense(2)])
    average = {"use_ema": True, "ema_momentum": 0.75} if averaged else {}
    model.compile(optimizer=api.optimizers.SGD(learning_rate=0.25, **average), loss="mean_squared_error")
    return model


def _with_functions(arguments: Mapping[str, Any], heard: list[str]) -> dict[str, Any]:
    """Return the arguments with functions in place of their names, since JSON has no functions."""

    def tell(*given: Any, **_: Any) -> None:
        heard.append(next((str(number) for number in given if isinstance(number, int)), "began or ended"))

    def halve(epoch: int, rate: Any) -> float:
        return float(rate) / 2.0 if epoch % 3 == 2 else float(rate)

    functions = {"halve": halve, "tell": tell}
    return {
        name: functions[value] if isinstance(value, str) and value in functions else value
        for name, value in arguments.items()
    }


def _numbers(path: Path) -> Any:
    """Return the numbers in a text file whose first line has the column names."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    separator = next((each for each in (",", ";", "\t") if each in first), ",")
    return np.array([[float(value) for value in line.split(separator)] for line in lines])
