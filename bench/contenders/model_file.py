"""A Keras model in a file as a network that every contender can build: numpy_nn opens it and runs none of its code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.core.errors import UsageError
from bench.core.evaluate import ACTIVATIONS, LOSSES
from bench.core.spec import LEARNING_RATES, OPTIMIZERS, FloatArray, LayerSpec, NetworkSpec, Options

# The end of a refusal: the file was read, so numpy_nn has all of it.
_SERVED = "; to serve it without Keras, numpy_nn.models.load_model reads it as it is"

# Layers that change nothing of a row of features, or nothing but by chance.
_LEFT_OUT = {
    "InputLayer": "",
    "Flatten": "",
    "Dropout": "dropout is left out: every framework draws its own masks, so two could not be proven equal",
}

# The arguments of a layer and of an optimizer that must have these values, since the harness has no other.
_PLAIN_LAYER = {
    "use_bias": True,
    "trainable": True,
    "bias_regularizer": None,
    "kernel_constraint": None,
    "bias_constraint": None,
}
_PLAIN_ACTIVATION = {"max_value": None, "negative_slope": 0.0, "threshold": 0.0, "axis": -1}
_PLAIN_LOSS = {"from_logits": False, "label_smoothing": 0.0, "ignore_class": None, "reduction": "sum_over_batch_size"}
# These of an optimizer must have its defaults; AdamW's own decay may have any value.
_PLAIN_OPTIMIZER = ("clipnorm", "clipvalue", "global_clipnorm", "use_ema", "gradient_accumulation_steps")
_NO_OPTIONS = {"name", "learning_rate", "loss_scale_factor", "ema_momentum", "ema_overwrite_frequency"}


@dataclass(frozen=True)
class ModelFile:
    """What a file holds.

    Attributes:
        network: the architecture, and how it was compiled.
        notes: what the harness leaves out of it, as sentences.
    """

    network: NetworkSpec
    notes: tuple[str, ...]


def read_model(path: Path, batch_size: int, *, to_train: bool = True) -> ModelFile:
    """Return the network in a ``.keras`` file; what it was compiled with matters only where it is to be trained.

    Raises:
        UsageError: if it is no such file, if it is not compiled, or if it holds what the harness does not have, which
            is named.
    """
    model = _load(path)
    layers, notes = _layers(path, model)
    if not to_train:
        network = NetworkSpec(
            layers, "mean_squared_error", "sgd", LEARNING_RATES["sgd"], (), batch_size, model.dtype.name
        )
        return ModelFile(network, tuple(notes))
    if not model.is_compiled:
        raise UsageError(f"{path} must hold a compiled model, which says loss and optimizer; compile it before saving")
    loss = model.loss.name
    if loss not in LOSSES:
        raise _unsupported(path, "the loss", loss, LOSSES)
    _check_plain(path, f"the loss {loss}", model.loss.get_config(), _PLAIN_LOSS)
    optimizer, rate, options = _optimizer(path, model.optimizer)
    return ModelFile(NetworkSpec(layers, loss, optimizer, rate, options, batch_size, model.dtype.name), tuple(notes))


@lru_cache(maxsize=4)
def _weights(path: Path, _changed_ns: int) -> tuple[FloatArray, ...]:
    return tuple(array.astype("float64") for array in _load(path).get_weights())


def read_weights(path: Path) -> list[FloatArray]:
    """Return the weights in a ``.keras`` file, in float64: kernel (inputs, units) and bias (units,) of each layer.

    Raises:
        UsageError: as in `read_model`.
    """
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError as error:
        raise UsageError(f"the model file {path} must exist: {error.strerror}") from error
    return [array.copy() for array in _weights(path, changed_ns)]


def _load(path: Path) -> Any:
    from numpy_nn.saving import load_model

    try:
        return load_model(path)
    except FileNotFoundError as error:
        raise UsageError(f"the model file {path} must exist, but there is no such file") from error
    except (ValueError, OSError, ImportError) as error:
        raise UsageError(str(error)) from error


def _layers(path: Path, model: Any) -> tuple[tuple[LayerSpec, ...], list[str]]:
    """Return the dense layers, each with the activation behind it, and what is left out."""
    if not model.built:
        raise UsageError(f"{path} must hold a built model: give its first layer an Input")
    found: list[LayerSpec] = []
    notes: list[str] = []
    kinds = [type(layer).__name__ for layer in model.leaves]
    known = ("Dense", "Activation", "ReLU", "Softmax", *_LEFT_OUT)
    wrong = [kind for kind in dict.fromkeys(kinds) if kind not in known]
    if wrong:
        raise _unsupported(path, "the layers", ", ".join(wrong), known)
    width = model.input_shape[-1]
    for layer, kind in zip(model.leaves, kinds, strict=True):
        if kind in _LEFT_OUT:
            notes += [_LEFT_OUT[kind]] if _LEFT_OUT[kind] else []
            continue
        config = layer.get_config()
        activation = kind.lower() if kind in ("ReLU", "Softmax") else config["activation"]
        if not isinstance(activation, str) or activation not in ACTIVATIONS:
            raise _unsupported(path, f"the activation of the layer {layer.name}", str(activation), ACTIVATIONS)
        if kind != "Dense":
            _check_plain(path, f"the layer {layer.name}", config, _PLAIN_ACTIVATION)
            if not found or found[-1].activation != "linear":
                raise UsageError(f"{path} must have a linear Dense layer before {layer.name}, an activation of its own")
            found[-1] = replace(found[-1], activation=activation)
            continue
        _check_plain(path, f"the layer {layer.name}", config, _PLAIN_LAYER)
        found.append(LayerSpec(width, layer.units, activation, *_penalties(path, layer)))
        width = layer.units
    if not found:
        raise UsageError(f"{path} must hold at least one Dense layer, got none")
    return tuple(found), list(dict.fromkeys(notes))


def _penalties(path: Path, layer: Any) -> tuple[float, float]:
    """Return the weights of the L1 and the L2 penalty on a layer's kernel."""
    penalty = layer.kernel_regularizer
    if penalty is None:
        return 0.0, 0.0
    if type(penalty).__name__ not in ("L1", "L2", "L1L2"):
        raise _unsupported(path, f"the regularizer of {layer.name}", type(penalty).__name__, ("L1", "L2", "L1L2"))
    return float(getattr(penalty, "l1", 0.0)), float(getattr(penalty, "l2", 0.0))


