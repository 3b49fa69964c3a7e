"""The proof cases: a network with its loss and optimizer, trained on 250 rows for 320 updates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bench.core.randomness import Orders, glorot_uniform
from bench.core.spec import FloatArray, LayerSpec, NetworkSpec, Options, Scenario

# At a higher rate RMSprop and Adam amplify rounding errors chaotically, and equality would depend on luck.
LEARNING_RATE = 0.001

# 250 rows in batches of 32 are seven full batches and one of 26: 8 updates an epoch.
ROWS = 250
UPDATES = 320

# Keras rounds an optimizer's coefficients through float32, even in float64. These are exact in both.
_MOMENTUM, _RHO, _BETA_1, _BETA_2, _EPSILON = 0.875, 0.875, 0.875, 0.9990234375, 2.0**-23

_WEIGHT_DECAY, _ACCUMULATOR = 2.0**-8, 0.125
_OF_MOMENTS = (("beta_1", _BETA_1), ("beta_2", _BETA_2), ("epsilon", _EPSILON))

EXACT_OPTIONS: dict[str, Options] = {
    "sgd": (),
    "rmsprop": (("rho", _RHO), ("epsilon", _EPSILON)),
    **dict.fromkeys(("adam", "adamax"), _OF_MOMENTS),
    "adamw": (("weight_decay", _WEIGHT_DECAY), *_OF_MOMENTS),
    "adagrad": (("initial_accumulator_value", _ACCUMULATOR), ("epsilon", _EPSILON)),
    "adadelta": (("rho", _RHO), ("epsilon", _EPSILON)),
}


@dataclass(frozen=True)
class ProofCase:
    """One network to prove, in float64 and with options that float32 holds exactly.

    Attributes:
        name: its name in tables.
        network: the network to prove.
        drift: the network as a scenario trains it, with its number type and rate; None without a scenario.
    """

    name: str
    network: NetworkSpec
    drift: NetworkSpec | None = None

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "ProofCase":
        """Return the case from the JSON form of `dataclasses.asdict`."""
        drift = given["drift"]
        return cls(
            given["name"],
            NetworkSpec.from_json(given["network"]),
            None if drift is None else NetworkSpec.from_json(drift),
        )

    @property
    def epochs(self) -> int:
        """The number of epochs in 320 updates."""
        return UPDATES // -(-ROWS // (self.network.batch_size or ROWS))

    def data(self) -> tuple[FloatArray, FloatArray]:
        """Return rows, (250, features), the first of them (1, 0, ...), and labels in the form that the loss takes."""
        rng = np.random.default_rng(7)
        inputs, outputs = self.network.layers[0].inputs, self.network.layers[-1].units
        x = rng.standard_normal((ROWS, inputs))
        x[0] = np.eye(1, inputs)
        if self.network.loss == "mean_squared_error":
            return x, rng.standard_normal((ROWS, outputs))
        if self.network.loss == "binary_crossentropy":
            return x, rng.integers(0, 2, (ROWS, outputs)).astype(np.float64)
        classes = rng.integers(0, outputs, ROWS)
        if self.network.loss == "sparse_categorical_crossentropy":
            return x, classes.astype(np.float64)
        return x, np.eye(outputs)[classes]

    def weights(self) -> list[FloatArray]:
        """Return initial weights: Glorot kernels and nonzero biases, which expose errors in the biases.

        The first layer's biases make its sums zero for the first row, exactly and in any order of summation. There a
        wrong derivative of ReLU at zero shows.
        """
        rng = np.random.default_rng(8)
        weights = [
            array if array.ndim == 2 else 0.1 * rng.standard_normal(array.shape)
            for array in glorot_uniform(self.network, seed=9)
        ]
        weights[1] = -weights[0][0]
        return weights

    def orders(self) -> Orders:
        """Return the order of rows for each epoch; with full batches, rows are not shuffled."""
        return Orders(ROWS, self.epochs, seed=10, shuffle=self.network.batch_size is not None)


def cases_of(scenarios: Iterable[Scenario]) -> list[ProofCase]:
    """Return the cases that a run must prove: one for each different network among its scenarios."""
    cases: dict[NetworkSpec, ProofCase] = {}
    for scenario in scenarios:
        network = replace(
            scenario.network,
            layers=tuple(
                replace(layer, l1=_single(layer.l1), l2=_single(layer.l2)) for layer in scenario.network.layers
            ),
            dtype="float64",
            learning_rate=LEARNING_RATE,
            optimizer_options=_exact(scenario.network),
        )
        cases.setdefault(network, ProofCase(scenario.name, network, drift=scenario.network))
    return list(cases.values())


def all_cases() -> list[ProofCase]:
    """Return cases for every activation, loss and optimizer that the harness supports."""
    hidden = ("relu", "sigmoid", "tanh", "linear", "softmax")
    ends = (
        ("sigmoid", "binary_crossentropy", 1),
        ("sigmoid", "binary_crossentropy", 3),
        ("softmax", "categorical_crossentropy", 3),
        ("softmax", "sparse_categorical_crossentropy", 4),
        ("linear", "mean_squared_error", 1),
        ("tanh", "mean_squared_error", 2),
        ("sigmoid", "mean_squared_error", 1),
        ("softmax", "mean_squared_error", 3),
    )
    optimizers: tuple[tuple[str, Options], ...] = (
        ("sgd", ()),
        ("sgd", (("momentum", _MOMENTUM),)),
        ("sgd", (("momentum", _MOMENTUM), ("nesterov", True))),
        ("rmsprop", EXACT_OPTIONS["rmsprop"]),
        ("rmsprop", (*EXACT_OPTIONS["rmsprop"], ("momentum", _MOMENTUM))),
        ("rmsprop", (*EXACT_OPTIONS["rmsprop"], ("centered", True))),
        ("adam", EXACT_OPTIONS["adam"]),
        ("adam", (*EXACT_OPTIONS["adam"], ("amsgrad", True))),
        *((name, EXACT_OPTIONS[name]) for name in ("adamw", "adamax", "adagrad", "adadelta")),
    )
    activations = [
        _case(f"hidden {name}", [(6, name), (5, name), (1, "sigmoid")], "binary_crossentropy", "sgd", ())
        for name in hidden
    ]
    losses = [
        _case(f"{loss}, {units} × {activation}", [(6, "tanh"), (units, activation)], loss, "sgd", ())
        for activation, loss, units in ends
    ]
    updates = [
        _case(
            f"{name} {', '.join(f'{key}={value:g}' for key, value in options)}".strip(),
            [(8, "relu"), (5, "tanh"), (1, "sigmoid")],
            "binary_crossentropy",
            name,
            options,
        )
        for name, options in optimizers
    ]
    penalties = _case("l1 and l2", [(6, "tanh"), (1, "sigmoid")], "binary_crossentropy", "sgd", ())
    layers = tuple(replace(layer, l1=2.0**-7, l2=2.0**-6) for layer in penalties.network.layers)
    penalized = replace(penalties, network=replace(penalties.network, layers=layers))
    return [*activations, *losses, *updates, penalized]


def _case(name: str, layers: list[tuple[int, str]], loss: str, optimizer: str, options: Options) -> ProofCase:
    units, activations = zip(*layers, strict=True)
    specs = tuple(map(LayerSpec, (4, *units), units, activations))
    return ProofCase(name, NetworkSpec(specs, loss, optimizer, LEARNING_RATE, options, 32, "float64"))


def _single(value: float) -> float:
    """Return a value rounded to float32, as Keras rounds it even in float64."""
    return float(np.float32(value))


def _exact(network: NetworkSpec) -> Options:
    """Return the scenario's own options rounded to float32, with exact values in place of the defaults."""
    own = {name: value if isinstance(value, bool) else _single(value) for name, value in network.optimizer_options}
    return tuple({**dict(EXACT_OPTIONS[network.optimizer]), **own}.items())
