"""`optimizers`: each solver's best rate, how often it is near the best, and what is said where nobody gets there."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up import SWEPT, cut_off, find, sweep_trials, tables, trial_row

import keras_nn.models
import numpy_nn.optimizers
from bench.core.spec import OPTIMIZERS
from bench.experiments import SCENARIOS
from bench.experiments.base import Finding
from bench.experiments.optimizers import finding as optimizers
from bench.experiments.optimizers.figures import draw_profiles, draw_sweep
from bench.experiments.optimizers.finding import Swept
from bench.experiments.optimizers.plan import RATES, SOLVERS, SWEEP, Sweep, sweep_cell
from bench.proof.cases import EXACT_OPTIONS, cases_of
from bench.proof.reference import OPTIMIZERS as REFERENCE
from bench.store.tables import TRIALS, frame


@pytest.fixture(scope="module")
def found() -> Finding[Swept]:
    return find("optimizers", tables(sweep_trials()))


def row(found: Finding[Swept], table: int, solver: str) -> tuple[str, ...]:
    column = found.tables[table].columns.index("solver")
    return next(row for row in found.tables[table].rows if row[column] == solver)


def test_every_optimizer_there_is_takes_part() -> None:
    for known in (REFERENCE, keras_nn.models.OPTIMIZERS, EXACT_OPTIONS):
        assert sorted(known) == sorted(OPTIMIZERS)
    assert set(OPTIMIZERS) <= set(numpy_nn.optimizers.OPTIMIZERS)
    assert {optimizer for optimizer, _ in SOLVERS.values()} <= set(OPTIMIZERS)


def test_every_cell_has_as_many_updates_and_the_same_rates() -> None:
    rows = {"moons": 900, "spirals": 900, "digits": 1437}
    for name, cell in SWEEP.items():
        scenario = SCENARIOS[name]
        updates = scenario.epochs * scenario.updates_per_epoch(rows[cell.dataset])
        assert 5800 - scenario.updates_per_epoch(rows[cell.dataset]) < updates <= 5800
    assert len(SWEEP) == 3 * len(SOLVERS) * len(RATES)


def test_coefficients_that_float32_rounds_are_proven_as_float32_holds_them() -> None:
    cell = next(name for name, cell in SWEEP.items() if cell.solver == "momentum")
    (case,) = cases_of([SCENARIOS[cell]])
    assert dict(case.network.optimizer_options)["momentum"] == float(np.float32(0.9)) != 0.9
    assert dict(SCENARIOS[cell].network.optimizer_options)["momentum"] == 0.9


def test_the_best_rate_is_found_and_its_median_told(found: Finding[Swept]) -> None:
    # of six seeds three take 29 updates more, so the median is 14.5 more
    assert row(found, 0, "sgd")[2:] == ("0.1", "304 (290 to 319, 97 %)", "12 of 42")
    assert row(found, 0, "adam")[2:] == ("0.003", "160 (145 to 174, 97 %)", "12 of 42")
    assert row(found, 0, "nesterov")[2:] == ("–", "never (never to never, 97 %)", "0 of 42")
    assert any("No rate's median trial reached the target: nesterov on moons" in note for note in found.notes)


def test_the_rate_and_the_rule_are_told_apart(found: Finding[Swept]) -> None:
    assert "plain SGD at its best of 7 rates (0.1)" in found.sentence
    assert "times fewer updates" in found.sentence
    assert "and adam at its own best (0.003), which has the least median of 4, in 1." in found.sentence
    for name, slow, fast in (("by_rate", 2900, 290), ("by_rule", 290, 145), ("together", 2900, 145)):
        ratios = [(slow + extra) / (fast + extra) for extra in (0, 29)]
        assert float(found.words()[name]) == pytest.approx(math.sqrt(math.prod(ratios)), rel=0.01)


def test_a_trial_that_diverged_after_it_reached_its_target_counts_as_never() -> None:
    name = next(name for name, cell in SWEEP.items() if (cell.dataset, cell.solver) == ("moons", "sgd"))
    shared = {"contender": "numpy", "scenario": name, "reached_target": True, "updates_to_target": 29}
    trials = pd.DataFrame([{**shared, "seed": 0, "status": "ok"}, {**shared, "seed": 1, "status": "diverged"}])
    assert optimizers.readings(trials, "updates_to_target")[SWEEP[name]] == {0: 29.0, 1: math.inf}


def test_profiles_count_updates_and_seconds(found: Finding[Swept]) -> None:
    # Adam needs the fewest updates, and as many seconds as sgd at 290 updates or a little more
    assert row(found, 1, "adam")[1:3] == ("100%", "50%")
    assert row(found, 1, "sgd")[3] == "100%"
    assert row(found, 1, "nesterov")[5] == "0%"


def test_keras_stands_beside_numpy_at_one_rate() -> None:
    name = sweep_cell(Sweep("moons", "sgd", 0.01)).name
    side = {"suite": "optimizers", "scenario": name, "pair": "moons"}
    keras = trial_row(contender="keras", seed=0, updates_to_target=2900, train_seconds=5.8, updates=5800, **side)
    both = pd.concat([sweep_trials(), frame(TRIALS, [keras])], ignore_index=True)
    beside = find("optimizers", tables(both)).tables[-1]
    assert beside.rows == (("moons", "sgd", "2,900", "2,900", "172 µs", "1 ms"),)


def test_where_plain_sgd_never_gets_there_nothing_is_claimed() -> None:
    trials = sweep_trials()
    scenario = trials["scenario"].map(lambda name: SWEEP[name].solver == "sgd")
    trials.loc[scenario, "reached_target"] = False
    assert find("optimizers", tables(trials)).sentence.startswith("There is nothing to report: plain SGD")
    assert find("optimizers", tables(frame(TRIALS, []))).sentence.startswith("There is nothing to report")


def test_the_sweep_is_drawn_where_its_medians_are(found: Finding[Swept]) -> None:
    picture = draw_sweep("sweep", "title", found.result)
    assert cut_off(lambda: draw_sweep("sweep", "title", found.result)) == []
    (axes,) = picture.figure.axes
    lines = {str(line.get_label()): line for line in axes.lines}
    drawn = dict(zip(lines["sgd"].get_xdata(), lines["sgd"].get_ydata(), strict=True))  # type: ignore[arg-type]
    assert drawn[0.1] == 304.5
    assert drawn[0.01] == 2914.5
    assert drawn[1.0] == 2 * 5800  # where the tick says: never
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "never"
    assert "sgd on moons 304 at 0.1" in picture.alt


def test_a_profile_begins_at_its_wins_and_ends_at_what_is_solved(found: Finding[Swept]) -> None:
    picture = draw_profiles("profiles", "title", found.result)
    assert cut_off(lambda: draw_profiles("profiles", "title", found.result)) == []
    updates, _ = picture.figure.axes
    heights = {str(line.get_label()): list(np.asarray(line.get_ydata())) for line in updates.lines}
    assert (heights["adam"][0], heights["adam"][-1]) == (1.0, 1.0)
    assert (heights["sgd"][0], heights["sgd"][-1]) == (0.0, 1.0)
    assert max(heights["nesterov"]) == 0.0
    assert "adam is best on 100% by updates" in picture.alt


def test_without_trials_the_pictures_say_so() -> None:
    assert "No solver was trained" in draw_sweep("sweep", "title", Swept({}, 0, {})).alt
    assert "No solver was trained" in draw_profiles("profiles", "title", Swept({}, 0, {})).alt


def test_what_is_planted_is_in_the_sweep() -> None:
    assert {(cell.solver, cell.rate) for cell in SWEEP.values()} >= set(SWEPT)


def test_where_the_articles_rate_never_gets_there_that_is_said() -> None:
    trials = sweep_trials()
    trials.loc[trials["scenario"] == sweep_cell(Sweep("moons", "sgd", 0.01)).name, "reached_target"] = False
    found = find("optimizers", tables(trials))
    assert "reaches the target and never does at the article's 0.01, and adam" in found.sentence
    assert "by_rate" not in found.numbers
