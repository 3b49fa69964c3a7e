"""The input of a probe, and the measurements that it returns."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.spec import Contender, MapPoint, NetworkSpec

if TYPE_CHECKING:
    from bench.core.spec import FloatArray

# A quantity, its value, and its width, depth and batch.
Measurement = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What a probe measures.

    Attributes:
        contender: the contender's module.
        network: the scenario's network, or the one from which the networks of the cases are made.
        cases: the points of the map.
        seed: of weights, rows and orders.
        distributions: the installed packages that the contender consists of.
        spawned: when the parent started this process, on ``clock``.
        scratch: a folder for files.
        on_case: called with the number of finished cases.
        clock: returns the time in seconds; a test passes a fake.
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
    """Return one value; `bench.store.tables.QUANTITIES` has its unit and meaning."""
    at = {"width": None, "depth": None, "batch": batch} if case is None else asdict(case)
    return {"quantity": quantity, "value": float(value), **at}


def with_quartiles(quantity: str, samples: "FloatArray", case: MapPoint) -> list[Measurement]:
    """Return the median and the quartiles of the samples."""
    import numpy as np

    names = (quantity, f"{quantity}_low_quartile", f"{quantity}_high_quartile")
    values = np.quantile(samples, [0.5, 0.25, 0.75])
    return [measurement(name, value, case) for name, value in zip(names, values, strict=True)]
