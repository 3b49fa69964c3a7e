"""Why names are missing, and where Keras itself rounds: tables of name patterns."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Reason:
    """Why a group of names has no twin.

    Attributes:
        words: the reason.
        patterns: shell patterns of names with their modules, such as ``layers.Conv*``.
    """

    words: str
    patterns: tuple[str, ...]


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


REASONS = (
    Reason(
        "convolutions",
        ("layers.*Conv*", "layers.*Pool*", "layers.SpatialDropout*", "layers.UpSampling*", "layers.ZeroPadding*"),
    ),
    Reason(
        "images",
        (
            "layers.*Bounding*",
            "layers.AugMix",
            "layers.AutoContrast",
            "layers.Center*",
            "layers.Cropping*",
            "layers.CutMix",
            "layers.*Equalization",
            "layers.MixUp",
            "layers.Rand*",
            "layers.Resizing",
            "layers.Solarization",
        ),
    ),
    Reason(
        "sequences",
        (
            "layers.*Attention",
            "layers.*Cell*",
            "layers.*Embedding",
            "layers.*RNN",
            "layers.Bidirectional",
            "layers.GRU",
            "layers.LSTM",
            "layers.Masking",
            "layers.RepeatVector",
            "layers.TimeDistributed",
            "losses.CTC",
            "losses.ctc",
        ),
    ),
    Reason("sound", ("*.STFT*", "layers.MelSpectrogram")),
    Reason(
        "text and categories",
        ("layers.*Lookup", "layers.CategoryEncoding", "layers.Discretization", "layers.Hash*", "layers.Text*"),
    ),
    Reason("segmentation", ("losses.Dice", "losses.dice", "losses.Tversky", "losses.tversky", "metrics.*IoU")),
    Reason("metric learning", ("losses.Circle", "losses.circle")),
    Reason(
        "graphs: a network is one chain of layers",
        (
            "layers.[Aa]dd",
            "layers.[Aa]verage",
            "layers.[Cc]oncatenate",
            "layers.[Dd]ot",
            "layers.[Mm]aximum",
            "layers.[Mm]inimum",
            "layers.[Mm]ultiply",
            "layers.[Ss]ubtract",
        ),
    ),
    Reason(
        "takes custom code, which is written for Keras's tensors",
        ("layers.InputSpec", "layers.Lambda", "layers.Pipeline", "layers.SpectralNormalization", "layers.Wrapper"),
    ),
    Reason(
        "belongs to another library or service",
        (
            "callbacks.OrbaxCheckpoint",
            "callbacks.RemoteMonitor",
            "callbacks.TensorBoard",
            "layers.FlaxLayer",
            "layers.JaxLayer",
            "layers.TFSMLayer",
            "layers.TorchModuleWrapper",
        ),
    ),
    Reason("more axes than rows and features", ("layers.EinsumDense",)),
    Reason("float16", ("optimizers.LossScaleOptimizer",)),
    Reason("Keras on TensorFlow updates differently in fit than eagerly", ("optimizers.ScheduleFreeAdamW",)),
    Reason("a network has one optimizer", ("optimizers.MultiOptimizer", "optimizers.OptimizerMap")),
)

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
    return next((reason.words for reason in REASONS if _fits(path, reason.patterns)), "")


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
