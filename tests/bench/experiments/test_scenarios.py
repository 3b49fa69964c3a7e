"""The scenarios: the factorial between the article's two set-ups has them as its corners, and every cell between."""

from dataclasses import replace

import numpy as np
import pytest

from bench.core.randomness import initial_weights
from bench.experiments import SCENARIOS
from bench.experiments.explain.plan import CELLS, FACTORS, explain_cell

EVERYTHING = frozenset(factor.name for factor in FACTORS)


def test_the_corners_are_the_articles_set_ups() -> None:
    for corner, article in ((frozenset[str](), "article_numpy"), (EVERYTHING, "article_keras")):
        cell = explain_cell(corner)
        published = SCENARIOS[article]
        kept = {name: getattr(cell, name) for name in ("name", "epochs", "epochs_per_snapshot", "hold_updates")}
        assert replace(published, **kept) == cell


def test_every_combination_is_a_cell_and_has_as_many_updates() -> None:
    assert len(CELLS) == len(set(CELLS.values())) == 2 ** len(FACTORS)
    for name, switched in CELLS.items():
        scenario = SCENARIOS[name]
        assert scenario == explain_cell(switched)
        assert scenario.epochs * scenario.updates_per_epoch(900) == 20_010
        # judged after as many updates, too
        assert scenario.epochs_per_snapshot * scenario.updates_per_epoch(900) == 29


# What may change when a factor is switched.
CHANGES = {
    "initial weights": {"initializer"},
    "initial biases": {"initializer"},
    "batches": {"network", "epochs", "epochs_per_snapshot"},
    "shuffling": {"shuffle"},
    "number type": {"network"},
}


@pytest.mark.parametrize("factor", sorted(EVERYTHING))
def test_a_factor_changes_what_it_names_and_nothing_else(factor: str) -> None:
    before, after = explain_cell(frozenset()), explain_cell(frozenset({factor}))
    fields = {name for name in vars(before) if getattr(before, name) != getattr(after, name)}
    assert fields == CHANGES[factor] | {"name"}
    weights = [initial_weights(cell, 3) for cell in (before, after)]
    same = [np.array_equal(ours, theirs) for ours, theirs in zip(*weights, strict=True)]
    assert all(same[0::2]) == (factor != "initial weights")
    assert all(same[1::2]) == (factor != "initial biases")


def test_switched_biases_are_zero_and_the_others_are_the_articles() -> None:
    drawn = initial_weights(SCENARIOS["article_numpy"], 3)[1::2]
    cell = explain_cell(frozenset({"initial weights"}))
    for ours, articles in zip(initial_weights(cell, 3)[1::2], drawn, strict=True):
        np.testing.assert_array_equal(ours, articles)
    for bias in initial_weights(explain_cell(frozenset({"initial biases"})), 3)[1::2]:
        assert not bias.any()
