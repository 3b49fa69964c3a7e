"""Findings: from made-up tables, a sentence that is true of them, whatever is missing."""

from typing import Any

import pandas as pd
import pytest
from made_up import curve_rows, explain_trials, find, first_gradients_table, tables, trial_row

from bench.core.markdown import escape
from bench.core.words import seconds_words
from bench.experiments.base import Finding
from bench.experiments.explain.plan import explain_cell
from bench.report.contenders import contender_tables
from bench.store.tables import CURVES, TRIALS, frame

TWINS = {"suite": "twins", "scenario": "twins", "pair": "twins"}


def twins(seconds: dict[str, float], seeds: int = 6, gap: float = 1e-6) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, curves = [], []
    for number, (name, taken) in enumerate(seconds.items()):
        for seed in range(seeds):
            rows.append(trial_row(**TWINS, contender=name, seed=seed, train_seconds=taken * (1 + 0.01 * seed)))
            curves += curve_rows(name, seed, [0.7, 0.5, 0.3 + gap * number])
    return frame(TRIALS, rows), frame(CURVES, curves)


def test_a_clear_ratio_is_told_with_its_interval() -> None:
    found = find("twins", tables(*twins({"numpy": 0.2, "keras": 4.0, "keras_tuned": 1.0})))
    assert "keras takes 20 times (95 % interval 20 to 20, 6 pairs)" in found.sentence
    assert "keras_tuned takes 5 times" in found.sentence
    assert ", along the same curve," in found.sentence
    assert "differ by at most 2.0e-06" in found.notes[0]
    assert "less than 0.001" in found.notes[0]


def test_curves_that_part_are_told() -> None:
    found = find("twins", tables(*twins({"numpy": 0.2, "keras": 4.0}, gap=0.01)))
    assert "but NOT along the same curve" in found.sentence
    assert "NOT less than 0.001" in found.notes[0]


@pytest.mark.parametrize(
    ("gap", "band", "words", "note"),
    [
        (1e-6, 1e-5, ", along the same curve, keras takes", "at 10% of what is allowed there"),
        (1e-3, 1e-2, ", along the same curve until rounding parts them, as it parts float32 itself, keras", "chaotic"),
        (1e-6, 1e-7, ", but NOT along the same curve, keras takes", "at 1000% of what is allowed there"),
        (
            1e-6,
            None,
            ", along the same curve wherever there is a band of rounding to judge by,",
            "there is no band for",
        ),
    ],
)
def test_a_curve_is_told_the_same_by_what_rounding_explains(
    gap: float, band: float | None, words: str, note: str
) -> None:
    trials, curves = twins({"numpy": 0.2, "keras": 4.0}, gap=gap)
    curves["reference_loss"] = [0.7, 0.5, 0.3] * 12
    curves["band"] = [0.0, 1e-3, 1e-3 if band is None else band] * 12
    curves.loc[curves["epoch"] == 2, "band"] = band
    found = find("twins", tables(trials, curves))
    assert words in found.sentence
    assert note in " ".join(found.notes)
    assert "NOT less than" not in found.notes[0]


def test_the_curve_of_a_trial_that_failed_is_not_among_those_that_are_compared() -> None:
    trials, curves = twins({"numpy": 0.2, "keras": 4.0}, gap=1e-6)
    curves.loc[(curves["contender"] == "keras") & (curves["seed"] == 3), "train_loss"] = 9.0
    trials.loc[(trials["contender"] == "keras") & (trials["seed"] == 3), "status"] = "failed"
    assert ", along the same curve, keras takes" in find("twins", tables(trials, curves)).sentence


def test_an_undecided_ratio_is_called_so() -> None:
    trials, curves = twins({"numpy": 1.0, "keras": 1.0})
    trials.loc[trials["contender"] == "keras", "train_seconds"] = [0.5, 2.0, 0.6, 1.8, 0.9, 1.2]
    assert "which leaves open which is faster" in find("twins", tables(trials, curves)).sentence


