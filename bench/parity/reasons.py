"""Where Keras itself rounds: a table of name patterns; why names are missing is in `numpy_nn.missing`."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from numpy_nn.missing import reason_for


@dataclass(frozen=True)
class Bound:
    """A larger tolerance where Keras itself rounds.

    Attributes:
        limit: the largest max|a - b| / max|a| allowed.
        words: the reason.
        patterns: shell patterns of names with their modules.
        quantities: a shell pattern of quantities.
        defaults_alone: whether it holds for default arguments only; drawn ones are exact in float32.
        float32: whether the original computes in float32 only; then both packages do.
    """

    limit: float
    words: str
    patterns: tuple[str, ...]
    quantities: str = "*"
    defaults_alone: bool = False
    float32: bool = False


_STREAMS = "random streams differ, so distributions are compared"

BOUNDS = (
    Bound(0.02, _STREAMS, ("initializers.*",), "mean and deviation"),
    Bound(0.1, _STREAMS, ("initializers.*",), "quantiles"),
    Bound(0.3, _STREAMS, ("initializers.*",), "range"),
    Bound(0.05, _STREAMS, ("initializers.*",), "singular values"),
    Bound(0.05, _STREAMS, ("layers.*Dropout", "layers.GaussianNoise"), "noise in training"),
    Bound(
        1e-5,
        "Keras rounds default coefficients to float32",
        (
            "optimizers.Ada*",
            "optimizers.Ftrl",
            "optimizers.Lamb",
            "optimizers.Lion",
            "optimizers.Muon",
            "optimizers.Nadam",
        ),
        defaults_alone=True,
    ),
    Bound(1e-6, "Keras computes schedules in float32", ("optimizers.schedules.*",)),
    Bound(
        1e-7,
        "Keras rounds default coefficients to float32",
        ("activations.leaky_relu", "layers.LeakyReLU"),
        defaults_alone=True,
    ),
    Bound(1e-8, "Keras rounds the coefficients to float32", ("activations.gelu",)),
    Bound(1e-7, "Keras rounds log 2 to float32", ("*.LogCosh", "*.log_cosh", "metrics.LogCoshError")),
    Bound(1e-5, "Keras rounds the coefficient 0.96 to float32", ("optimizers.Nadam",)),
    Bound(
        1e-6,
        "Keras computes it in float32 only",
        ("*.*TopKCategoricalAccuracy", "metrics.*top_k_categorical_accuracy", "regularizers.OrthogonalRegularizer"),
        float32=True,
    ),
)


def reason_of(path: str) -> str:
    """Return why a name with its module is missing; empty if no reason is listed."""
    reason = reason_for(path)
    return "" if reason is None else reason.words


def bound_of(path: str, quantity: str, *, defaults: bool) -> Bound | None:
    """Return the bound of a quantity, or None if the usual tolerance applies."""
    return next(
        (
            bound
            for bound in BOUNDS
            if _fits(path, bound.patterns)
            and fnmatchcase(quantity, bound.quantities)
            and (defaults or not bound.defaults_alone)
        ),
        None,
    )


def number_type(path: str) -> str:
    """Return the number type in which a name is compared."""
    return "float32" if any(bound.float32 and _fits(path, bound.patterns) for bound in BOUNDS) else "float64"


def _fits(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
