"""Arguments for the comparisons, drawn by hypothesis; the values of an argument depend on its name."""

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bench.parity.names import Parameter, PublicName

Arguments = dict[str, Any]
Strategy = st.SearchStrategy[Any]


def _parts(low: int, high: int, of: int = 64) -> Strategy:
    """Return fractions that are exact in float32, since Keras rounds some arguments to it."""
    return st.integers(low, high).map(lambda number: number / of)


def _powers(low: int, high: int) -> Strategy:
    """Return powers of two."""
    return st.integers(low, high).map(lambda exponent: 2.0**exponent)


def _maybe(strategy: Strategy) -> Strategy:
    return st.none() | strategy


_SHARE = _parts(1, 63)
_SIZE = _parts(16, 128)
_ANY = _parts(-128, 128)
_STEPS = st.integers(5, 40)
_REGULARIZER = st.sampled_from([None, "l1", "l2", "l1l2"])
_CONSTRAINT = st.sampled_from([None, "max_norm", "non_neg", "unit_norm"])
_SEED = st.integers(0, 1000)

# Values by argument, by module and argument, or by module, name and argument; the most specific key counts. An optional
# argument without a key keeps its default.
VALUES: dict[str, Strategy] = {
    # activations and the layers of their names
    "alpha": _SHARE,
    "approximate": st.booleans(),
    "activations.axis": st.sampled_from([-1, 0]),
    "b": st.integers(1, 8),
    "default_value": _ANY,
    "max_value": _maybe(_SIZE),
    "negative_slope": _SHARE,
    "threshold": _SHARE,
    # losses
    "apply_class_balancing": st.booleans(),
    "delta": _SIZE,
    "from_logits": st.booleans(),
    "gamma": _SIZE,
    "ignore_class": st.sampled_from([None, 1]),
    "label_smoothing": _parts(0, 16),
    "q": _SHARE,
    "reduction": st.sampled_from(["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]),
    # optimizers
    "adam_beta_1": _parts(32, 63),
    "adam_beta_2": _parts(48, 63),
    "adam_lr_ratio": _SHARE,
    "adam_weight_decay": _parts(0, 8, 1024),
    "amsgrad": st.booleans(),
    "beta_1": _parts(32, 63),
    "beta_2": _parts(48, 63),
    "beta_2_decay": st.sampled_from([-0.75, -0.5]),
    "centered": st.booleans(),
    "clip_threshold": _SIZE,
    "clipnorm": _maybe(_SHARE),
    "clipvalue": _maybe(_parts(1, 16)),
    "ema_momentum": _parts(32, 63),
    "ema_overwrite_frequency": _maybe(st.integers(2, 7)),
    "epsilon": _powers(-24, -10),
    "epsilon_2": _powers(-12, -8),
    "global_clipnorm": _maybe(_SHARE),
    "gradient_accumulation_steps": _maybe(st.integers(2, 4)),
    "initial_accumulator_value": _parts(1, 32),
    "l1_regularization_strength": _parts(0, 8, 1024),
    "l2_regularization_strength": _parts(0, 8, 1024),
    "l2_shrinkage_regularization_strength": _parts(0, 8, 1024),
    "learning_rate": _powers(-9, -6),
    "learning_rate_power": st.sampled_from([-0.5, -0.25]),
    "loss_scale_factor": _maybe(_powers(1, 4)),
    "momentum": _parts(1, 60),
    "nesterov": st.booleans(),
    "ns_steps": st.integers(2, 5),
    "optimizers.Ftrl.beta": _parts(0, 16),
    "relative_step": st.booleans(),
    "rho": _parts(32, 63),
    "use_ema": st.booleans(),
    "warmup_steps": st.integers(0, 10),
    "weight_decay": _maybe(_parts(1, 8, 1024)),
    # schedules
    "boundaries": st.just([10, 25, 60]),
    "cycle": st.booleans(),
    "decay_rate": _SHARE,
    "decay_steps": _STEPS,
    "end_learning_rate": _powers(-12, -10),
    "first_decay_steps": _STEPS,
    "initial_learning_rate": _powers(-7, -3),
    "m_mul": _SHARE,
    "power": _SIZE,
    "staircase": st.booleans(),
    "t_mul": _parts(64, 160),
    "values": st.lists(_powers(-9, -4), min_size=4, max_size=4),
    "warmup_target": _maybe(_powers(-4, -2)),
    # initializers
    "distribution": st.sampled_from(["uniform", "truncated_normal", "untruncated_normal"]),
    "gain": _SIZE,
    "initializers.VarianceScaling.mode": st.sampled_from(["fan_in", "fan_out", "fan_avg"]),
    "maxval": _parts(1, 64),
    "mean": _ANY,
    "minval": _parts(-64, -1),
    "scale": _SIZE,
    "seed": _SEED,
    "stddev": _SHARE,
    "value": _ANY,
    # regularizers and constraints
    "constraints.MaxNorm.max_value": _SIZE,
    "constraints.MinMaxNorm.max_value": _parts(64, 128),
    "constraints.axis": st.sampled_from([0, 1, [0, 1]]),
    "factor": _SHARE,
    "l1": _parts(1, 32, 256),
    "l2": _parts(1, 32, 256),
    "min_value": _SHARE,
    "rate": _SHARE,
    "regularizers.OrthogonalRegularizer.mode": st.sampled_from(["rows", "columns"]),
    # metrics
    "average": st.sampled_from([None, "micro", "macro", "weighted"]),
    "class_id": _maybe(st.integers(0, 2)),
    "class_aggregation": st.sampled_from([None, "uniform_average", "variance_weighted_average"]),
    "curve": st.sampled_from(["ROC", "PR", "PRGAIN"]),
    "fn": st.just("mean_squared_error"),
    "k": st.integers(1, 3),
    "label_weights": st.lists(_SIZE, min_size=3, max_size=3),
    "metrics.AUC.thresholds": _maybe(st.just([0.25, 0.5, 0.75])),
    "metrics.F1Score.threshold": _maybe(_SHARE),
    "metrics.FBetaScore.beta": _SIZE,
    "metrics.FBetaScore.threshold": _maybe(_SHARE),
    "multi_label": st.booleans(),
    "num_regressors": st.integers(0, 4),
    "num_thresholds": st.integers(3, 50),
    "precision": _SHARE,
    "recall": _SHARE,
    "sensitivity": _SHARE,
    "specificity": _SHARE,
    "summation_method": st.sampled_from(["interpolation", "minoring", "majoring"]),
    "thresholds": _maybe(_SHARE | st.just([0.25, 0.75])),
    "metrics.top_k": _maybe(st.integers(1, 2)),
    # layers
    "activation": st.sampled_from([None, "relu", "tanh", "sigmoid", "softmax"]),
    "activity_regularizer": _REGULARIZER,
    "bias_constraint": _CONSTRAINT,
    "bias_regularizer": _REGULARIZER,
    "center": st.booleans(),
    "dims": st.just([2, 1]),
    "kernel_constraint": _CONSTRAINT,
    "kernel_regularizer": _REGULARIZER,
    "layers.PReLU.alpha_constraint": _CONSTRAINT,
    "layers.PReLU.alpha_regularizer": _REGULARIZER,
    "layers.AlphaDropout.rate": _parts(8, 40),
    "layers.BatchNormalization.scale": st.booleans(),
    "layers.GroupNormalization.axis": st.sampled_from([-1, 1]),
    "layers.GroupNormalization.groups": st.sampled_from([-1, 1, 2]),
    "layers.GroupNormalization.scale": st.booleans(),
    "layers.LayerNormalization.scale": st.booleans(),
    "layers.Normalization.mean": st.nothing(),
    "invert": st.booleans(),
    "offset": _ANY,
    "beta_regularizer": _REGULARIZER,
    "gamma_regularizer": _REGULARIZER,
    "target_shape": st.just([3, 2]),
    "units": st.integers(1, 4),
    "use_bias": st.booleans(),
    # callbacks
    "backup_dir": st.just("backup"),
    "cooldown": st.integers(0, 2),
    "filename": st.just("log.csv"),
    "filepath": st.sampled_from(["{epoch:02d}.weights.h5", "{epoch}-{val_loss:.2f}.weights.h5"]),
    "callbacks.baseline": _maybe(_SIZE),
    "callbacks.mode": st.sampled_from(["auto", "min", "max"]),
    "min_delta": _parts(0, 16, 1024),
    "min_lr": _parts(0, 4, 1024),
    "monitor": st.sampled_from(["val_loss", "loss"]),
    "patience": st.integers(0, 4),
    "restore_best_weights": st.booleans(),
    "save_best_only": st.booleans(),
    "schedule": st.just("halve"),
    "separator": st.sampled_from([",", ";"]),
    "start_from_epoch": st.integers(0, 5),
    "callbacks.append": st.booleans(),
    **{
        f"on_{what}": st.just("tell")
        for what in ("epoch_begin", "epoch_end", "train_begin", "train_end", "train_batch_begin", "train_batch_end")
    },
}

# Arguments that are always given: files of whole models contain the time of day, and an input needs a shape.
ALWAYS: dict[str, Arguments] = {
    "callbacks.ModelCheckpoint": {"save_weights_only": True},
    "layers.Input": {"shape": [4]},
    "layers.InputLayer": {"shape": [4]},
}

# Kinds that get every argument or none, since Keras rounds defaults such as 0.999 to float32.
_WHOLE = ("optimizer", "schedule")

# Arguments of which a thing takes at most one.
_ONE_OF = ("clipnorm", "clipvalue", "global_clipnorm"), ("thresholds", "num_thresholds"), ("thresholds", "top_k")


def strategy_of(name: PublicName, parameter: str) -> Strategy | None:
    """Return the values of an argument, or None if `VALUES` has no key for it."""
    keys = (f"{name.path}.{parameter}", f"{name.module}.{parameter}", parameter)
    return next((VALUES[key] for key in keys if key in VALUES), None)


def unknown_arguments(name: PublicName) -> list[str]:
    """Return the required arguments without known values."""
    return [each.name for each in _own(name) if each.default is None and strategy_of(name, each.name) is None]


def is_plain(name: PublicName) -> bool:
    """Whether drawn arguments are enough to make a thing, without a comparison that replaces words by functions."""
    return not unknown_arguments(name) and all(each.name != "fn" for each in _own(name))


def draw(name: PublicName, count: int) -> list[Arguments]:
    """Return up to ``count`` different sets of arguments: the required ones only, then the largest drawn.

    The same name gives the same arguments on every machine.
    """
    known = [(each, strategy_of(name, each.name)) for each in _own(name)]
    strategies = [(each, strategy) for each, strategy in known if strategy is not None]
    required = {each.name: strategy for each, strategy in strategies if each.default is None}
    optional = {each.name: strategy for each, strategy in strategies if each.default is not None}
    always = ALWAYS.get(name.path, {})
    found: list[Arguments] = []

    def collect(strategy: Strategy, examples: int) -> None:
        @settings(
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=examples,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def keep(arguments: Arguments) -> None:
            whole = _allowed({**arguments, **always})
            if whole not in found:
                found.append(whole)

        keep()

    collect(st.fixed_dictionaries(required), 1)
    if name.kind in _WHOLE:
        collect(st.fixed_dictionaries({**required, **optional}), 2 * count)
    elif required or optional:
        collect(st.fixed_dictionaries(required, optional=optional), 8 * count)
    return [found[0], *sorted(found[1:], key=len, reverse=True)[: count - 1]]


def _own(name: PublicName) -> list[Parameter]:
    """Return the parameters that are drawn; the comparison passes the arrays before them."""
    if name.kind == "lookup":
        return []
    arrays = {"activation": 1, "loss function": 2}.get(name.kind or "", 0)
    return list(name.parameters[arrays:])


def _allowed(arguments: Mapping[str, Any]) -> Arguments:
    """Return the arguments, keeping the first of those that exclude each other."""
    whole = dict(arguments)
    for names in _ONE_OF:
        for extra in [each for each in names if whole.get(each) is not None][1:]:
            del whole[extra]
    if not whole.get("use_ema"):
        whole.pop("ema_overwrite_frequency", None)
    return whole
