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
        remark: see `remark`.
    """

    table: Table
    remark: str


def reference(part: Part) -> Reference:
    """Return what simple models reach on an experiment's data, beside its networks."""
    network = part.run.experiments[part.suite].entries[0].scenario.network
    hidden = tuple(layer.units for layer in network.layers[:-1]) or _HIDDEN
    points = _simple_points(part.dataset, part.resample_seed)
    points = points | _network_point(part.dataset, part.resample_seed, part.seed, hidden)
    rows = tuple((name, f"{value:.3f}") for name, value in points.items())
    test_rows = len(load(part.dataset, part.resample_seed).y_test)
    title = f"For comparison, what simple models reach on the same {test_rows} test rows"
    return Reference(Table(title, ("model", f"test {SCORES[part.task].words}"), rows), remark(part))


def remark(part: Part) -> str:
    """Return a sentence if a model without hidden layers does better than every network of a part; else nothing."""
    return remark_of(part.tables.trials, SCORES[part.task], _simple_points(part.dataset, part.resample_seed))


def remark_of(trials: "pd.DataFrame", score: Score, simple: dict[str, float]) -> str:
    """Return the sentence of `remark` for trials, and the test scores of models without hidden layers by name."""
    means = trials[trials["status"] == "ok"].groupby("contender", sort=False)[score.test].mean().dropna()
    best = max(simple, key=lambda name: simple[name])
    if means.empty or not simple[best] > means.max():
        return ""
    return (
        f"{best[0].upper()}{best[1:]} does better than every network here: a test {score.words} of {simple[best]:.3f}, "
        f"where {means.idxmax()} has {means.max():.3f}."
    )


def simple_points(data: Data) -> dict[str, float]:
    """Return what models without hidden layers reach on a data set's test rows: accuracy, or R² in a regression."""
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.linear_model import LinearRegression, LogisticRegression

    models: dict[str, Any]
    if data.target_scale is None:
        models = {"the commonest class": DummyClassifier(), "logistic regression": LogisticRegression(max_iter=1000)}
    else:
        models = {"the mean": DummyRegressor(), "linear regression": LinearRegression()}
    return {name: _score(model, data) for name, model in models.items()}


def network_point(data: Data, seed: int, hidden: tuple[int, ...] = _HIDDEN) -> dict[str, float]:
    """Return what scikit-learn's MLP reaches, by its name with its settings.

    ``seed`` is of its initial weights, ``hidden`` the widths of its hidden layers.
    """
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if data.target_scale is None else MLPRegressor
    name = f"scikit-learn's MLP of {'-'.join(map(str, hidden))} with Adam, {_PASSES} passes at most"
    return {name: _score(kind(hidden_layer_sizes=hidden, max_iter=_PASSES, random_state=seed), data)}


def _score(model: Any, data: Data) -> float:
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is said
        model.fit(data.x_train, data.y_train.ravel())
    return float(model.score(data.x_test, data.y_test.ravel()))


@lru_cache(maxsize=8)
def _simple_points(dataset: str, resample_seed: int | None) -> dict[str, float]:
    return simple_points(load(dataset, resample_seed))


@lru_cache(maxsize=8)
def _network_point(dataset: str, resample_seed: int | None, seed: int, hidden: tuple[int, ...]) -> dict[str, float]:
    return network_point(load(dataset, resample_seed), seed, hidden)