def _optimizer(path: Path, optimizer: Any) -> tuple[str, float, Options]:
    """Return an optimizer's name, its rate, and its options that are not Keras's defaults."""
    name, config = type(optimizer).__name__.lower(), optimizer.get_config()
    if name not in OPTIMIZERS:
        raise _unsupported(path, "the optimizer", type(optimizer).__name__, OPTIMIZERS)
    if not isinstance(config["learning_rate"], float):
        raise UsageError(
            f"{path}: the learning rate must be a number to be trained here, got a schedule, which Keras computes in "
            f"float32, even in float64: the two sides could not be proven equal"
        )
    usual = type(optimizer)().get_config()
    decay = () if name == "adamw" else ("weight_decay",)
    plain = {key: usual[key] for key in (*_PLAIN_OPTIMIZER, *decay)}
    _check_plain(path, f"the optimizer {name}", config, plain)
    chosen = {key: value for key, value in config.items() if key not in _NO_OPTIONS and value != usual[key]}
    return name, config["learning_rate"], tuple(chosen.items())


def _check_plain(path: Path, where: str, config: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
    """Raise a UsageError if an argument has another value than the one that the harness supports."""
    for name, value in plain.items():
        if name in config and config[name] != value:
            raise UsageError(
                f"{path}: {where} must have {name}={value!r} to be trained here, got {config[name]!r:.80}{_SERVED}"
            )


def _unsupported(path: Path, what: str, came: str, known: Iterable[str]) -> UsageError:
    return UsageError(f"{path}: {what} must be among {', '.join(known)} to be trained here, got {came}{_SERVED}")
