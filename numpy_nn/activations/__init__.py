"""Activation functions, each with its derivative, one idea per file.

Inside a network an activation works in place on a feature-major block, (units, batch). Most derivatives are computed
from the function's output, so layers need not store their logits; where that is impossible, `Activation.of_logits` is
true and the network stores them. Called as a function, as in ``relu(x)`` or ``elu(x, alpha=2.0)``, an activation takes
(..., units) and returns a new array, as in ``keras.activations``.

``rectifiers``, ``smooth`` and ``softmaxes`` hold the most used ones, written for speed.
"""

from collections.abc import Mapping
from typing import Any

from numpy_nn.activations.base import ACTIVATIONS, LAYERS, Activation, Linear, OfLayer, linear
from numpy_nn.activations.elementwise import Elementwise, hard_shrink, soft_shrink, tanh_shrink, threshold
from numpy_nn.activations.rectifiers import RectifiedLinear, Relu, celu, elu, leaky_relu, relu, relu6, selu
from numpy_nn.activations.smooth import (
    Sigmoid,
    Tanh,
    exponential,
    gelu,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    log_sigmoid,
    mish,
    sigmoid,
    silu,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    tanh,
)
from numpy_nn.activations.softmaxes import (
    AcrossUnits,
    Glu,
    LogSoftmax,
    Softmax,
    Sparsemax,
    glu,
    log_softmax,
    softmax,
    sparsemax,
)
from numpy_nn.names import described, find

__all__ = [
    "ACTIVATIONS",
    "AcrossUnits",
    "Activation",
    "Elementwise",
    "Glu",
    "Linear",
    "LogSoftmax",
    "RectifiedLinear",
    "Relu",
    "Sigmoid",
    "Softmax",
    "Sparsemax",
    "Tanh",
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

hard_swish = hard_silu
swish = silu

# Activations by every name, and `ACTIVATIONS` by their own.
_KNOWN: dict[str, Activation] = {name: each for name, each in globals().items() if isinstance(each, Activation)}
ACTIVATIONS.update((each.name, each) for each in _KNOWN.values())


def get(identifier: Any) -> Activation:
    """Return the activation that ``identifier`` names; None means linear, as in Keras.

    It may be a name, an activation, a layer of one, such as ``LeakyReLU()``, or the result of `serialize` or
    ``keras.activations.serialize``.

    Raises:
        ValueError: if there is no such activation; the message suggests the nearest name.
    """
    if isinstance(identifier, Activation):
        return identifier
    if isinstance(identifier, Mapping):
        config = identifier.get("config")
        if isinstance(config, Mapping):
            config = find("activation layer", str(identifier.get("class_name")), LAYERS).from_config(dict(config))
        return get(config)
    if callable(identifier) or not isinstance(identifier, str | None):
        layer: Any = identifier
        if any(isinstance(layer, each) for each in LAYERS.values()):
            applied: Activation = layer.activation
            return applied if ACTIVATIONS.get(applied.name) is applied else OfLayer(layer)
        raise ValueError(
            f"an activation must be one of numpy_nn.activations, which define a derivative, got {identifier!r}"
        )
    return find("activation", "linear" if identifier is None else identifier, _KNOWN)


def serialize(activation: Activation) -> str | dict[str, Any]:
    """Return the name by which `get` and Keras find the activation; a layer's is described with its arguments."""
    return described("layers", activation.layer) if isinstance(activation, OfLayer) else activation.name


def deserialize(config: str | Mapping[str, Any]) -> Activation:
    """Return the activation that `serialize` named."""
    return get(config)