def test_without_numpy_the_others_are_compared() -> None:
    found = find("twins", tables(*twins({"keras": 4.0, "keras_tuned": 1.0})))
    assert "keras_tuned takes 0.25 times" in found.sentence
    assert "as long to train as keras," in found.sentence


def test_one_seed_has_no_interval() -> None:
    found = find("twins", tables(*twins({"numpy": 0.2, "keras": 4.0}, seeds=1)))
    assert "20 times (one pair: no interval)" in found.sentence


def test_without_keras_there_is_nothing_to_compare_and_the_reason_is_told() -> None:
    trials, curves = twins({"numpy": 0.2})
    skipped = trial_row(**TWINS, contender="keras", seed=0, status="skipped", status_detail="No module named 'keras'")
    both = pd.concat([trials, frame(TRIALS, [skipped])], ignore_index=True)
    found = find("twins", tables(both, curves))
    assert found.sentence == "There is nothing to compare: only numpy trained to the end."
    assert "keras: 1 of 1 trials skipped: No module named 'keras'" in found.notes


@pytest.mark.parametrize("suite", ["twins", "published", "explain"])
def test_a_run_without_trials_still_has_a_sentence(suite: str) -> None:
    found = find(suite, tables(frame(TRIALS, [])))
    assert found.sentence.startswith("There is nothing")


def published(**article: object) -> pd.DataFrame:
    side = {"suite": "published", "pair": "article"}
    ours = {"updates_to_target": 6000, "seconds_to_target": 7.0, "epochs": 10_000, **article}
    theirs = {"updates_to_target": 2500, "seconds_to_target": 2.0, "epochs": 200}
    rows = [trial_row(**side, scenario="article_numpy", contender="article", seed=s, **ours) for s in range(3)]
    rows += [trial_row(**side, scenario="article_keras", contender="keras", seed=s, **theirs) for s in range(3)]
    return frame(TRIALS, rows)


def test_the_published_duel_is_told_in_updates_and_seconds() -> None:
    found = find("published", tables(published()))
    assert "the article's NumPy network took 6,000 updates and 7 s to 95 % training accuracy" in found.sentence
    assert "its Keras network took 2,500 updates and 2 s" in found.sentence
    assert any("cannot come from an optimizer" in note for note in found.notes)


def test_trials_that_never_reached_their_target_are_not_dropped() -> None:
    never = published(reached_target=False, updates_to_target=None, seconds_to_target=None)
    found = find("published", tables(never))
    assert "reached 95 % training accuracy in 0 of 3 trials of 10,000 epochs" in found.sentence
    assert "not reached" in found.tables[0].rows[0]


def test_a_network_that_ends_as_a_coin_is_called_one() -> None:
    rows = [
        trial_row(
            suite="published", pair="printed", scenario="printed_numpy", contender="article", seed=seed, train_loss=loss
        )
        for seed, loss in enumerate([0.6931, 0.6932, 0.3])
    ]
    found = find("published", tables(frame(TRIALS, rows)))
    assert any("in 2 of 3 trials" in note for note in found.notes)


def test_tables_by_contender_say_what_did_not_go_well() -> None:
    from bench.statistics.summary import summarize

    trials, _ = twins({"numpy": 0.2})
    bad = frame(TRIALS, [trial_row(**TWINS, contender="keras", seed=0, status="failed", status_detail="x")])
    (table,) = contender_tables(summarize(pd.concat([trials, bad], ignore_index=True)), {"twins": 0.95}).values()
    assert [row[1] for row in table.rows] == ["6 ok", "0 ok, 1 failed"]
    assert set(table.rows[1][2:]) == {"–"}


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    assert escape("<script>a|b*c_d`e`[x](y)") == "&lt;script&gt;a\\|b\\*c\\_d\\`e\\`\\[x\\](y)"


@pytest.mark.parametrize(
    ("seconds", "words"), [(12.34, "12.3 s"), (0.2, "200 ms"), (4.2e-5, "42 µs"), (1e-9, "1 ns"), (1e-10, "1.0e-10 s")]
)
def test_seconds_in_the_unit_that_suits_them(seconds: float, words: str) -> None:
    assert seconds_words(seconds) == words


