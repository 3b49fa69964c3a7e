"""The plain values that the harness shares: what is trained, and what a contender must provide."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:  # listing the scenarios should not wait for NumPy
    import numpy as np
    import numpy.typing as npt

FloatArray: TypeAlias = "npt.NDArray[np.floating[Any]]"
IntArray: TypeAlias = "npt.NDArray[np.integer[Any]]"
AnyArray: TypeAlias = "npt.NDArray[Any]"
Options: TypeAlias = tuple[tuple[str, float | bool], ...]

# What a network learns: to name the class of a row, or to predict a quantity.
CLASSIFICATION, REGRESSION = TASKS = ("classification", "regression")

# Keras's learning rate of each optimizer that twins, reference and proof support, by Keras's names.
LEARNING_RATES = {
    "adadelta": 0.001,
    "adagrad": 0.001,
    "adam": 0.001,
    "adamax": 0.001,
    "adamw": 0.001,
    "rmsprop": 0.001,
    "sgd": 0.01,
}
OPTIMIZERS = tuple(LEARNING_RATES)

# How the file of a Keras model ends.
MODEL_SUFFIX = ".keras"


@dataclass(frozen=True)
class LayerSpec:
    """A dense layer: its inputs, its units, and its activation by Keras's name.

    ``l1`` and ``l2`` are the weights of the penalties on its kernel, ``l1 sum|w| + l2 sum w²``, as in Keras's ``L1L2``.
    """

    inputs: int
    units: int
    activation: str
    l1: float = 0.0
    l2: float = 0.0


@dataclass(frozen=True)
class NetworkSpec:
    """Everything a contender needs to build its network; names are Keras's.

    Attributes:
        layers: from the input to the output.
        loss: Keras's name; computed from the logits behind a sigmoid or softmax.
        optimizer: one of `OPTIMIZERS`.
        learning_rate: the step's size, always a number.
        optimizer_options: further arguments of Keras's optimizer, as pairs; omitted ones have Keras's defaults.
        batch_size: rows per update, fewer in the last of an epoch if need be; None means all rows at once.
        dtype: ``"float32"`` or ``"float64"``.
    """

    layers: tuple[LayerSpec, ...]
    loss: str
    optimizer: str
    learning_rate: float
    optimizer_options: Options
    batch_size: int | None
    dtype: str

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "NetworkSpec":
        """Return the spec from the JSON form of `dataclasses.asdict`."""
        layers = tuple(LayerSpec(**layer) for layer in given["layers"])
        options = tuple((name, value) for name, value in given["optimizer_options"])
        return cls(**{**given, "layers": layers, "optimizer_options": options})

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return sum((layer.inputs + 1) * layer.units for layer in self.layers)

    @property
    def is_penalized(self) -> bool:
        """Whether a layer has a penalty on its kernel."""
        return any(layer.l1 or layer.l2 for layer in self.layers)

    @property
    def weight_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of kernel (inputs, units) and bias (units,) of each layer, in Keras's order."""
        return tuple(shape for each in self.layers for shape in ((each.inputs, each.units), (each.units,)))

    def split(self, parameters: FloatArray) -> list[FloatArray]:
        """Return one vector of all weights and biases, (parameters,), as arrays of `weight_shapes`."""
        arrays: list[FloatArray] = []
        start = 0
        for shape in self.weight_shapes:
            stop = start + math.prod(shape)
            arrays.append(parameters[start:stop].reshape(shape))
            start = stop
        return arrays


@dataclass(frozen=True)
class EarlyStopping:
    """Training that ends once a loss no longer falls, decided by the harness, so for all contenders alike.

    Attributes:
        monitor: ``"train_loss"``, or ``"validation_loss"`` over training rows that are set aside.
        patience: epochs without improvement after which training ends.
        min_delta: a smaller improvement counts as none.
        validation_share: the share of the training rows that is set aside for ``"validation_loss"``.
    """

    monitor: str
    patience: int
    min_delta: float = 0.0
    validation_share: float = 0.2

    @property
    def sets_aside(self) -> float:
        """The share of the training rows that is not trained on."""
        return self.validation_share if self.monitor == "validation_loss" else 0.0


