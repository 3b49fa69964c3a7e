"""What simple models reach on the same rows: the commonest class, logistic regression, scikit-learn's MLP."""

import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from bench.core.words import Table
from bench.datasets import Data, load
from bench.runs.record import Part

# The article's hidden layers, and as many passes as it gives its Keras network.
_HIDDEN = (25, 50, 50, 25)
_PASSES = 200


def reference_points(data: Data, seed: int) -> dict[str, float]:
    """Return the share of a data set's test rows that each gets right, by its name with its settings.

    ``seed`` is of scikit-learn's initial weights.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    models: dict[str, Any] = {
        "the commonest class": DummyClassifier(),
        "logistic regression": LogisticRegression(max_iter=1000),
        f"scikit-learn's MLP of {'-'.join(map(str, _HIDDEN))} with Adam, {_PASSES} passes at most": MLPClassifier(
            _HIDDEN, max_iter=_PASSES, random_state=seed
        ),
    }
    points = {}
    for name, model in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is said
            model.fit(data.x_train, data.y_train.ravel())
        points[name] = float(np.mean(model.predict(data.x_test) == data.y_test.ravel()))
    return points


def reference_table(part: Part) -> Table:
    """Return the table of them for an experiment's data."""
    return _table(part.dataset, part.resample_seed, part.seed)


@lru_cache(maxsize=8)
def _table(dataset: str, resample_seed: int | None, seed: int) -> Table:
    data = load(dataset, resample_seed)
    rows = tuple((name, f"{accuracy:.3f}") for name, accuracy in reference_points(data, seed).items())
    title = f"For comparison, what simple models reach on the same {len(data.y_test)} test rows"
    return Table(title, ("model", "test accuracy"), rows)