def row_of(found: Finding[Any], table: int, first: str) -> tuple[str, ...]:
    return next(row for row in found.tables[table].rows if row[0] == first)


def test_each_cause_is_worth_what_was_planted_and_it_depends_on_the_clock() -> None:
    found = find("explain", tables(explain_trials()))
    updates, epochs, samples, seconds = range(4)
    assert row_of(found, updates, "initial weights")[2:5] == ("2 (2 to 2)", "2", "2")
    assert row_of(found, updates, "batches")[2:] == ("1.000 (1.000 to 1.000)", "1.000", "1.000", "1", "1", "not shown")
    assert row_of(found, epochs, "batches")[2].startswith("29 (")
    assert found.tables[epochs].rows[2][2:] == found.tables[samples].rows[2][2:]
    assert row_of(found, seconds, "batches")[2] == "20 (20 to 20)"
    assert row_of(found, seconds, "number type")[2] == "2 (2 to 2)"
    assert row_of(found, seconds, "all together")[2] == "80 (80 to 80)"
    assert "2 times as many updates (2 to 2), most of all for its initial weights (2 times, 2 to 2)" in found.sentence
    assert (
        "80 times as many training seconds (80 to 80), most of all for its batches (20 times, 20 to 20)"
        in found.sentence
    )
    assert "8 seeds" in found.sentence
    # eight seeds alike on one side: 2 in 256, times the five causes that Holm counts
    assert row_of(found, updates, "initial weights")[5:] == ("0.0078", "0.039", "shortens")


def test_a_cell_that_never_reached_its_target_is_told_and_its_seed_left_out() -> None:
    never = [(frozenset({"shuffling"}), 3)]
    found = find("explain", tables(explain_trials(never=never)))
    assert "7 seeds" in found.sentence
    assert "1 of 256 cells never reached the target" in found.notes[0]
    assert "explain_normal_drawn_full_shuffled_float64 at seed 3" in found.notes[0]
    assert row_of(found, 0, "initial weights")[-1] == "too few seeds"


def test_where_nothing_is_cut_short_that_is_said() -> None:
    assert find("explain", tables(explain_trials())).notes[0].startswith("No cell was cut short: each of 256 ")


@pytest.mark.parametrize(("updates", "words"), [(8123, "8,123"), (None, "never")])
def test_keras_in_the_corners_is_set_beside_numpy(updates: int | None, words: str) -> None:
    corner = explain_cell(frozenset()).name
    side = {"suite": "explain", "scenario": corner, "pair": "explain"}
    reached = {"reached_target": updates is not None, "updates_to_target": updates}
    trial = trial_row(contender="keras", seed=0, **reached, **side)
    both = pd.concat([explain_trials(), frame(TRIALS, [trial])], ignore_index=True)
    notes = find("explain", tables(both)).notes
    assert any(f"keras, seed 0, {corner}: target after {words} updates, numpy after 8,000" in note for note in notes)


def test_why_the_printed_network_never_learns_is_a_figure() -> None:
    found = find("explain", tables(explain_trials(), gradients=first_gradients_table()))
    note = next(note for note in found.notes if note.startswith("Why the network that the article prints never learns"))
    assert "the norm 2.0e-04 (median over seeds), 1,000 times smaller than 2.0e-01 with Glorot's weights." in note
    assert found.tables[-1].rows[2][:3] == ("2-4-6-6-4-1", "0.1 normal", "2.0e-04")


def test_a_gradient_of_zero_is_told_as_what_it_is() -> None:
    table = first_gradients_table(seeds=(0,))
    table.loc[(table["scenario"] == "printed_numpy") & (table["layer"] == 1), "gradient_norm"] = 0.0
    notes = find("explain", tables(explain_trials(), gradients=table)).notes
    assert any(
        "the norm 0.0e+00 (median over seeds), against 1.0e-01 with Glorot's weights; at 1 of 1 seeds" in n
        for n in notes
    )
