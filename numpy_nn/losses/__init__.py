"""Losses: how wrong the predictions are, and the gradient of the error.

Inside a network, targets have shape (rows, outputs); `Loss.prepare` converts the user's labels to it. Every loss is a
class that defines its value for each row next to its gradient. Each also has a function with Keras's lower-case name:
``mean_squared_error(y_true, y_pred)``.

Where to look: ``loss`` for the base class, ``crossentropy``, ``binary_crossentropies`` and
``categorical_crossentropies`` for classifiers, ``regression`` for numbers, ``probabilistic`` for distributions,
``hinge`` for margins.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

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
from numpy_nn.names import described, described_function, find, public, snake_case, spellings

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

binary_crossentropy = function(BinaryCrossentropy)
binary_focal_crossentropy = function(BinaryFocalCrossentropy)
categorical_crossentropy = function(CategoricalCrossentropy)
categorical_focal_crossentropy = function(CategoricalFocalCrossentropy)
categorical_generalized_cross_entropy = function(CategoricalGeneralizedCrossEntropy)
categorical_hinge = function(CategoricalHinge)
cosine_similarity = function(CosineSimilarity)
hinge = function(Hinge)
huber = function(Huber)
kl_divergence = function(KLDivergence)
log_cosh = function(LogCosh)
mean_absolute_error = function(MeanAbsoluteError)
mean_absolute_percentage_error = function(MeanAbsolutePercentageError)
mean_squared_error = function(MeanSquaredError)
mean_squared_logarithmic_error = function(MeanSquaredLogarithmicError)
poisson = function(Poisson)
sparse_categorical_crossentropy = function(SparseCategoricalCrossentropy)
squared_hinge = function(SquaredHinge)

# The classes by the names of their functions, as in ``compile(loss="mean_squared_error")``.
LOSSES: dict[str, type[Loss]] = {
    snake_case(kind.__name__): kind for kind in public(Loss, globals()).values() if kind is not CategoricalOrSparse
}
_KNOWN = spellings(
    LOSSES,
    bce=BinaryCrossentropy,
    kld=KLDivergence,
    mae=MeanAbsoluteError,
    mape=MeanAbsolutePercentageError,
    mse=MeanSquaredError,
    msle=MeanSquaredLogarithmicError,
)


def get(
    identifier: str | Loss | type[Loss] | Mapping[str, Any] | Callable[..., Any], outputs: int | None = None
) -> Loss:
    """Return the loss that ``identifier`` names.

    It may be a name in any of Keras's spellings (``"mse"``, ``"mean_squared_error"``, ``"MeanSquaredError"``), a loss,
    its class, its function, or the result of `serialize` or ``keras.losses.serialize``. ``"crossentropy"`` and ``"ce"``
    select a cross-entropy by the labels: binary if ``outputs`` is 1; otherwise sparse for one integer a row, and
    categorical for one number per output.

    Raises:
        ValueError: if there is no such loss; the message suggests the nearest name.
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if isinstance(identifier, Mapping):
        config = identifier.get("config")
        if isinstance(config, str):  # the name of a function
            return get(config)
        return find("loss", str(identifier.get("class_name")), _KNOWN).from_config(dict(config or {}))
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        if outputs is None:
            raise ValueError(f"{identifier!r} depends on the number of outputs, which is unknown here: name one loss")
        return BinaryCrossentropy() if outputs == 1 else CategoricalOrSparse()
    if callable(identifier):
        name = getattr(identifier, "__name__", "")
        if globals().get(name) is identifier:
            return LOSSES[name]()
        raise ValueError(f"a loss must define its gradient: derive it from numpy_nn.losses.Loss, got {identifier!r}")
    return find("loss", identifier, _KNOWN)()


def serialize(loss: Loss | Callable[..., Any]) -> dict[str, Any]:
    """Return a dictionary from which `get` and Keras recreate the loss."""
    return described("losses", loss) if isinstance(loss, Loss) else described_function(loss)


def deserialize(name: str | Mapping[str, Any]) -> Loss:
    """Return the loss that `serialize` described."""
    return get(name)
