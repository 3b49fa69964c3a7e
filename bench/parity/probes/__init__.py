"""How each kind of thing is compared: a probe uses a thing as its users do, and returns what came of it as arrays.

The same probe runs in two processes, on Keras and on its twin, and speaks to both by Keras's names alone. A probe takes
the package, the thing, its arguments and a generator; it returns quantities, arrays of numbers or of words, by name.
"""

from collections.abc import Callable
from typing import Any

from bench.parity.probes.activations import activation
from bench.parity.probes.callbacks import callback
from bench.parity.probes.initializers import initializer
from bench.parity.probes.layers import input_layer, layer
from bench.parity.probes.lookups import lookup
from bench.parity.probes.losses import loss, loss_function
from bench.parity.probes.metrics import metric
from bench.parity.probes.optimizers import optimizer, schedule
from bench.parity.probes.weights import constraint, regularizer

Probe = Callable[..., dict[str, Any]]

PROBES: dict[str, Probe] = {
    "activation": activation,
    "callback": callback,
    "constraint": constraint,
    "initializer": initializer,
    "input": input_layer,
    "layer": layer,
    "loss": loss,
    "loss function": loss_function,
    "lookup": lookup,
    "metric": metric,
    "optimizer": optimizer,
    "regularizer": regularizer,
    "schedule": schedule,
}

__all__ = ["PROBES", "Probe"]
