"""Reading a Keras model in memory through its methods, without importing Keras."""

from typing import Any

import numpy as np

from numpy_nn.saving.saved import Saved


def read(model: Any) -> Saved:
    """Return what a file of the model would contain.

    Raises:
        TypeError: if ``model`` is not a Sequential or functional Keras model.
        ValueError: if the model is not built.
    """
    kind = type(model)
    if not f"{kind.__module__}.".startswith("keras.") or kind.__name__ not in ("Sequential", "Functional"):
        raise TypeError(f"from_keras expects a keras.Sequential or a functional keras.Model, got {model!r:.200}")
    if not model.built:
        raise ValueError("the Keras model is not built: give it an Input, or call it once")
    config = {"module": "keras", "class_name": kind.__name__, "registered_name": None, "config": model.get_config()}
    config["compile_config"] = model.get_compile_config()
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    optimizer = getattr(model, "optimizer", None)
    return Saved(
        _plain(config),
        [[np.array(array) for array in layer.get_weights()] for layer in layers],
        [] if optimizer is None else [np.array(variable.numpy()) for variable in optimizer.variables],
    )


def _plain(value: Any) -> Any:
    """Return a config converted to JSON types."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
