"""How each kind of thing is compared: a probe uses a thing as its users do, and returns what came of it as arrays.

The same probe runs in two processes, on Keras and on its twin, and speaks to both by Keras's names alone. A probe takes
the package, the thing, its arguments and a generator; it returns quantities, arrays of numbers or of words, by name.
"""

from collections.abc import Callable
from typing import Any

from bench.coverage.probes.activations import activation
from bench.coverage.probes.callbacks import callback
from bench.coverage.probes.initializers import initializer
from bench.coverage.probes.layers import input_layer, layer
from bench.coverage.probes.lookups import lookup
from bench.coverage.probes.losses import loss, loss_function
from bench.coverage.probes.metrics import metric
from bench.coverage.probes.optimizers import optimizer, schedule
from bench.coverage.probes.weights import constraint, regularizer

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
