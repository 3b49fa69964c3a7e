"""The data sets, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.core.errors import unknown
from bench.core.randomness import hash_arrays
from bench.core.spec import CLASSIFICATION, TASKS
from bench.datasets.data import Data, Rows, check_finite
from bench.datasets.measured import breast_cancer, digits, wine
from bench.datasets.mnist1d import mnist1d
from bench.datasets.planar import blobs, circles, moons, noisy_moons, spirals
from bench.datasets.table import table_rows


@dataclass(frozen=True)
class Dataset:
    """A data set's description; its rows are made on demand.

    Attributes:
        title: a description in one line.
        features, classes: their numbers; no classes in a regression.
        train_rows: how many rows are trained on.
        task: ``"classification"`` or ``"regression"``.
        names: of the features, in their order, if they have any.
        notes: sentences on columns that may tell a network nothing.
        rows: makes the rows, drawn and split from a seed; None gives the fixed default.
    """

    name: str
    title: str
    features: int
    classes: int
    train_rows: int
    rows: Callable[[int | None], Rows]
    task: str = CLASSIFICATION
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outputs(self) -> int:
        """How many outputs a network for it has: one a class, one for two classes, one for a quantity."""
        return self.classes if self.classes > 2 else 1


_ALL = (
    Dataset("moons", "the article's two moons, noise 0.2", 2, 2, 900, moons),
    Dataset("noisy_moons", "two moons that overlap, noise 0.35", 2, 2, 900, noisy_moons),
    Dataset("circles", "a circle inside another", 2, 2, 900, circles),
    Dataset("spirals", "two arms of a spiral", 2, 2, 900, spirals),
    Dataset("blobs", "six round clouds", 2, 6, 900, blobs),
    Dataset("breast_cancer", "tumours, benign or malignant, by their cell nuclei", 30, 2, 455, breast_cancer),
    Dataset("wine", "wines of three cultivars, by chemistry", 13, 3, 142, wine),
    Dataset("digits", "handwritten digits of 8 × 8 points", 64, 10, 1437, digits),
    Dataset("mnist1d", "MNIST-1D: ten shapes along a line", 40, 10, 4000, mnist1d),
)

# Separates the file, the target's column and the task in the name of a user's own table.
_COLUMN = "::"

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def of_table(path: Path, target: str, task: str | None = None) -> str:
    """Return the name of a user's own table as a data set; without a task, the target's values tell it."""
    return _COLUMN.join((str(path), target, *(() if task is None else (task,))))


def table_of(name: str) -> tuple[Path, str, str | None] | None:
    """Return file, target and task of a data set that is a user's own table; None for one of the harness."""
    if _COLUMN not in name:
        return None
    rest, _, last = name.rpartition(_COLUMN)
    if last in TASKS and _COLUMN in rest:
        path, _, target = rest.rpartition(_COLUMN)
        return Path(path), target, last
    return Path(rest), last, None


def find(name: str) -> Dataset:
    """Return the data set of that name: one of the harness, or the user's own table, which is read.

    Raises:
        UsageError: if the name is unknown (the message suggests the nearest one) or the table cannot be used.
    """
    table = table_of(name)
    if table is None:
        if name not in DATASETS:
            raise unknown("data set", name, DATASETS)
        return DATASETS[name]
    path, target, task = table
    rows = table_rows(path, target, task, None)
    title = f"your own: {path.name}, predicting {target}; numbers standardized, categories one-hot"
    read = partial(table_rows, path, target, task)
    sizes = rows.x.shape[1], rows.classes, len(rows.train)
    return Dataset(path.stem, title, *sizes, read, rows.task, rows.names, rows.notes)


def load(name: str, resample_seed: int | None = None) -> Data:
    """Return a data set in its default form, or drawn and split from ``resample_seed``.

    Raises:
        UsageError: if the name is unknown, or the data set cannot be trained on.
    """
    rows = find(name).rows(resample_seed)
    x, y = rows.x, rows.labels
    check_finite(name, x, y)
    return Data(
        x_train=x[rows.train],
        y_train=y[rows.train],
        x_test=x[rows.test],
        y_test=y[rows.test],
        data_hash=hash_arrays([x, y]),
        split_hash=hash_arrays([rows.train, rows.test]),
        target_scale=rows.target_scale,
    )
