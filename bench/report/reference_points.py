"""What simple models reach on the same rows: the commonest class or the mean, a line, scikit-learn's MLP."""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bench.core.score import SCORES, Score
from bench.core.words import Table
from bench.datasets import Data, load
from bench.runs.record import Part

if TYPE_CHECKING:
    import pandas as pd

# The article's hidden layers, for networks without any, and as many passes as it gives its Keras network.
_HIDDEN = (25, 50, 50, 25)
_PASSES = 200


@dataclass(frozen=True)
class Reference:
    """What simple models reach, and what that says of the networks.

    Attributes:
        table: a row a model.
        remark: a sentence where a model without hidden layers does better than every network; otherwise empty.
    """

    table: Table
    remark: str


def reference_points(data: Data, seed: int, hidden: tuple[int, ...] = _HIDDEN) -> dict[str, float]:
    """Return each model's accuracy on a data set's test rows, or R² in a regression, by its name with its settings.

    ``seed`` is of scikit-learn's initial weights, ``hidden`` the widths of its hidden layers.
    """
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    network = f"scikit-learn's MLP of {'-'.join(map(str, hidden))} with Adam, {_PASSES} passes at most"
    settings: dict[str, Any] = {"hidden_layer_sizes": hidden, "max_iter": _PASSES, "random_state": seed}
    models: dict[str, Any]
    if data.target_scale is None:
        line, mlp = LogisticRegression(max_iter=1000), MLPClassifier(**settings)
        models = {"the commonest class": DummyClassifier(), "logistic regression": line, network: mlp}
    else:
        line, mlp = LinearRegression(), MLPRegressor(**settings)
        models = {"the mean": DummyRegressor(), "linear regression": line, network: mlp}
    points = {}
    for name, model in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is said
            model.fit(data.x_train, data.y_train.ravel())
        points[name] = float(model.score(data.x_test, data.y_test.ravel()))
    return points


def reference(part: Part) -> Reference:
    """Return what simple models reach on an experiment's data, beside its networks."""
    network = part.run.experiments[part.suite].entries[0].scenario.network
    hidden = tuple(layer.units for layer in network.layers[:-1]) or _HIDDEN
    points, test_rows = _points(part.dataset, part.resample_seed, part.seed, hidden)
    score = SCORES[part.task]
    rows = tuple((name, f"{value:.3f}") for name, value in points.items())
    title = f"For comparison, what simple models reach on the same {test_rows} test rows"
    return Reference(Table(title, ("model", f"test {score.words}"), rows), remark_of(part.tables.trials, score, points))


def remark_of(trials: "pd.DataFrame", score: Score, points: dict[str, float]) -> str:
    """Return a sentence if a model without hidden layers does better than every network of the trials; else nothing.

    ``points`` ends with the model that has hidden layers.
    """
    means = trials[trials["status"] == "ok"].groupby("contender", sort=False)[score.test].mean().dropna()
    simple = dict(list(points.items())[:-1])
    best = max(simple, key=lambda name: simple[name])
    if means.empty or not simple[best] > means.max():
        return ""
    return (
        f"{best[0].upper()}{best[1:]} does better than every network here: a test {score.words} of {simple[best]:.3f}, "
        f"where {means.idxmax()} has {means.max():.3f}."
    )


@lru_cache(maxsize=8)
def _points(
    dataset: str, resample_seed: int | None, seed: int, hidden: tuple[int, ...]
) -> tuple[dict[str, float], int]:
    data = load(dataset, resample_seed)
    return reference_points(data, seed, hidden), len(data.y_test)
