"""Data sets: the article's as published, and each of the others as documented."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bench import datasets
from bench.core.errors import UsageError
from bench.core.spec import EarlyStopping
from bench.datasets import DATASETS
from bench.datasets.data import Rows, standardized
from bench.experiments import SCENARIOS
from bench.store.folder import RunFolder
from bench.trials.start import rows_of

BASELINE = Path(__file__).parents[3] / "results" / "baseline"


def test_the_moons_are_those_of_the_baseline() -> None:
    row = next(iter(RunFolder.open(BASELINE).trials().values()))["row"]
    data = datasets.load("moons")
    assert (data.data_hash, data.split_hash) == (row["data_hash"], row["split_hash"])
    assert data.y_test.sum() == 46


# Rows for training and for testing, and how many of each class there are, as their sources give them.
SIZES = {
    "moons": (900, 100, [500, 500]),
    "noisy_moons": (900, 100, [500, 500]),
    "circles": (900, 100, [500, 500]),
    "spirals": (900, 100, [500, 500]),
    "blobs": (900, 100, [167, 167, 167, 167, 166, 166]),
    "breast_cancer": (455, 114, [212, 357]),
    "wine": (142, 36, [59, 71, 48]),
    "digits": (1437, 360, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]),
    "mnist1d": (4000, 1000, [500] * 10),
}


@pytest.mark.parametrize("name", DATASETS)
def test_a_data_set_has_the_documented_sizes(name: str) -> None:
    dataset = DATASETS[name]
    rows = dataset.rows(None)
    train, test, classes = SIZES[name]
    assert rows.x.shape == (train + test, dataset.features)
    assert (len(rows.train), len(rows.test)) == (train, test)
    assert dataset.train_rows == train
    assert np.bincount(rows.targets).tolist() == classes
    assert len(classes) == dataset.classes
    # the two sides are all rows, each once
    np.testing.assert_array_equal(np.sort(np.concatenate([rows.train, rows.test])), np.arange(train + test))
    if name != "moons":  # the article's split ignores classes
        shares = [np.bincount(rows.targets[side]) / len(side) for side in (rows.train, rows.test)]
        np.testing.assert_allclose(shares[0], shares[1], atol=0.02)


@pytest.mark.parametrize("name", DATASETS)
def test_a_data_set_is_reproducible_and_depends_on_its_seed(name: str) -> None:
    fixed, again, drawn = datasets.load(name), datasets.load(name), datasets.load(name, 3)
    assert (fixed.data_hash, fixed.split_hash) == (again.data_hash, again.split_hash)
    assert fixed.split_hash != drawn.split_hash
    assert fixed.y_train.ndim == (2 if DATASETS[name].classes == 2 else 1)
    assert fixed.x_train.dtype == fixed.y_train.dtype == np.float64


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "digits", "mnist1d"])
def test_measured_features_are_standardized_by_the_training_rows_alone(name: str) -> None:
    data = datasets.load(name)
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0.0, atol=1e-9)
    spread = data.x_train.std(axis=0)
    assert np.isclose(spread, 1.0).sum() + (spread == 0.0).sum() == len(spread)
    assert not np.allclose(data.x_test.mean(axis=0), 0.0, atol=1e-6)
    assert np.isfinite(data.x_test).all()


def test_a_constant_feature_becomes_zero() -> None:
    rows = Rows(np.array([[1.0, 5.0], [3.0, 5.0], [9.0, 5.0]]), np.array([0, 1, 1]), np.array([0, 1]), np.array([2]))
    assert standardized(rows).x.tolist() == [[-1.0, 0.0], [1.0, 0.0], [7.0, 0.0]]


# In its paper, a linear classifier is right on 32 % of the rows of MNIST-1D.
@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("circles", 0.0, 0.75), ("spirals", 0.0, 0.75), ("blobs", 0.9, 1.0), ("mnist1d", 0.25, 0.4)],
)
def test_a_linear_classifier_is_right_on_the_expected_share_of_rows(name: str, least: float, most: float) -> None:
    data = datasets.load(name)
    classifier = LogisticRegression(max_iter=300).fit(data.x_train, data.y_train.ravel())
    assert least <= classifier.score(data.x_test, data.y_test.ravel()) <= most


def test_data_with_nan_is_refused_and_its_row_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = DATASETS["moons"].rows(None)
    rows.x[17, 1] = np.nan
    monkeypatch.setitem(DATASETS, "torn", replace(DATASETS["moons"], name="torn", rows=lambda _: rows))
    with pytest.raises(UsageError, match="got NaN or infinity in 1 of 1000 rows, first in row 17"):
        datasets.load("torn")


@pytest.mark.parametrize(("share", "trained"), [(0.2, 720), (0.0001, 899), (0.9999, 1)])
def test_some_rows_are_set_aside_and_some_are_left(share: float, trained: int) -> None:
    stopping = EarlyStopping("validation_loss", 3, validation_share=share)
    scenario = replace(SCENARIOS["twins"], stopping=stopping)
    data = rows_of(scenario, datasets.load("moons"))
    assert data.x_validation is not None
    assert (len(data.x_train), len(data.x_validation)) == (trained, 900 - trained)
    assert scenario.rows_trained(900) == trained
    both = np.concatenate([data.x_train, data.x_validation])
    np.testing.assert_array_equal(np.sort(both, axis=0), np.sort(datasets.load("moons").x_train, axis=0))