@dataclass(frozen=True)
class Scenario:
    """What is trained, and on which data; a frozen value, so a new experiment is a new row, not a new branch.

    Attributes:
        name: unique among the scenarios.
        dataset: the name of a data set in `bench.datasets`.
        network: the network and its optimizer.
        epochs: the number of passes through the training rows.
        initializer: how the harness draws the initial weights, a name in `bench.core.randomness`; or the file of a
            Keras model, whose weights they are.
        shuffle: whether the rows are shuffled for each epoch.
        target_accuracy: the training accuracy, or R² in a regression, whose first crossing is timed.
        epochs_per_snapshot: epochs between the evaluated snapshots of the weights; the last epoch always has one.
        hold_updates: training ends early once the target has held for this many updates; None means never.
        task: ``"classification"`` or ``"regression"``.
        stopping: when training ends early for want of progress; None means never.
    """

    name: str
    dataset: str
    network: NetworkSpec
    epochs: int
    initializer: str
    shuffle: bool
    target_accuracy: float
    epochs_per_snapshot: int = 1
    hold_updates: int | None = None
    task: str = CLASSIFICATION
    stopping: EarlyStopping | None = None

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Scenario":
        """Return the scenario from the JSON form of `dataclasses.asdict`."""
        stopping = given.get("stopping")
        read = {
            "network": NetworkSpec.from_json(given["network"]),
            "stopping": None if stopping is None else EarlyStopping(**stopping),
        }
        return cls(**{**given, **read})

    @property
    def is_of_model(self) -> bool:
        """Whether training starts from the weights in a model's file."""
        return self.initializer.endswith(MODEL_SUFFIX)

    @property
    def is_planar(self) -> bool:
        """Whether its network tells two classes apart in a plane, so that what it learned can be drawn."""
        layers = self.network.layers
        return (self.task, layers[0].inputs, layers[-1].units) == (CLASSIFICATION, 2, 1)

    def rows_trained(self, rows: int) -> int:
        """Return how many of the training rows are trained on: all but those set aside to stop by, and at least one."""
        share = 0.0 if self.stopping is None else self.stopping.sets_aside
        return max(1, rows - max(1, round(share * rows))) if share else rows

    def updates_per_epoch(self, rows: int) -> int:
        """Return the number of batches that ``rows`` rows make."""
        return -(-rows // (self.network.batch_size or rows))


# The suite of the trials that a contender runs against itself.
AA = "aa"


@dataclass(frozen=True)
class MapPoint:
    """One point of the update map: a network whose hidden layers share one width, and a batch size.

    Attributes:
        width: units of every hidden layer, and inputs of the first.
        depth: hidden layers.
        batch: rows per update.
    """

    width: int
    depth: int
    batch: int


@dataclass(frozen=True)
class Probe:
    """What a probe (a measuring process) measures instead of training a scenario.

    Attributes:
        name: the module in `bench.trials` whose ``measure`` does it.
        cases: the points that it measures in turn; empty to measure only the scenario's own network.
        quick_cases: those of a quick run.
    """

    name: str
    cases: tuple[MapPoint, ...] = ()
    quick_cases: tuple[MapPoint, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One contender on one scenario: a line of an experiment's plan.

    Attributes:
        scenario: what is trained or measured.
        contender: its name.
        pair: the comparison that this side belongs to.
        first_seed_only: run at the first seed only, for a figure that is shown but not compared.
        not_in_quick: left out of a quick run.
        probe: what the process measures instead of training; None if it trains.
        threads: the number of threads if the plan fixes it; None takes the user's.
    """

    scenario: Scenario
    contender: str
    pair: str
    first_seed_only: bool = False
    not_in_quick: bool = False
    probe: Probe | None = None
    threads: int | None = None


class OrdersOfRows(Protocol):
    """One permutation of the rows for each epoch, made on demand: it has a length, but no items by number."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[IntArray]: ...


class Network(Protocol):
    """What a contender builds. A method ``warm_up(x, y)`` is optional.

    ``warm_up`` compiles for full and ragged batches, and leaves weights and optimizer state exactly as before. In a
    trial it is called with other rows and weights than those that are trained. A method
    ``save(path) -> Path`` is optional too: it writes the network in its framework's own format, under the path with the
    format's suffix, and returns the file.
    """

    def get_weights(self) -> list[FloatArray]:
        """Return copies of kernel (inputs, units) and bias (units,) of each layer, in Keras's order."""
        ...

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set copies of the given arrays."""
        ...

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        """Train for ``len(orders)`` epochs, each in its order of rows, calling ``on_epoch_end()`` after each.

        x is (rows, features), y (rows, outputs) or, for integer labels, (rows,). An order is a permutation, (rows,).
        Return when every update is done.
        """
        ...

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the last layer's activations, (rows, outputs)."""
        ...


class Contender(Protocol):
    """A module, or a user's file, that can build the network.

    A function ``bind_threads(threads) -> int`` is optional: it bounds the framework's threads before anything is built
    and returns how many it reads back.
    """

    def build(self, spec: NetworkSpec) -> Network:
        """Return a new network; raise NotImplementedError if this contender does not support ``spec``."""
        ...
