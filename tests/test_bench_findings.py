"""Findings: from made-up tables, a sentence that is true of them, whatever is missing."""

import pandas as pd
import pytest
from made_up import curve_rows, trial_row

from bench.findings import find
from bench.findings.finding import seconds_words
from bench.report.contenders import contender_tables
from bench.report.markdown import escape
from bench.store.tables import CURVES, TRIALS, frame

TWINS = {"suite": "twins", "scenario": "twins", "pair": "twins"}


def twins(seconds: dict[str, float], seeds: int = 6, gap: float = 1e-6) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, curves = [], []
    for number, (name, taken) in enumerate(seconds.items()):
        for seed in range(seeds):
            rows.append(trial_row(**TWINS, contender=name, seed=seed, train_seconds=taken * (1 + 0.01 * seed)))
            curves += curve_rows("twins", "twins", name, seed, [0.7, 0.5, 0.3 + gap * number])
    return frame(TRIALS, rows), frame(CURVES, curves)


def test_a_clear_ratio_is_told_with_its_interval() -> None:
    found = find("twins", *twins({"numpy": 0.2, "keras": 4.0, "keras_tuned": 1.0}))
    assert "keras takes 20 times (95 % interval 20 to 20, 6 pairs)" in found.sentence
    assert "keras_tuned takes 5 times" in found.sentence
    assert ", along the same curve," in found.sentence
    assert "differ by at most 2.0e-06" in found.notes[0]
    assert "less than 0.001" in found.notes[0]


def test_curves_that_part_are_told() -> None:
    found = find("twins", *twins({"numpy": 0.2, "keras": 4.0}, gap=0.01))
    assert "but NOT along the same curve" in found.sentence
    assert "NOT less than 0.001" in found.notes[0]


def test_an_undecided_ratio_is_called_so() -> None:
    trials, curves = twins({"numpy": 1.0, "keras": 1.0})
    trials.loc[trials["contender"] == "keras", "train_seconds"] = [0.5, 2.0, 0.6, 1.8, 0.9, 1.2]
    assert "which leaves open who is faster" in find("twins", trials, curves).sentence


def test_without_numpy_the_others_are_compared() -> None:
    found = find("twins", *twins({"keras": 4.0, "keras_tuned": 1.0}))
    assert "keras_tuned takes 0.25 times" in found.sentence
    assert "as long to train as keras," in found.sentence


def test_one_seed_has_no_interval() -> None:
    assert "20 times (one pair: no interval)" in find("twins", *twins({"numpy": 0.2, "keras": 4.0}, seeds=1)).sentence


def test_without_keras_there_is_nothing_to_compare_and_the_reason_is_told() -> None:
    trials, curves = twins({"numpy": 0.2})
    skipped = trial_row(**TWINS, contender="keras", seed=0, status="skipped", status_detail="No module named 'keras'")
    both = pd.concat([trials, frame(TRIALS, [skipped])], ignore_index=True)
    found = find("twins", both, curves)
    assert found.sentence == "There is nothing to compare: only numpy trained to the end."
    assert "keras: 1 of 1 trials skipped: No module named 'keras'" in found.notes


@pytest.mark.parametrize("suite", ["twins", "published"])
def test_a_run_without_trials_still_has_a_sentence(suite: str) -> None:
    found = find(suite, frame(TRIALS, []), frame(CURVES, []))
    assert found.sentence.startswith("There is nothing")


def published(**article: object) -> pd.DataFrame:
    side = {"suite": "published", "pair": "article"}
    ours = {"updates_to_target": 6000, "seconds_to_target": 7.0, "epochs": 10_000, **article}
    theirs = {"updates_to_target": 2500, "seconds_to_target": 2.0, "epochs": 200}
    rows = [trial_row(**side, scenario="article_numpy", contender="article", seed=s, **ours) for s in range(3)]
    rows += [trial_row(**side, scenario="article_keras", contender="keras", seed=s, **theirs) for s in range(3)]
    return frame(TRIALS, rows)


def test_the_published_duel_is_told_in_updates_and_seconds() -> None:
    found = find("published", published(), frame(CURVES, []))
    assert "the article's NumPy network took 6,000 updates and 7 s to 95 % training accuracy" in found.sentence
    assert "its Keras network took 2,500 updates and 2 s" in found.sentence
    assert any("cannot come from an optimizer" in note for note in found.notes)


def test_trials_that_never_reached_their_target_are_not_dropped() -> None:
    never = published(reached_target=False, updates_to_target=None, seconds_to_target=None)
    found = find("published", never, frame(CURVES, []))
    assert "reached 95 % training accuracy in 0 of 3 trials of 10,000 epochs" in found.sentence
    assert "not reached" in found.tables[0].rows[0]


def test_a_network_that_ends_as_a_coin_is_called_one() -> None:
    rows = [
        trial_row(
            suite="published", pair="printed", scenario="printed_numpy", contender="article", seed=seed, train_loss=loss
        )
        for seed, loss in enumerate([0.6931, 0.6932, 0.3])
    ]
    found = find("published", frame(TRIALS, rows), frame(CURVES, []))
    assert any("in 2 of 3 trials" in note for note in found.notes)


def test_tables_by_contender_say_what_did_not_go_well() -> None:
    from bench.analysis.summary import summarize

    trials, _ = twins({"numpy": 0.2})
    bad = frame(TRIALS, [trial_row(**TWINS, contender="keras", seed=0, status="failed", status_detail="x")])
    (table,) = contender_tables(summarize(pd.concat([trials, bad], ignore_index=True))).values()
    assert [row[1] for row in table.rows] == ["6 ok", "0 ok, 1 failed"]
    assert set(table.rows[1][2:]) == {"–"}


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    assert escape("<script>a|b*c_d`e`[x](y)") == "&lt;script&gt;a\\|b\\*c\\_d\\`e\\`\\[x\\](y)"


@pytest.mark.parametrize(
    ("seconds", "words"), [(12.34, "12.3 s"), (0.2, "200 ms"), (4.2e-5, "42 µs"), (1e-9, "1 ns"), (1e-10, "1.0e-10 s")]
)
def test_seconds_in_the_unit_that_suits_them(seconds: float, words: str) -> None:
    assert seconds_words(seconds) == words
