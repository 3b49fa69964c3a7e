"""What was trained, and by whom: the first thing that a report says."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_up import tables, trial_row, write_run

from bench.core.score import R2
from bench.core.spec import LayerSpec, NetworkSpec, Scenario
from bench.report.reference_points import remark_of
from bench.report.trained import trained, words_of
from bench.runs.record import Run

NETWORK = NetworkSpec(
    (LayerSpec(3, 8, "relu"), LayerSpec(8, 1, "linear")),
    "mean_squared_error",
    "adam",
    0.002,
    (("beta_1", 0.8),),
    16,
    "float64",
)
PRICES = Scenario("prices", "homes.csv::price", NETWORK, 40, "glorot_uniform", True, 0.9, task="regression")


def test_the_line_names_network_optimizer_data_and_number_type() -> None:
    trials = pd.DataFrame({"epochs": [40, 40], "train_rows": [80, 80], "test_rows": [20, 20]})
    said = words_of("prices", [PRICES], trials)
    assert said.line == (
        "3-8-1 (relu, linear); adam at 0.002, beta_1 0.8; batches of 16; 40 epochs; "
        "homes.csv, predicting price (regression, as its values suggest; --task decides); float64"
    )
    facts = dict(said.facts)
    assert (facts["weights and biases"], facts["training rows"], facts["test rows"]) == ("41", "80", "20")
    assert facts["target"] == "a training R² of 0.9"


def test_several_scenarios_are_told_together_by_what_differs() -> None:
    trials = pd.DataFrame({"epochs": [40], "train_rows": [80], "test_rows": [20]})
    others = [replace(PRICES, name=str(n), network=replace(NETWORK, batch_size=n)) for n in (1, 2, 4, 8, 16)]
    facts = dict(words_of("all", others, trials).facts)
    assert facts["batches"] == "5 different"
    assert facts["optimizer"] == "adam at 0.002, beta_1 0.8"
    assert dict(words_of("two", others[:2], trials).facts)["batches"] == "batches of 1 or batches of 2"


def test_every_scenario_of_a_run_is_named(tmp_path: Path) -> None:
    run: Run = write_run(tmp_path / "run", published=True, seeds=[2], weights=False)
    assert [each.name for each in trained(run)] == ["article_numpy", "article_keras", "twins"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (0.7, ""),
        (0.81, "Linear regression does better than every network here: a test R² of 0.810, where keras has 0.800."),
    ],
)
def test_a_line_that_beats_the_networks_is_a_sentence(line: float, said: str) -> None:
    rows = [
        trial_row(suite="s", scenario="s", pair="s", contender=name, seed=0, test_accuracy=None, test_r2=r2)
        for name, r2 in (("numpy", 0.78), ("keras", 0.80))
    ]
    points = {"the mean": 0.0, "linear regression": line}
    assert remark_of(tables(pd.DataFrame(rows)).trials, R2, points) == said
