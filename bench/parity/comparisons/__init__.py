"""How each kind of thing is compared: a comparison uses a thing as users do and returns the resulting arrays.

The same comparison runs in two processes, with Keras and with its twin, and uses only Keras's names. It takes the
package, the thing, its arguments and a random generator; it returns arrays of numbers or of text by name.
"""

from collections.abc import Callable
from typing import Any

from bench.parity.comparisons.activations import activation
from bench.parity.comparisons.callbacks import callback
from bench.parity.comparisons.initializers import initializer
from bench.parity.comparisons.layers import input_layer, layer
from bench.parity.comparisons.lookups import lookup
from bench.parity.comparisons.losses import loss, loss_function
from bench.parity.comparisons.metrics import metric
from bench.parity.comparisons.optimizers import optimizer, schedule
from bench.parity.comparisons.weights import constraint, regularizer

COMPARISONS: dict[str, Callable[..., dict[str, Any]]] = {
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

__all__ = ["COMPARISONS"]
