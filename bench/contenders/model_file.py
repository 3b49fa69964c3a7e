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
_SERVED = ". To serve it without Keras, numpy_nn.models.load_model reads it as it is"

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
_PLAIN_LOSS = {"label_smoothing": 0.0, "ignore_class": None, "reduction": "sum_over_batch_size"}
# The activation of the last layer whose logits these losses take.
_OF_LOGITS = {
    "binary_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
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
        UsageError: if it is no such file, if it is not compiled, or if it holds what the harness does not have, all of
            which is named.
    """
    model = _load(path)
    if not model.built:
        raise UsageError(f"{path} must hold a built model: give its first layer an Input")
    if to_train and not model.is_compiled:
        raise UsageError(f"{path} must hold a compiled model, which says loss and optimizer; compile it before saving")
    wrong: list[str] = []
    layers, notes = _layers(model, wrong)
    loss, optimizer, rate = "mean_squared_error", "sgd", LEARNING_RATES["sgd"]
    options: Options = ()
    if to_train:
        loss, layers = _loss(model.loss, layers, notes, wrong)
        optimizer, rate, options = _optimizer(model.optimizer, wrong)
    if wrong:
        raise UsageError(f"{path} holds what cannot be trained here: {'; '.join(wrong)}{_SERVED}")
    network = NetworkSpec(layers, loss, optimizer, rate, options, batch_size, model.dtype.name)
    return ModelFile(network, tuple(dict.fromkeys(notes)))


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


def _layers(model: Any, wrong: list[str]) -> tuple[tuple[LayerSpec, ...], list[str]]:
    """Return the dense layers, each with the activation behind it, and what is left out; add what is not supported."""
    found: list[LayerSpec] = []
    notes: list[str] = []
    kinds = [type(layer).__name__ for layer in model.leaves]
    known = ("Dense", "Activation", "ReLU", "Softmax", *_LEFT_OUT)
    others = [kind for kind in dict.fromkeys(kinds) if kind not in known]
    if others:
        wrong.append(_unsupported("the layers", ", ".join(others), known))
    width = model.input_shape[-1]
    for layer, kind in zip(model.leaves, kinds, strict=True):
        if kind in _LEFT_OUT:
            notes += [_LEFT_OUT[kind]] if _LEFT_OUT[kind] else []
        if kind in _LEFT_OUT or kind in others:
            continue
        config = layer.get_config()
        activation = kind.lower() if kind in ("ReLU", "Softmax") else config["activation"]
        if not isinstance(activation, str) or activation not in ACTIVATIONS:
            wrong.append(_unsupported(f"the activation of the layer {layer.name}", str(activation), ACTIVATIONS))
            activation = "linear"
        if kind != "Dense":
            wrong += _not_plain(f"the layer {layer.name}", config, _PLAIN_ACTIVATION)
            if found and found[-1].activation == "linear":
                found[-1] = replace(found[-1], activation=activation)
            elif not others:  # which may stand before it
                wrong.append(f"{layer.name}, an activation of its own, must have a linear Dense layer before it")
            continue
        wrong += _not_plain(f"the layer {layer.name}", config, _PLAIN_LAYER)
        found.append(LayerSpec(width, layer.units, activation, *_penalties(layer, wrong)))
        width = layer.units
    if not found and not others:
        wrong.append("there must be at least one Dense layer, got none")
    return tuple(found), notes


def _loss(
    loss: Any, layers: tuple[LayerSpec, ...], notes: list[str], wrong: list[str]
) -> tuple[str, tuple[LayerSpec, ...]]:
    """Return the loss by Keras's name, and the layers: with the activation that a loss from logits has in itself."""
    config = loss.get_config()
    if loss.name not in LOSSES:
        wrong.append(_unsupported("the loss", loss.name, LOSSES))
    wrong += _not_plain(f"the loss {loss.name}", config, _PLAIN_LOSS)
    if not config.get("from_logits") or loss.name not in _OF_LOGITS or not layers:
        return loss.name, layers
    last, activation = layers[-1], _OF_LOGITS[loss.name]
    if last.activation == "linear":
        notes.append(f"the loss takes logits; here the last layer has its {activation}, and so predicts probabilities")
    elif last.activation != activation:  # behind that activation Keras takes the logits, too
        wrong.append(f"the loss {loss.name} takes logits, so the last layer must be linear, got {last.activation}")
    return loss.name, (*layers[:-1], replace(last, activation=activation))


def _penalties(layer: Any, wrong: list[str]) -> tuple[float, float]:
    """Return the weights of the L1 and the L2 penalty on a layer's kernel."""
    penalty = layer.kernel_regularizer
    if penalty is None:
        return 0.0, 0.0
    if type(penalty).__name__ not in ("L1", "L2", "L1L2"):
        wrong.append(_unsupported(f"the regularizer of {layer.name}", type(penalty).__name__, ("L1", "L2", "L1L2")))
    return float(getattr(penalty, "l1", 0.0)), float(getattr(penalty, "l2", 0.0))


def _optimizer(optimizer: Any, wrong: list[str]) -> tuple[str, float, Options]:
    """Return an optimizer's name, its rate, and its options that are not Keras's defaults."""
    name, config = type(optimizer).__name__.lower(), optimizer.get_config()
    if name not in OPTIMIZERS:
        wrong.append(_unsupported("the optimizer", type(optimizer).__name__, OPTIMIZERS))
    if not isinstance(config["learning_rate"], float):
        wrong.append(
            "the learning rate must be a number, got a schedule, which Keras computes in float32, even in float64: the "
            "two sides could not be proven equal"
        )
    usual = type(optimizer)().get_config()
    decay = () if name == "adamw" else ("weight_decay",)
    wrong += _not_plain(f"the optimizer {name}", config, {key: usual[key] for key in (*_PLAIN_OPTIMIZER, *decay)})
    chosen = {key: value for key, value in config.items() if key not in _NO_OPTIONS and value != usual[key]}
    return name, config["learning_rate"], tuple(chosen.items())


def _not_plain(where: str, config: Mapping[str, Any], plain: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the arguments that have another value than the one that the harness supports."""
    return [
        f"{where} must have {name}={value!r}, got {config[name]!r:.80}"
        for name, value in plain.items()
        if name in config and config[name] != value
    ]


def _unsupported(what: str, came: str, known: Iterable[str]) -> str:
    return f"{what} must be among {', '.join(known)}, got {came}"
