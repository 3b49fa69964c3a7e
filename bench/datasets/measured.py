"""Measured data from scikit-learn: a fifth of each class held out, features standardized by the training rows."""

from typing import Any

from bench.datasets.data import TEST_SHARE, Rows, split, standardized


def breast_cancer(resample_seed: int | None) -> Rows:
    """Return 569 tumours, 30 features of cell nuclei, benign or malignant: Wolberg, Street and Mangasarian, 1993."""
    from sklearn.datasets import load_breast_cancer

    return _rows(load_breast_cancer(), resample_seed)


def wine(resample_seed: int | None) -> Rows:
    """Return 178 wines of three cultivars, 13 chemical features: Aeberhard and Forina, 1992."""
    from sklearn.datasets import load_wine

    return _rows(load_wine(), resample_seed)


def digits(resample_seed: int | None) -> Rows:
    """Return 1,797 handwritten digits, 8 × 8 counts of ink: Alpaydin and Kaynak, 1998."""
    from sklearn.datasets import load_digits

    return _rows(load_digits(), resample_seed)


def _rows(bunch: Any, resample_seed: int | None) -> Rows:
    return standardized(split(bunch.data, bunch.target, TEST_SHARE, 42 if resample_seed is None else resample_seed))
