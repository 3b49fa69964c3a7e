"""Data sets, split into training and test rows; float64, and the same for every contender."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.errors import UsageError
from bench.randomness import hash_arrays
from bench.spec import FloatArray, IntArray


@dataclass(frozen=True)
class Data:
    """Rows and labels of both sides of the split.

    Attributes:
        x_train, x_test: (rows, features), float64.
        y_train, y_test: (rows, outputs), float64; integer labels of several classes are (rows,).
        data_hash: sha256 of all rows and labels, before the split.
        split_hash: sha256 of the row numbers on either side.
    """

    x_train: FloatArray
    y_train: FloatArray
    x_test: FloatArray
    y_test: FloatArray
    data_hash: str
    split_hash: str


def load(name: str, resample_seed: int | None = None) -> Data:
    """Return a data set as published, or drawn and split anew from ``resample_seed``.

    Raises:
        UsageError: if the data holds NaN or infinity, which no contender could learn from.
    """
    x, y, train, test = DATASETS[name](resample_seed)
    check_finite(name, x, y)
    return Data(
        x_train=x[train],
        y_train=y[train],
        x_test=x[test],
        y_test=y[test],
        data_hash=hash_arrays([x, y]),
        split_hash=hash_arrays([train, test]),
    )


def moons(resample_seed: int | None) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Return the article's two moons: 1,000 rows with noise 0.2, of which 100 are held out; unscaled."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import train_test_split

    data_seed, split_seed = (100, 42) if resample_seed is None else (resample_seed, resample_seed)
    x, y = make_moons(n_samples=1000, noise=0.2, random_state=data_seed)
    train, test = train_test_split(np.arange(1000), test_size=0.1, random_state=split_seed)
    return x, y.astype(np.float64)[:, np.newaxis], train, test


def check_finite(name: str, x: FloatArray, y: FloatArray) -> None:
    """Raise a UsageError that names the first row with a NaN or an infinity."""
    bad = ~(np.isfinite(x).all(axis=1) & np.isfinite(y.reshape(len(y), -1)).all(axis=1))
    if bad.any():
        raise UsageError(
            f"data set {name!r} must hold finite numbers only, got NaN or infinity in {int(bad.sum())} of {len(x)} "
            f"rows, the first being row {int(bad.argmax())}"
        )


DATASETS: dict[str, Callable[[int | None], tuple[FloatArray, FloatArray, IntArray, IntArray]]] = {"moons": moons}
