"""A data set: training and test rows with their labels, in float64, the same for every contender."""

from dataclasses import dataclass, replace

import numpy as np

from bench.core.errors import UsageError
from bench.core.spec import AnyArray, FloatArray, IntArray

# The share of every class that is held out for testing; data in the plane has its own.
TEST_SHARE = 0.2


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

    @property
    def is_planar(self) -> bool:
        """Whether the data is two classes in a plane, so that its rows and decision boundaries can be drawn."""
        return self.x_train.shape[1] == 2 and self.y_train.ndim == 2 and self.y_train.shape[1] == 1


@dataclass(frozen=True, eq=False)
class Rows:
    """A data set whose rows are not yet separated by the split.

    Attributes:
        x: features, (rows, features).
        classes: whole numbers from 0, (rows,).
        train, test: the row numbers of each side.
    """

    x: FloatArray
    classes: IntArray
    train: IntArray
    test: IntArray

    @property
    def labels(self) -> FloatArray:
        """The labels in the form that a loss takes, in float64: (rows, 1) for two classes, (rows,) for more."""
        labels: FloatArray = self.classes.astype(np.float64)
        return labels[:, np.newaxis] if self.classes.max() < 2 else labels


def split(x: AnyArray, classes: AnyArray, test_share: float, seed: int) -> Rows:
    """Return the rows with a share of every class held out for testing."""
    from sklearn.model_selection import train_test_split

    numbers = np.arange(len(x))
    train, test = train_test_split(numbers, test_size=test_share, random_state=seed, stratify=classes)
    return Rows(np.asarray(x, np.float64), np.asarray(classes, np.int64), train, test)


def standardized(rows: Rows) -> Rows:
    """Return rows whose features have mean 0 and standard deviation 1 over the training rows.

    A constant feature becomes 0.
    """
    training = rows.x[rows.train]
    spread = training.std(axis=0)
    return replace(rows, x=(rows.x - training.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0))


def check_finite(name: str, x: FloatArray, y: FloatArray) -> None:
    """Raise a UsageError that names the first row with a NaN or an infinity."""
    bad = ~(np.isfinite(x).all(axis=1) & np.isfinite(y.reshape(len(y), -1)).all(axis=1))
    if bad.any():
        raise UsageError(
            f"data set {name!r} must hold finite numbers only, got NaN or infinity in {int(bad.sum())} of {len(x)} "
            f"rows, first in row {int(bad.argmax())}"
        )
