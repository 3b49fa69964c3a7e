"""The data sets, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.datasets.data import Data, Rows, check_finite
from bench.datasets.measured import breast_cancer, digits, wine
from bench.datasets.mnist1d import mnist1d
from bench.datasets.planar import blobs, circles, moons, noisy_moons, spirals
from bench.randomness import hash_arrays


@dataclass(frozen=True)
class Dataset:
    """A data set as the harness knows it without drawing it.

    Attributes:
        title: what it is, in a line.
        features, classes: how many.
        rows: makes it; a seed draws and splits it anew, None gives it as it is always given.
    """

    name: str
    title: str
    features: int
    classes: int
    rows: Callable[[int | None], Rows]


_ALL = (
    Dataset("moons", "the article's two moons, noise 0.2", 2, 2, moons),
    Dataset("noisy_moons", "two moons that overlap, noise 0.35", 2, 2, noisy_moons),
    Dataset("circles", "a circle inside another", 2, 2, circles),
    Dataset("spirals", "two arms of a spiral", 2, 2, spirals),
    Dataset("blobs", "six round clouds", 2, 6, blobs),
    Dataset("breast_cancer", "tumours, benign or malignant, by their cell nuclei", 30, 2, breast_cancer),
    Dataset("wine", "wines of three cultivars, by chemistry", 13, 3, wine),
    Dataset("digits", "handwritten digits of 8 × 8 points", 64, 10, digits),
    Dataset("mnist1d", "MNIST-1D: ten shapes along a line", 40, 10, mnist1d),
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def load(name: str, resample_seed: int | None = None) -> Data:
    """Return a data set as it is always given, or drawn and split anew from ``resample_seed``.

    Raises:
        UsageError: if the data holds NaN or infinity, which no contender could learn from.
    """
    rows = DATASETS[name].rows(resample_seed)
    x, y = rows.x, rows.labels
    check_finite(name, x, y)
    return Data(
        x_train=x[rows.train],
        y_train=y[rows.train],
        x_test=x[rows.test],
        y_test=y[rows.test],
        data_hash=hash_arrays([x, y]),
        split_hash=hash_arrays([rows.train, rows.test]),
    )
