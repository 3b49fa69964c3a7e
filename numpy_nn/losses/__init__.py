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
from numpy_nn.losses.loss import FunctionLoss, Loss, RowLoss, function, lacks_gradient, numerical
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
    "FunctionLoss",
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
    "lacks_gradient",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "numerical",
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
LOSSES: dict[str, type[RowLoss]] = {
    snake_case(kind.__name__): kind for kind in public(RowLoss, globals()).values() if kind is not CategoricalOrSparse
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


def get(identifier: Any) -> Any:
    """Return the loss that ``identifier`` names, as ``keras.losses.get`` does.

    The name of a class, ``"MeanSquaredError"``, or a class gives an object; the name of a function, ``"mse"`` or
    ``"mean_squared_error"``, gives the function; the result of `serialize` or ``keras.losses.serialize`` gives what it
    describes; a loss, a function and None stay as they are.

    Raises:
        ValueError: if there is no such loss; the message suggests the nearest name.
    """
    if isinstance(identifier, Mapping):
        config = identifier.get("config")
        if isinstance(config, str):  # the name of a function
            return get(config)
        return find("loss", str(identifier.get("class_name")), _KNOWN).from_config(dict(config or {}))
    if isinstance(identifier, str):
        kind = find("loss", identifier, _KNOWN)
        return kind() if identifier == kind.__name__ else globals()[snake_case(kind.__name__)]
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if identifier is None or callable(identifier):
        return identifier
    raise ValueError(f"a loss must be a name, a function or a Loss, got {identifier!r}")


def object_of(identifier: Any, outputs: int | None = None) -> Loss:
    """Return the loss object for what `get` accepts, as a network trains with it.

    ``"crossentropy"`` and ``"ce"`` select a cross-entropy by the labels: binary if ``outputs`` is 1; otherwise sparse
    for one integer a row, and categorical for one number per output.

    Raises:
        ValueError: if there is no such loss, or it is a function without a gradient.
    """
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        if outputs is None:
            raise ValueError(f"{identifier!r} depends on the number of outputs, which is unknown here: name one loss")
        return BinaryCrossentropy() if outputs == 1 else CategoricalOrSparse()
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    name = getattr(found, "__name__", "")
    return LOSSES[name]() if globals().get(name) is found else FunctionLoss(found)


def serialize(loss: Loss | Callable[..., Any]) -> dict[str, Any]:
    """Return a dictionary from which `get` and Keras recreate the loss."""
    return described("losses", loss) if isinstance(loss, Loss) else described_function(loss)


def deserialize(name: str | Mapping[str, Any]) -> Any:
    """Return the loss that `serialize` described."""
    return get(name)
