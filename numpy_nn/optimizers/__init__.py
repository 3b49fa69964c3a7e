"""Optimizers: rules that update the weights by their gradient, one family per file; `optimizer` holds the base class.

Rules, names, arguments and defaults are those of ``keras.optimizers``.
"""

from collections.abc import Callable
from typing import Any

from numpy_nn.names import described, find, public
from numpy_nn.optimizers import schedules
from numpy_nn.optimizers.adafactor import Adafactor
from numpy_nn.optimizers.adagrad import Adadelta, Adagrad, RMSprop
from numpy_nn.optimizers.adam import Adam, Adamax, AdamW, Lamb, Nadam
from numpy_nn.optimizers.ftrl import Ftrl
from numpy_nn.optimizers.lion import Lion
from numpy_nn.optimizers.muon import Muon
from numpy_nn.optimizers.optimizer import Optimizer
from numpy_nn.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    name.lower(): each for name, each in public(Optimizer, globals()).items()
}


def get(identifier: str | dict[str, Any] | Optimizer) -> Optimizer:
    """Return the optimizer of that name, with Keras's defaults, or the one that a config describes.

    Raises:
        ValueError: if the name is unknown; the message suggests the nearest name.
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        made = find("optimizer", str(identifier["class_name"]).lower(), OPTIMIZERS)
        return made(**identifier["config"])
    return find("optimizer", str(identifier).lower(), OPTIMIZERS)()


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Return the optimizer as Keras writes it, without its state."""
    return described("optimizers", optimizer)


def deserialize(config: dict[str, Any]) -> Optimizer:
    """Return the optimizer that `serialize` described."""
    return get(config)
