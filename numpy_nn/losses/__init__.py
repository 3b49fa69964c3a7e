"""Losses: how wrong the predictions are, and the gradient of that.

Inside a network, targets have shape (rows, outputs); `Loss.prepare` converts the user's labels to it. Every loss is a
class that defines its value for each row next to its gradient. Each also has a function with Keras's lower-case name:
``mean_squared_error(y_true, y_pred)``.

Where to look: ``loss`` for the base class, ``crossentropy``, ``binary_crossentropies`` and
``categorical_crossentropies`` for classifiers, ``regression`` for numbers, ``probabilistic`` for distributions,
``hinge`` for margins.
"""

from collections.abc import Callable, Mapping
from typing import Any

from numpy_nn.losses.binary_crossentropies import BinaryCrossentropy, BinaryFocalCrossentropy
from numpy_nn.losses.categorical_crossentropies import (
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CategoricalOrSparse,
    SparseCategoricalCrossentropy,
)
from numpy_nn.losses.hinge import CategoricalHinge, Hinge, SquaredHinge
from numpy_nn.losses.loss import Loss, function
from numpy_nn.losses.probabilistic import KLDivergence, Poisson
from numpy_nn.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
)
from numpy_nn.names import described, find

__all__ = [
    "LOSSES",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "cosine_similarity",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]

_CROSSENTROPY = ("from_logits", "label_smoothing", "axis")

binary_crossentropy = function(BinaryCrossentropy, "binary_crossentropy", _CROSSENTROPY)
binary_focal_crossentropy = function(
    BinaryFocalCrossentropy,
    "binary_focal_crossentropy",
    ("apply_class_balancing", "alpha", "gamma", *_CROSSENTROPY),
)
categorical_crossentropy = function(CategoricalCrossentropy, "categorical_crossentropy", _CROSSENTROPY)
categorical_focal_crossentropy = function(
    CategoricalFocalCrossentropy, "categorical_focal_crossentropy", ("alpha", "gamma", *_CROSSENTROPY)
)
categorical_generalized_cross_entropy = function(
    CategoricalGeneralizedCrossEntropy, "categorical_generalized_cross_entropy", ("q",)
)
categorical_hinge = function(CategoricalHinge, "categorical_hinge")
cosine_similarity = function(CosineSimilarity, "cosine_similarity", ("axis",))
hinge = function(Hinge, "hinge")
huber = function(Huber, "huber", ("delta",))
kl_divergence = function(KLDivergence, "kl_divergence")
log_cosh = function(LogCosh, "log_cosh")
mean_absolute_error = function(MeanAbsoluteError, "mean_absolute_error")
mean_absolute_percentage_error = function(MeanAbsolutePercentageError, "mean_absolute_percentage_error")
mean_squared_error = function(MeanSquaredError, "mean_squared_error")
mean_squared_logarithmic_error = function(MeanSquaredLogarithmicError, "mean_squared_logarithmic_error")
poisson = function(Poisson, "poisson")
sparse_categorical_crossentropy = function(
    SparseCategoricalCrossentropy, "sparse_categorical_crossentropy", ("from_logits", "ignore_class", "axis")
)
squared_hinge = function(SquaredHinge, "squared_hinge")

# The classes by the names of their functions, which are what a network is usually compiled with.
LOSSES: dict[str, type[Loss]] = {
    "binary_crossentropy": BinaryCrossentropy,
    "binary_focal_crossentropy": BinaryFocalCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "categorical_focal_crossentropy": CategoricalFocalCrossentropy,
    "categorical_generalized_cross_entropy": CategoricalGeneralizedCrossEntropy,
    "categorical_hinge": CategoricalHinge,
    "cosine_similarity": CosineSimilarity,
    "hinge": Hinge,
    "huber": Huber,
    "kl_divergence": KLDivergence,
    "log_cosh": LogCosh,
    "mean_absolute_error": MeanAbsoluteError,
    "mean_absolute_percentage_error": MeanAbsolutePercentageError,
    "mean_squared_error": MeanSquaredError,
    "mean_squared_logarithmic_error": MeanSquaredLogarithmicError,
    "poisson": Poisson,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "squared_hinge": SquaredHinge,
}
_SHORT = {
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}
_KNOWN: dict[str, type[Loss]] = {
    **LOSSES,
    **{kind.__name__: kind for kind in LOSSES.values()},
    **_SHORT,
    **{name.upper(): kind for name, kind in _SHORT.items()},
}


def get(
    identifier: str | Loss | type[Loss] | Mapping[str, Any] | Callable[..., Any], outputs: int | None = None
) -> Loss:
    """Return the loss that ``identifier`` names.

    It may be a name in any of Keras's spellings (``"mse"``, ``"mean_squared_error"``, ``"MeanSquaredError"``), a loss,
    its class, its function, or what `serialize` and ``keras.losses.serialize`` return. ``"crossentropy"`` and ``"ce"``
    are the cross-entropy that goes with the labels: the binary one for one of ``outputs``, otherwise the sparse one for
    whole numbers and the categorical one for a number an output.

    Raises:
        ValueError: if there is no such loss; the nearest name is given.
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if isinstance(identifier, Mapping):
        config = identifier.get("config")
        if isinstance(config, str):  # a function's: its name
            return get(config)
        return find("loss", str(identifier.get("class_name")), _KNOWN).from_config(dict(config or {}))
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        if outputs is None:
            raise ValueError(f"which loss {identifier!r} is depends on the number of outputs; name one of them here")
        return BinaryCrossentropy() if outputs == 1 else CategoricalOrSparse()
    if callable(identifier):
        name = getattr(identifier, "__name__", "")
        if globals().get(name) is identifier:
            return LOSSES[name]()
        raise ValueError(f"a loss must know its gradient: derive it from numpy_nn.losses.Loss, got {identifier!r}")
    return find("loss", identifier, _KNOWN)()


def serialize(loss: Loss | Callable[..., Any]) -> dict[str, Any]:
    """Return what `get` and Keras make the loss of again."""
    if not isinstance(loss, Loss):
        return {"module": "builtins", "class_name": "function", "config": loss.__name__, "registered_name": "function"}
    return described("losses", loss)


def deserialize(name: str | Mapping[str, Any]) -> Loss:
    """Return the loss that `serialize` wrote."""
    return get(name)
