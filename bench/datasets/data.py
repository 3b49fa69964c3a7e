"""A data set: training and test rows with their labels, in float64, the same for every contender."""

from dataclasses import dataclass, replace

import numpy as np

from bench.core.errors import UsageError
from bench.core.spec import CLASSIFICATION, REGRESSION, AnyArray, FloatArray, IntArray

# The share of the rows, of every class where there are classes, that is held out; data in the plane has its own.
TEST_SHARE = 0.2

_VALIDATION_SEED = 42


@dataclass(frozen=True)
class Data:
    """Rows and labels of both sides of the split.

    Attributes:
        x_train, x_test: (rows, features), float64.
        y_train, y_test: (rows, outputs), float64; integer labels of several classes are (rows,). The target of a
            regression is standardized by the training rows.
        data_hash: sha256 of all rows and labels, before the split.
        split_hash: sha256 of the row numbers on either side.
        x_validation, y_validation: training rows that are set aside, by which training is stopped; None if none are.
        target_scale: what one unit of a regression's target is worth in the table's own unit; None for classes.
    """

    x_train: FloatArray
    y_train: FloatArray
    x_test: FloatArray
    y_test: FloatArray
    data_hash: str
    split_hash: str
    target_scale: float | None = None
    x_validation: "FloatArray | None" = None
    y_validation: "FloatArray | None" = None

    def with_validation(self, rows: int) -> "Data":
        """Return the data with so many of the training rows set aside, drawn by a fixed seed."""
        order = np.random.default_rng(_VALIDATION_SEED).permutation(len(self.x_train))
        aside, kept = np.split(order, [rows])
        return replace(
            self,
            x_train=self.x_train[kept],
            y_train=self.y_train[kept],
            x_validation=self.x_train[aside],
            y_validation=self.y_train[aside],
        )

    @property
    def monitored(self) -> tuple[FloatArray, FloatArray]:
        """The rows and labels by whose loss training is stopped: those set aside, or all training rows."""
        if self.x_validation is None or self.y_validation is None:
            return self.x_train, self.y_train
        return self.x_validation, self.y_validation

    @property
    def is_planar(self) -> bool:
        """Whether the data is two classes in a plane, so that its rows and decision boundaries can be drawn."""
        two_classes = self.target_scale is None and self.y_train.ndim == 2 and self.y_train.shape[1] == 1
        return two_classes and self.x_train.shape[1] == 2


@dataclass(frozen=True, eq=False)
class Rows:
    """A data set whose rows are not yet separated by the split.

    Attributes:
        x: features, (rows, features).
        targets: classes as whole numbers from 0, or the quantity that a regression predicts, (rows,).
        train, test: the row numbers of each side.
        task: ``"classification"`` or ``"regression"``.
        names: of the features, if they have any.
        notes: sentences on columns that may tell a network nothing.
    """

    x: FloatArray
    targets: AnyArray
    train: IntArray
    test: IntArray
    task: str = CLASSIFICATION
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def classes(self) -> int:
        """The number of classes; 0 in a regression."""
        return 0 if self.task == REGRESSION else int(self.targets.max()) + 1

    @property
    def target_scale(self) -> float | None:
        """The standard deviation of a regression's target over the training rows; None for classes."""
        return float(self.targets[self.train].std()) if self.task == REGRESSION else None

    @property
    def labels(self) -> FloatArray:
        """What a loss takes, in float64: (rows, 1) for two classes and a standardized quantity, (rows,) for more."""
        labels: FloatArray = self.targets.astype(np.float64)
        if self.target_scale is not None:
            labels = (labels - labels[self.train].mean()) / self.target_scale
            return labels[:, np.newaxis]
        return labels[:, np.newaxis] if self.classes <= 2 else labels


def split(x: AnyArray, targets: AnyArray, test_share: float, seed: int, task: str = CLASSIFICATION) -> Rows:
    """Return the rows with a share held out for testing, of every class where there are classes."""
    from sklearn.model_selection import train_test_split

    numbers = np.arange(len(x))
    classes = targets if task == CLASSIFICATION else None
    train, test = train_test_split(numbers, test_size=test_share, random_state=seed, stratify=classes)
    kind = np.int64 if task == CLASSIFICATION else np.float64
    return Rows(np.asarray(x, np.float64), np.asarray(targets, kind), train, test, task)


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
