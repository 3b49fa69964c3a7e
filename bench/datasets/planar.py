"""Data in the plane, drawn from a seed, so decision boundaries can be plotted; unscaled, as in the article."""

import numpy as np

from bench.core.spec import FloatArray
from bench.datasets.data import Rows, split

_ROWS = 1000

# One row in ten is for testing, as in the article.
_TEST_SHARE = 0.1


def moons(resample_seed: int | None) -> Rows:
    """Return the article's two moons: 1,000 rows with noise 0.2, of which 100 are held out regardless of class.

    The article's seeds: 100 for the data, 42 for the split.
    """
    from sklearn.datasets import make_moons
    from sklearn.model_selection import train_test_split

    data_seed, split_seed = (100, 42) if resample_seed is None else (resample_seed, resample_seed)
    x, y = make_moons(n_samples=_ROWS, noise=0.2, random_state=data_seed)
    train, test = train_test_split(np.arange(_ROWS), test_size=_TEST_SHARE, random_state=split_seed)
    return Rows(x, y, train, test)


def noisy_moons(resample_seed: int | None) -> Rows:
    """Return two moons with noise 0.35: they overlap, so no classifier is right everywhere."""
    from sklearn.datasets import make_moons

    seed = _seed(resample_seed)
    x, y = make_moons(n_samples=_ROWS, noise=0.35, random_state=seed)
    return split(x, y, _TEST_SHARE, seed)


def circles(resample_seed: int | None) -> Rows:
    """Return a circle inside another, at half its radius, with noise 0.1."""
    from sklearn.datasets import make_circles

    seed = _seed(resample_seed)
    x, y = make_circles(n_samples=_ROWS, noise=0.1, factor=0.5, random_state=seed)
    return split(x, y, _TEST_SHARE, seed)


def blobs(resample_seed: int | None) -> Rows:
    """Return six round clouds, one per class, with standard deviation 0.5 on a circle of radius 2.5."""
    from sklearn.datasets import make_blobs

    seed = _seed(resample_seed)
    angles = np.linspace(0.0, 2.0 * np.pi, 6, endpoint=False)
    centers: FloatArray = 2.5 * np.column_stack([np.cos(angles), np.sin(angles)])
    x, y = make_blobs(n_samples=_ROWS, centers=centers, cluster_std=0.5, random_state=seed)
    return split(x, y, _TEST_SHARE, seed)


def spirals(resample_seed: int | None) -> Rows:
    """Return two arms of a spiral, each once and a half around the other, with noise 0.1.

    After Lang and Witbrock's two spirals, 1988, with points spread evenly along the arm and noise added.
    """
    seed = _seed(resample_seed)
    rng = np.random.default_rng(seed)
    half = _ROWS // 2
    turn = 3.0 * np.pi * np.sqrt(rng.uniform(0.02, 1.0, half))  # the root spreads them evenly along the arm
    arm = np.column_stack([turn * np.cos(turn), turn * np.sin(turn)]) / np.pi
    x = np.concatenate([arm, -arm]) + rng.normal(0.0, 0.1, (_ROWS, 2))
    return split(x, np.repeat([0, 1], half), _TEST_SHARE, seed)


def _seed(resample_seed: int | None) -> int:
    return 100 if resample_seed is None else resample_seed
