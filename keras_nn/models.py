"""Builds and compiles the network."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

OPTIMIZERS = {
    "adadelta": keras.optimizers.Adadelta,
    "adagrad": keras.optimizers.Adagrad,
    "adam": keras.optimizers.Adam,
    "adamax": keras.optimizers.Adamax,
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}


def build_model(
    inputs: int,
    layers: Sequence[tuple[int, str]],
    *,
    dtype: str,
    penalties: Sequence[tuple[float, float]] | None = None,
) -> keras.Sequential:
    """Return dense layers in sequence, each given by its units and activation.

    ``penalties`` holds the weights of each kernel's L1 and L2 penalty; a layer with zeros has none.

    Sets Keras's number type for the whole process: with ``dtype=`` on the layers alone, the learning rate would still
    be float32. After a first layer is built, ``set_floatx`` alone no longer affects new ones, so the type of the
    weights is checked.
    """
    if keras.config.backend() != "tensorflow":
        _allow_float64(dtype == "float64")
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    regularizers = [
        keras.regularizers.L1L2(*each) if any(each) else None for each in penalties or [(0.0, 0.0)] * len(layers)
    ]
    dense = [
        keras.layers.Dense(units, activation=activation, kernel_regularizer=regularizer)
        for (units, activation), regularizer in zip(layers, regularizers, strict=True)
    ]
    model = keras.Sequential([keras.Input((inputs,)), *dense])
    found = {weight.dtype for weight in model.weights}
    if found != {dtype}:
        raise RuntimeError(f"asked Keras for {dtype} weights, got {', '.join(sorted(found))}")
    return model


def _allow_float64(allowed: bool) -> None:
    """Let Keras and JAX compute float64 in float64, or restore their default, float32.

    On every backend except TensorFlow, Keras promotes two float64 arrays to float32 by an internal table that no
    setting changes, and JAX silently converts float64 to float32. Computation in float32 is unaffected.
    """
    from keras.src.backend.common.dtypes import BIT64_TO_BIT32_DTYPE

    BIT64_TO_BIT32_DTYPE["float64"] = "float64" if allowed else "float32"
    if keras.config.backend() == "jax":
        import jax

        jax.config.update("jax_enable_x64", allowed)


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
