"""Scenarios as TOML: read, checked field by field and turned into the frozen value, and written to start from."""

import inspect
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from bench.core.errors import UsageError, unknown
from bench.core.evaluate import ACTIVATIONS, LOSSES
from bench.core.randomness import INITIALIZERS
from bench.core.spec import CLASSIFICATION, REGRESSION, EarlyStopping, LayerSpec, NetworkSpec, Scenario
from bench.datasets import TABLE_SUFFIXES, Dataset, of_table, table_of
from bench.datasets import find as find_dataset
from bench.experiments import SCENARIOS, duel
from bench.proof.reference import OPTIMIZERS
from bench.store.files import read_bytes

Count = Annotated[int, Field(ge=1)]
Epochs = Annotated[int, Field(ge=1, le=1_000_000)]
Width = Annotated[int, Field(ge=1, le=1_000_000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Score = Annotated[float, Field(gt=0, le=1)]

# A trial keeps the weights of every snapshot on the disk until they are evaluated.
_MOST_SNAPSHOT_BYTES = 16e9

# Keys that a user may look for, with the reason why there are none.
_NO_KEYS = {
    "lr": "is called learning_rate",
    "dropout": "every framework draws its own masks, so two networks with dropout could not be proven equal",
    "schedule": "Keras computes schedules in float32, even in float64, so two networks could not be proven equal",
}

# Why an optimizer that Keras and numpy_nn have cannot be trained here.
_UNPROVEN = {
    "nadam": "Keras computes the decay of its momentum in float32, even in float64",
    "lion": "it takes the sign of a mean, which rounding alone can turn around",
}

# The losses that compare probabilities, each with the activation that makes them.
_NEEDS = {
    "binary_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}


class Fit(BaseModel):
    """The keys of the table ``[fit]``: see `EarlyStopping`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    patience: Count
    monitor: Literal["train_loss", "validation_loss"] = "validation_loss"
    min_delta: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    validation_share: Annotated[float, Field(gt=0, lt=1)] = 0.2


class Regularizer(BaseModel):
    """The keys of the table ``[regularizer]``: the weights of the penalties on every kernel, as in Keras's ``L1L2``."""

    model_config = ConfigDict(extra="forbid", strict=True)

    l1: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    l2: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class ScenarioFile(BaseModel):
    """The keys of a scenario file, named as in `Scenario` and `NetworkSpec`; `as_toml` writes such a file.

    Attributes:
        name: of the scenario and of its suite; the file's own unless given.
        dataset: a name, or the file of a user's own table, by its path from the scenario's file; left out where the
            command line names the table.
        target: the table's column to predict.
        task: ``"classification"`` or ``"regression"``, where the target's values do not tell.
        layers: widths, from the inputs to the outputs. For the first may stand ``"features"``, for the last
            ``"outputs"``: then the data tells them.
        activations: one for each layer but the inputs.
        batch_size: rows an update, or ``"all"``.
        target_accuracy: the training accuracy whose first crossing is timed.
        target_r2: the training R², in place of the accuracy, of a regression.
        optimizer_options: further arguments of the optimizer.
        fit: when training ends early.
        regularizer: penalties on the kernels.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
    dataset: str
    target: str | None = None
    task: Literal["classification", "regression"] | None = None
    layers: Annotated[list[Width | Literal["features", "outputs"]], Field(min_length=2)]
    activations: list[str]
    loss: str
    optimizer: str
    learning_rate: Positive
    batch_size: Count | Literal["all"]
    epochs: Epochs
    shuffle: bool
    dtype: str
    initializer: str
    target_accuracy: Score | None = None
    target_r2: Score | None = None
    epochs_per_snapshot: Count = 1
    hold_updates: Count | None = None
    optimizer_options: dict[str, Finite | bool] = {}
    fit: Fit | None = None
    regularizer: Regularizer | None = None

    @field_validator("loss", "optimizer", "dtype", "initializer")
    @classmethod
    def _name_is_known(cls, value: str, info: Any) -> str:
        known = {
            "loss": LOSSES,
            "optimizer": OPTIMIZERS,
            "dtype": ("float32", "float64"),
            "initializer": INITIALIZERS,
        }
        if value in _UNPROVEN:
            raise ValueError(f"{value} cannot be proven equal, since {_UNPROVEN[value]}")
        return _known(info.field_name, value, known[info.field_name])

    @field_validator("activations")
    @classmethod
    def _activations_are_known(cls, values: list[str]) -> list[str]:
        return [_known("activation", value, ACTIVATIONS) for value in values]

    @model_validator(mode="after")
    def _goes_together(self) -> "ScenarioFile":
        if self.name in SCENARIOS:
            raise ValueError(f"name: must not be that of a scenario of the harness, got {self.name!r}; rename the file")
        try:
            dataset = find_dataset(self.data)
        except UsageError as error:
            raise ValueError(f"dataset: {error}") from error
        if len(self.activations) != len(self.layers) - 1:
            raise ValueError(
                f"activations: must be one for each layer but the inputs, {len(self.layers) - 1} for these layers, "
                f"got {len(self.activations)}"
            )
        needed = _NEEDS.get(self.loss)
        if self.fit is not None and (self.hold_updates is not None or self.epochs_per_snapshot != 1):
            raise ValueError("fit: must stand without hold_updates, and with epochs_per_snapshot = 1")
        if needed is not None and self.activations[-1] != needed:
            raise ValueError(f"loss: {self.loss} needs {needed} as the last activation, got {self.activations[-1]}")
        self._check_fits(dataset)
        snapshot_bytes = 8.0 * sum((below + 1) * units for below, units in pairwise(self._widths(dataset)))
        snapshots = self.epochs // self.epochs_per_snapshot + 2
        if snapshots * snapshot_bytes > _MOST_SNAPSHOT_BYTES:
            raise ValueError(
                f"epochs_per_snapshot: must be such that the weights of all snapshots take at most "
                f"{_MOST_SNAPSHOT_BYTES / 1e9:.0f} GB, got {snapshots:,} snapshots of {snapshot_bytes / 1e9:.3g} GB"
            )
        taken = [name for name in inspect.signature(OPTIMIZERS[self.optimizer]).parameters if name != "learning_rate"]
        for option in self.optimizer_options:
            if option in ScenarioFile.model_fields or option in _NO_KEYS:
                why = _NO_KEYS.get(option, "is a key of the scenario; it must stand above the tables in brackets")
                raise ValueError(f"{option}: {why}")
            _known(f"option of {self.optimizer}", option, taken)
        return self

    @property
    def data(self) -> str:
        """The data set's name: see `bench.datasets.of_table`."""
        return self.dataset if self.target is None else of_table(Path(self.dataset), self.target, self.task)

    def _widths(self, dataset: Dataset) -> list[int]:
        """Return the widths, with those that the data tells."""
        told = {"features": dataset.features, "outputs": dataset.outputs}
        if "features" in self.layers[1:] or "outputs" in self.layers[:-1]:
            raise ValueError("layers: 'features' can only be the first, and 'outputs' the last")
        return [told[width] if isinstance(width, str) else width for width in self.layers]

    def _check_fits(self, dataset: Dataset) -> None:
        """Raise a ValueError if the network does not fit this data."""
        inputs, *_, outputs = self._widths(dataset)
        if self.task not in (None, dataset.task):
            raise ValueError(f"task: {dataset.name} is a {dataset.task}, got {self.task}")
        if inputs != dataset.features:
            names = f" ({', '.join(dataset.names[:_NAMED])}{', …' * (len(dataset.names) > _NAMED)})" * bool(
                dataset.names
            )
            raise ValueError(
                f"layers: must begin with the {dataset.features} features of {dataset.name}{names}, got {inputs}"
            )
        wanted, other = _TARGETS if dataset.task == CLASSIFICATION else _TARGETS[::-1]
        if getattr(self, other) is not None:
            raise ValueError(f"{other}: a {dataset.task} has {wanted} in its place")
        if getattr(self, wanted) is None:
            raise ValueError(f"{wanted}: is missing; a {dataset.task} needs it")
        if dataset.task == REGRESSION:
            if (self.loss, self.activations[-1], outputs) != ("mean_squared_error", "linear", 1):
                raise ValueError(
                    f"loss: a regression needs mean_squared_error, behind one output with the activation linear, got "
                    f"{self.loss}, {outputs} and {self.activations[-1]}"
                )
        elif self.loss == "sparse_categorical_crossentropy":
            if outputs < dataset.classes:
                raise ValueError(
                    f"layers: must end with the {dataset.classes} classes of {dataset.name}, got {outputs}"
                )
        elif dataset.classes > 2:
            raise ValueError(
                f"loss: must be sparse_categorical_crossentropy for the {dataset.classes} classes of {dataset.name}, "
                f"got {self.loss}"
            )
        elif outputs != 1:
            raise ValueError(f"layers: must end with one output for two classes and {self.loss}, got {outputs}")

    def scenario(self) -> Scenario:
        """Return the frozen value; `_values` is the way back."""
        widths = pairwise(self._widths(find_dataset(self.data)))
        penalty = self.regularizer or Regularizer()
        values = dict(self) | {
            "layers": tuple(
                LayerSpec(*each, name, penalty.l1, penalty.l2)
                for each, name in zip(widths, self.activations, strict=True)
            ),
            "stopping": None if self.fit is None else EarlyStopping(**dict(self.fit)),
            "batch_size": None if self.batch_size == "all" else self.batch_size,
            "optimizer_options": tuple(self.optimizer_options.items()),
            "dataset": self.data,
            "task": CLASSIFICATION if self.target_r2 is None else REGRESSION,
            "target_accuracy": self.target_accuracy or self.target_r2,
        }
        values["network"] = NetworkSpec(**{each.name: values[each.name] for each in fields(NetworkSpec)})
        return Scenario(**{each.name: values[each.name] for each in fields(Scenario)})


# So many features are named in a message.
_NAMED = 40

# The key of the target of a classification, and of a regression.
_TARGETS = ("target_accuracy", "target_r2")


def read_scenario(path: Path, data: str | None = None) -> Scenario:
    """Return the scenario in a TOML file, on the data set of this name if one is given.

    Raises:
        UsageError: if it cannot be read or is not TOML, or for the first field that is wrong, which is named; also if
            both the file and ``data`` name a data set.
    """
    try:
        text = read_bytes(path).decode()
    except FileNotFoundError as error:
        raise UsageError(f"scenario file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"scenario file {path} must be text in UTF-8: {error.reason}") from error
    try:
        values = {"name": path.stem, **tomllib.loads(text)}
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(
            f"scenario file {path} is not TOML: {error}; true and false are lower case, numbers have a decimal point, "
            f"texts stand in quotes, and a key stands once"
        ) from error
    try:
        return ScenarioFile.model_validate(_with_data(values, path, data)).scenario()
    except ValidationError as error:
        raise UsageError(f"scenario file {path}: {_sentence(_first(error))}") from error


def _with_data(values: dict[str, Any], path: Path, data: str | None) -> dict[str, Any]:
    """Return a file's values with the table of the command line, or with its own found from the file's folder."""
    named = next((key for key in ("target", "task", "dataset") if key in values), None)
    table = None if data is None else table_of(data)
    if table is not None:
        if named is not None:
            raise UsageError(
                f"scenario file {path} has a {named} of its own, {values[named]!r:.80}; leave out that, or --data"
            )
        return values | {"dataset": str(table[0]), "target": table[1], "task": table[2]}
    name = values.get("dataset")
    if name is None:
        raise UsageError(
            f"scenario file {path}: dataset: is missing; name a data set or a table's file, or run it with --data FILE "
            f"--target COLUMN"
        )
    if isinstance(name, str) and Path(name).suffix.lower() in TABLE_SUFFIXES:
        if "target" not in values:
            raise UsageError(f"scenario file {path}: target: is missing; name the column of {name} to predict")
        return values | {"dataset": str(path.parent / name)}
    if named != "dataset":
        raise UsageError(
            f"scenario file {path}: {named}: belongs to a table, which dataset must name; got {name!r:.80}"
        )
    return values


def _known(kind: str, name: str, known: Iterable[str]) -> str:
    if name not in known:
        raise ValueError(str(unknown(kind, name, known)))
    return name


# Tables of a file with keys of their own.
_TABLES: dict[str, type[BaseModel]] = {"fit": Fit, "regularizer": Regularizer}


def _first(error: ValidationError) -> ErrorDetails:
    """Return the error to tell: an unknown key, since the missing one may be what was meant, or else the first."""
    found = error.errors()
    return next((each for each in found if each["type"] == "extra_forbidden"), found[0])


def _sentence(error: ErrorDetails) -> str:
    """Return what pydantic found, as: field, what was expected, what came."""
    field = ".".join(str(part) for part in error["loc"] if not str(part).startswith(("literal", "constrained")))
    if error["type"] == "extra_forbidden":
        key, kind = str(error["loc"][-1]), _TABLES.get(str(error["loc"][0]), ScenarioFile)
        return f"{key}: {_NO_KEYS[key]}" if key in _NO_KEYS else str(unknown("key", key, kind.model_fields))
    if error["type"] == "missing":
        return f"{field}: is missing; bench show {duel.EXPERIMENT.name} prints a scenario with every key"
    if error["type"] == "value_error":
        words = error["msg"].removeprefix("Value error, ")
        return f"{field}: {words}" if field else words
    expected = error["msg"][0].lower() + error["msg"][1:]
    return f"{field}: {expected}, got {error['input']!r}"


def check_scenario(scenario: Scenario) -> None:
    """Check a scenario of a user's own experiment as the fields of a scenario file are checked.

    Raises:
        UsageError: for the first field that is wrong, which is named.
    """
    layers = scenario.network.layers
    where = f"scenario {scenario.name!r}"
    for below, layer in pairwise(layers):
        if layer.inputs != below.units:
            raise UsageError(f"{where}: layers: each must have as many inputs as the one below has units, got {layers}")
    values = {"learning_rate": 1.0, **_values(scenario)}  # any rate stands for Keras's default
    try:
        ScenarioFile.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{where}: {_sentence(_first(error))}") from error


def as_toml(scenario: Scenario) -> str:
    """Return a scenario as TOML, to start a file of the user's own from."""
    values = _values(scenario)
    del values["name"]
    tables = {name: values.pop(name, {}) for name in ("optimizer_options", "fit", "regularizer")}
    how = ": to start from; save as mine.toml and run: bench run ./mine.toml" if scenario.name in SCENARIOS else ""
    head = f"# {scenario.name}{how}\n"
    written = [f"[{name}]\n{_assignments(table)}" for name, table in tables.items() if table]
    return "\n".join([head + _assignments(values), *written])


def _values(scenario: Scenario) -> dict[str, Any]:
    """Return the keys and values of a scenario's file, in their order; what is None has no key."""
    network = scenario.network
    values = {
        **vars(network),
        **vars(scenario),
        **_data_values(scenario),
        "layers": [network.layers[0].inputs, *(layer.units for layer in network.layers)],
        "activations": [layer.activation for layer in network.layers],
        "batch_size": network.batch_size or "all",
        "optimizer_options": dict(network.optimizer_options),
        "fit": None if scenario.stopping is None else asdict(scenario.stopping),
        "regularizer": {"l1": network.layers[0].l1, "l2": network.layers[0].l2} if network.is_penalized else None,
    }
    return {key: values[key] for key in ScenarioFile.model_fields if values[key] is not None}


def _data_values(scenario: Scenario) -> dict[str, Any]:
    """Return the keys of a scenario's data, and of its target."""
    table = table_of(scenario.dataset)
    path, target, task = (scenario.dataset, None, None) if table is None else table
    wanted, other = _TARGETS if scenario.task == CLASSIFICATION else _TARGETS[::-1]
    return {"dataset": str(path), "target": target, "task": task, wanted: scenario.target_accuracy, other: None}


def _assignments(values: Mapping[str, object]) -> str:
    # JSON writes strings, numbers, truths and lists of them as TOML does
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
