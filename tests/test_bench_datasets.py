"""The article's data, as its facts give it."""

import numpy as np
import pytest

from bench import datasets
from bench.errors import UsageError


def test_the_articles_moons_and_split() -> None:
    data = datasets.load("moons")
    assert data.x_train.shape == (900, 2)
    assert data.y_train.shape == (900, 1)
    assert data.x_test.shape == (100, 2)
    assert data.y_test.sum() == 46
    assert data.x_train.dtype == np.float64


def test_resampling_draws_other_data_and_another_split() -> None:
    fixed, again, drawn = datasets.load("moons"), datasets.load("moons"), datasets.load("moons", 3)
    assert (fixed.data_hash, fixed.split_hash) == (again.data_hash, again.split_hash)
    assert fixed.data_hash != drawn.data_hash
    assert fixed.split_hash != drawn.split_hash


def test_data_with_nan_is_refused_and_its_row_named(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, train, test = datasets.moons(None)
    x[17, 1] = np.nan
    monkeypatch.setitem(datasets.DATASETS, "torn", lambda _: (x, y, train, test))
    with pytest.raises(UsageError, match="got NaN or infinity in 1 of 1000 rows, the first being row 17"):
        datasets.load("torn")
