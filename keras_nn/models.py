"""Building and compiling the network."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}


def build_model(inputs: int, layers: Sequence[tuple[int, str]], *, dtype: str) -> keras.Sequential:
    """Return dense layers in sequence, each given by its units and activation.

    Sets Keras's number type for the whole process: with ``dtype=`` on the layers alone, the learning rate would still
    be float32. And once a layer was built, ``set_floatx`` alone no longer reaches new ones, so it is checked.
    """
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    dense = [keras.layers.Dense(units, activation=activation) for units, activation in layers]
    model = keras.Sequential([keras.Input((inputs,)), *dense])
    found = {weight.dtype for weight in model.weights}
    if found != {dtype}:
        raise RuntimeError(f"asked Keras for {dtype} weights, got {', '.join(sorted(found))}")
    return model


def compile_model(
    model: keras.Sequential,
    *,
    loss: str,
    optimizer: str,
    learning_rate: float | None,
    options: Mapping[str, Any],
    steps_per_execution: int = 1,
    jit_compile: bool | str = "auto",
) -> None:
    """Compile with a new optimizer, its state allocated; a ``learning_rate`` of None means Keras's default."""
    rate = {} if learning_rate is None else {"learning_rate": learning_rate}
    chosen = OPTIMIZERS[optimizer](**rate, **options)
    model.compile(optimizer=chosen, loss=loss, steps_per_execution=steps_per_execution, jit_compile=jit_compile)
    chosen.build(model.trainable_variables)
