"""What a measuring process is given, and what it gives back."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.spec import Contender, MapPoint, NetworkSpec

if TYPE_CHECKING:
    from bench.core.spec import FloatArray

# A quantity, its value, and the width, depth and batch that it belongs to.
Measurement = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What is measured, and with what.

    Attributes:
        contender: the contender's module.
        network: the scenario's network, or that which stands for the family of the cases.
        cases: the points of the map.
        seed: of weights, rows and orders.
        distributions: the installed packages that the contender is made of.
        spawned: when the parent started this process, by ``clock``.
        scratch: a folder for what is written.
        on_case: to be called with the number of cases that are done.
        clock: what tells the time; a test brings its own.
    """

    contender: Contender
    network: NetworkSpec
    cases: tuple[MapPoint, ...]
    seed: int
    distributions: tuple[str, ...]
    spawned: float
    scratch: Path
    on_case: Callable[[int], None] = lambda _done: None
    clock: Callable[[], float] = time.perf_counter


def measurement(quantity: str, value: float, case: MapPoint | None = None, *, batch: int | None = None) -> Measurement:
    """Return one value; its unit and its meaning stand in `bench.store.tables.QUANTITIES`."""
    at = {"width": None, "depth": None, "batch": batch} if case is None else asdict(case)
    return {"quantity": quantity, "value": float(value), **at}


def with_quartiles(quantity: str, samples: "FloatArray", case: MapPoint) -> list[Measurement]:
    """Return the median of all samples, and their quartiles."""
    import numpy as np

    low, median, high = np.quantile(samples, [0.25, 0.5, 0.75])
    return [
        measurement(quantity, median, case),
        measurement(f"{quantity}_low_quartile", low, case),
        measurement(f"{quantity}_high_quartile", high, case),
    ]
