"""A model of the user's own: whether it needs its framework, from made-up tables."""

from typing import Any

import pytest
from made_up import curve_rows, tables, trial_row

from bench.core.spec import Scenario
from bench.experiments import SCENARIOS, model
from bench.experiments.base import Finding
from bench.experiments.comparing import Comparison
from bench.store.tables import CURVES, TRIALS, frame

FACTORS = (1.0, 1.02, 0.99, 1.01, 0.98, 1.0)


def scenario() -> Scenario:
    return model.on_table("mine", SCENARIOS["twins"].network, "mine.keras", "mine.csv::y", "classification")


def found(keras: dict[str, float], seeds: int = 6, factors: tuple[float, ...] = FACTORS) -> Finding[Comparison]:
    """Return what is found where NumPy takes 1 s to train, 10 µs a row, 1.5 s to start, and 40 MB."""
    numpys = {"train_seconds": 1.0, "predict_one_seconds": 1e-5, "import_seconds": 1.0, "peak_rss_bytes": 40_000_000}
    same = {"startup_seconds": 0.3, "build_seconds": 0.1, "first_update_seconds": 0.1}
    rows, curves = [], []
    for name, taken_by_all in (("numpy", numpys), ("keras", numpys | keras)):
        for seed, factor in zip(range(seeds), factors, strict=False):
            taken = taken_by_all["train_seconds"] * (factor if name == "keras" else 1.0)
            values: dict[str, Any] = taken_by_all | same
            values = values | {"suite": "mine", "scenario": "mine", "pair": "mine", "train_seconds": taken}
            rows.append(trial_row(contender=name, seed=seed, **values))
            curves += [{**row, "suite": "mine", "scenario": "mine"} for row in curve_rows(name, seed, [0.7, 0.5, 0.3])]
    trials = frame(TRIALS, rows)
    return model.of_model(scenario()).find(tables(trials, frame(CURVES, curves)).of("mine"))


def test_a_model_that_numpy_trains_faster_does_not_need_its_framework() -> None:
    told = found(
        {"train_seconds": 20.0, "predict_one_seconds": 0.03, "import_seconds": 4.0, "peak_rss_bytes": 800_000_000}
    )
    assert told.sentence.partition(" From")[0] == (
        "This model does not need its framework: keras trains it 20 times (95 % interval 19.7 to 20.3, 6 pairs) as "
        "long as numpy; in keras it takes 3,000 times as long to answer a row (30 ms against 10 µs), 3 times as long "
        "to start (4.5 s against 1.5 s), and 20 times the memory (800 MB against 40 MB)."
    )
    assert told.numbers["peak_memory.keras"].value == pytest.approx(20.0)
    assert told.numbers["start_until_it_can_train.keras"].value == pytest.approx(4.5 / 1.5)
    assert told.tables[0].rows[1][:2] == ("answering one row", "10 µs")


def test_serving_is_answered_where_training_stays_open() -> None:
    told = found({"train_seconds": 1.0, "predict_one_seconds": 0.03})
    assert told.sentence.startswith(
        "To be served this model does not need its framework: in keras it takes 3,000 times as long to answer a row "
        "(30 ms against 10 µs), 1 times as long to start"
    )
    assert "Which trains faster stays open: keras trains it 1.000 times" in told.sentence


@pytest.mark.parametrize(
    ("keras", "seeds", "factors", "said"),
    [
        (0.5, 6, FACTORS, "This model trains faster in its framework: keras trains it 0.5 times"),
        (1.0, 6, FACTORS, "Whether this model trains faster in its framework stays open: keras trains it 1.000 times"),
        (20.0, 1, FACTORS, "One seed cannot tell whether this model needs its framework."),
    ],
)
def test_what_cannot_be_told_is_called_so(keras: float, seeds: int, factors: tuple[float, ...], said: str) -> None:
    assert found({"train_seconds": keras}, seeds, factors).sentence.startswith(said)


def test_without_a_pair_the_duel_says_what_is_missing() -> None:
    assert found({}, seeds=0).sentence.startswith("There is nothing to compare")


def test_the_plan_is_that_of_the_fair_duel() -> None:
    planned = model.of_model(scenario())
    assert planned.contenders == ("numpy", "keras", "keras_tuned")
    assert planned.scenarios == {"mine": scenario()}
