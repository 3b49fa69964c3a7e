"""The gate: each rule passes, fails and is inconclusive where it should be, and says which it was."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from made_up import Change, break_off, curve, edit_trials, trial_row, verdict, write_folder, write_run
from typer.testing import CliRunner

import bench
from bench.cli import app as cli
from bench.core.errors import UsageError
from bench.core.score import SCORES
from bench.experiments import EXPERIMENTS, SCENARIOS
from bench.statistics.decide import Outcome
from bench.verdicts.baseline import renew
from bench.verdicts.check import Check, as_json, as_markdown, as_text, judge, outcome_of

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
SEEDS = (2, 0, 1, 3, 4, 5, 6, 7, 8, 9)


def run(folder: Path, **values: Any) -> bench.Run:
    return write_run(folder, **{"seeds": SEEDS, "weights": False, **values})


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> bench.Run:
    folder = tmp_path_factory.mktemp("runs")

    def slower(number: int) -> Change:
        share = {"numpy": 0.01 * number, "keras": 0.02 * (number % 2)}
        return lambda row: {**row, "train_seconds": row["train_seconds"] * (1.0 + share.get(row["contender"], 0.0))}

    runs = [write_run(folder / str(number), seeds=SEEDS, change=slower(number)) for number in range(5)]
    return renew(runs[0], folder / "baseline", [], others=runs[1:])


def of(checks: list[Check], rule: str, subject: str) -> Check:
    (found,) = (check for check in checks if (check.rule, check.subject) == (rule, subject))
    return found


def only(contender: str, **values: Any) -> Change:
    return lambda row: {**row, **values} if row["contender"] == contender else row


def test_true_twins_pass_every_rule(tmp_path: Path, baseline: bench.Run) -> None:
    checks = judge(run(tmp_path / "run"), baseline)
    assert {check.outcome for check in checks} == {PASS}
    assert outcome_of(checks) is PASS
    rules = [check.rule for check in checks]
    assert rules == [
        *(["proof"] * 3 + ["trials"] * 3 + ["accuracy"] * 3),
        *(["same accuracy", "same curve", "time ratio"] * 2),
    ]


# One thing changed in a run, the rule that must say so, and what it must say.
CHANGES: dict[str, tuple[dict[str, Any], str, str, Outcome, str]] = {
    "learns nothing": (
        {"change": lambda row: {**row, "test_accuracy": 0.46}},
        *("accuracy", "keras", FAIL, "0.46"),
    ),
    "too few seeds": (
        {"seeds": [2, 0, 1, 3, 4]},
        *("accuracy", "numpy", INCONCLUSIVE, "5 seeds, and 6 are the fewest for a verdict"),
    ),
    "a network of one's own, as true as the twins": (
        {"twins": ["numpy", "keras", "keras_tuned", "mine"]},
        *("same accuracy", "numpy, mine", PASS, "10 pairs"),
    ),
    "an interval of 95 % that just reaches the bound": (
        # mean 0.96, standard deviation 0.01 * sqrt(10 / 9), so 0.96 - 0.00754 for 95 %, - 0.0108 for 99 %
        {"change": lambda row: {**row, "test_accuracy": 0.96 + 0.01 * (-1) ** row["seed"]}},
        *("accuracy", "numpy", PASS, "0.96 (0.9525 to 0.9675, 10 seeds)"),
    ),
    "differences whose 90 % interval is inside and whose 95 % interval is not": (
        # mean 0.004, standard deviation 0.00966: 0.0056 for 90 %, 0.00691 for 95 %
        {
            "change": lambda row: {
                **row,
                "test_accuracy": row["test_accuracy"]
                - (row["contender"] == "keras") * (0.004 + 0.00917 * (-1) ** row["seed"]),
            }
        },
        *("same accuracy", "numpy, keras", PASS, "10 pairs"),
    ),
    "learns too little for certain": (
        {"change": lambda row: {**row, "test_accuracy": 0.95 + 0.02 * (-1) ** row["seed"]}},
        *("accuracy", "numpy", INCONCLUSIVE, "0.95 (0.9"),
    ),
    "one seed": ({"seeds": [2]}, *("accuracy", "numpy", INCONCLUSIVE, "no interval")),
    "one twin learns something else": (
        {"change": only("keras", test_accuracy=0.999)},
        *("same accuracy", "numpy, keras", FAIL, "-0.02"),
    ),
    "one twin may learn something else": (
        {
            "change": lambda row: {
                **row,
                "test_accuracy": row["test_accuracy"] - 0.02 * (row["contender"] == "keras" and row["seed"] > 4),
            }
        },
        *("same accuracy", "numpy, keras", INCONCLUSIVE, "10 pairs"),
    ),
    "another curve": (
        {"shift": lambda contender, seed: 0.002 * (contender == "keras_tuned" and seed == 3)},
        *("same curve", "numpy, keras_tuned", FAIL, "2.0e-03 apart in half of all epochs, at seed 3"),
    ),
    "almost the same curve": (
        {"shift": lambda contender, _seed: 0.0009 * (contender == "keras")},
        *("same curve", "numpy, keras", PASS, "9.0e-04 apart at most"),
    ),
    "numpy twice as slow": (
        {"change": lambda row: {**row, "train_seconds": row["train_seconds"] * (1 + (row["contender"] == "numpy"))}},
        *("time ratio", "numpy, keras", FAIL, "5 runs of the baseline 0.06"),
    ),
    "numpy faster": (
        {"change": lambda row: {**row, "train_seconds": row["train_seconds"] / (1 + (row["contender"] == "numpy"))}},
        *("time ratio", "numpy, keras", PASS, "5 runs of the baseline 0.06"),
    ),
    "a machine twice as slow": (
        {"change": lambda row: {**row, "train_seconds": row["train_seconds"] * 2}},
        *("time ratio", "numpy, keras", PASS, "5 runs of the baseline 0.06"),
    ),
    "too noisy a machine": (
        {
            "change": lambda row: {
                **row,
                "train_seconds": row["train_seconds"] * (9 if row["seed"] % 2 and row["contender"] == "numpy" else 1),
            }
        },
        *("time ratio", "numpy, keras", INCONCLUSIVE, "5 runs of the baseline 0.06"),
    ),
    "more threads": (
        {"change": lambda row: {**row, "threads": 2}},
        *("time ratio", "numpy, keras", INCONCLUSIVE, "threads 2 here, 1 in the baseline: not comparable"),
    ),
    "a failed trial": (
        {
            "change": lambda row: (
                {**row, "status": "failed", "status_detail": "a reason"}
                if (row["contender"], row["seed"]) == ("keras", 3)
                else row
            )
        },
        *("trials", "keras", FAIL, "9 ok, 1 failed (a reason)"),
    ),
    "a diverged trial": (
        {
            "change": lambda row: (
                {**row, "status": "diverged", "status_detail": "not finite"}
                if (row["contender"], row["seed"]) == ("keras", 3)
                else row
            )
        },
        *("trials", "keras", FAIL, "9 ok, 1 diverged"),
    ),
    "no Keras": (
        {
            "change": lambda row: (
                row if row["contender"] == "numpy" else {**row, "status": "skipped", "status_detail": "no keras"}
            )
        },
        *("trials", "keras", INCONCLUSIVE, "10 skipped (no keras)"),
    ),
    "interrupted": (
        {"change": lambda row: row if row["seed"] < 5 else None, "status": "interrupted"},
        *("trials", "numpy", INCONCLUSIVE, "5 ok, 5 not made"),
    ),
    "nothing made": (
        {"change": lambda _row: None, "status": "interrupted"},
        *("accuracy", "numpy", INCONCLUSIVE, "no trial is ok"),
    ),
    "no twin": (
        {
            "verdicts": [verdict("numpy", status="differs", first="gradient: kernel of layer 1", first_difference=0.5)],
            "change": lambda _row: None,
            "status": "refused",
        },
        *("proof", "numpy (not equal)", FAIL, "twins: first to differ is gradient: kernel of layer 1, by 5.0e-01"),
    ),
    "not proven": ({"verdicts": []}, *("proof", "numpy", INCONCLUSIVE, "no proof was made")),
    "not installed": (
        {"verdicts": [verdict("keras", status="skipped", detail="No module named 'keras'")]},
        *("proof", "keras", INCONCLUSIVE, "No module named 'keras'"),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_wrong_is_found_by_its_rule(name: str, tmp_path: Path, baseline: bench.Run) -> None:
    values, rule, subject, outcome, words = CHANGES[name]
    checks = judge(run(tmp_path / "run", **values), baseline)
    check = of(checks, rule, subject)
    assert check.outcome is outcome
    assert words in check.measured
    assert outcome_of(checks) is not PASS or outcome is PASS


# How far copies of the reference are from it by epoch, and what the contender's loss is shifted by.
def narrow(epoch: int) -> float:
    return 1e-7 * (epoch > 0)


def chaotic(epoch: int) -> float:
    return 1e-2 if epoch > 40 else narrow(epoch)


def part(epoch: int, by: float) -> Callable[[dict[str, list[float]]], None]:
    def change(curve: dict[str, list[float]]) -> None:
        curve["train_loss"][epoch] += by

    return change


BANDS: dict[str, tuple[dict[str, Any], tuple[int, float], Outcome, str]] = {
    "inside a narrow band": (
        {"spread": narrow},
        (50, 3e-7),
        PASS,
        "3.0e-07 apart at most, at seed 8, epoch 50; inside",
    ),
    "a fault that the fixed bound does not see": (
        {"spread": narrow},
        (5, 1e-4),
        FAIL,
        "1.0e-04 from the reference where rounding explains 4.8e-07: keras at seed 8, epoch 5",
    ),
    "a kink that no copy met": (
        {"spread": narrow},
        (5, 1e-5),
        PASS,
        "1.0e-05 apart at most, at seed 8, epoch 5; 1 of 20 curves left the band, not far: keras at seed 8, epoch 5",
    ),
    "chaos that the fixed bound takes for a fault": (
        {"spread": chaotic},
        (50, 2.3e-3),
        PASS,
        "2.3e-03 apart at most, at seed 8, epoch 50; inside, at most 6% of the way out: keras at seed 8, epoch 50",
    ),
    "a fault before the chaos": ({"spread": chaotic}, (5, 1e-4), FAIL, "keras at seed 8, epoch 5"),
    "a band over the first epochs": (
        {"spread": narrow, "raced": 30},
        (50, 0.1),
        INCONCLUSIVE,
        "inside where there is a band, but there is none for numpy at seed 2, epoch 31",
    ),
}


@pytest.mark.parametrize("name", BANDS)
def test_curves_are_held_to_what_rounding_explains(name: str, tmp_path: Path, baseline: bench.Run) -> None:
    values, change, outcome, words = BANDS[name]
    made = run(tmp_path / "run", **values)
    edit_trials(made.path, "twins-twins-keras-8.json", part(*change))
    check = of(judge(bench.load(made.path), baseline), "same curve", "numpy, keras")
    assert check.outcome is outcome
    assert words in check.measured


def test_a_trial_outside_of_the_band_has_failed_and_the_others_stand(tmp_path: Path) -> None:
    made = run(tmp_path / "run", spread=narrow)
    edit_trials(made.path, "twins-twins-keras-8.json", part(5, 1e-4))
    trials = bench.load(made.path).trials
    failed = trials[trials["status"] != "ok"]
    assert list(failed["contender"] + failed["seed"].astype(str)) == ["keras8"]
    assert failed["status_detail"].iloc[0] == (
        "its loss is 1.0e-04 from the reference's after epoch 5, where rounding explains 4.8e-07: not the same training"
    )


def test_a_small_fault_shows_at_every_seed(tmp_path: Path, baseline: bench.Run) -> None:
    made = run(tmp_path / "run", spread=narrow)
    edit_trials(made.path, "twins-twins-keras-*.json", part(5, 1e-5))
    found = bench.load(made.path)
    assert set(found.trials[found.trials["status"] == "failed"]["contender"]) == {"keras"}
    assert of(judge(found, baseline), "same curve", "numpy, keras").outcome is FAIL


def test_a_band_of_other_data_judges_nothing(tmp_path: Path, baseline: bench.Run) -> None:
    made = run(tmp_path / "run", spread=narrow, change=lambda row: {**row, "data_hash": "another"})
    check = of(judge(made, baseline), "same curve", "numpy, keras")
    assert "this run kept no band of rounding" in check.expected


def test_without_a_band_curves_that_part_in_a_few_epochs_are_inconclusive(tmp_path: Path, baseline: bench.Run) -> None:
    made = run(tmp_path / "run")
    edit_trials(made.path, "twins-twins-keras-8.json", part(55, 0.0023))
    check = of(judge(bench.load(made.path), baseline), "same curve", "numpy, keras")
    assert check.outcome is INCONCLUSIVE
    assert check.measured.startswith("2.3e-03 apart at most, at seed 8, epoch 55; 0.0e+00 in half of all epochs")


def test_a_curve_that_breaks_off_on_one_side_is_not_close(tmp_path: Path, baseline: bench.Run) -> None:
    made = run(tmp_path / "run")
    edit_trials(made.path, "twins-twins-keras-8.json", lambda curve: break_off(curve, 10))
    check = of(judge(bench.load(made.path), baseline), "same curve", "numpy, keras")
    assert check.outcome is FAIL


def test_a_baseline_of_too_few_runs_cannot_tell(tmp_path: Path) -> None:
    made = [write_run(tmp_path / str(number), seeds=SEEDS) for number in range(4)]
    check = of(judge(made[0], made[0]), "time ratio", "numpy, keras")
    assert (check.outcome, check.measured.partition(":")[0]) == (INCONCLUSIVE, "one run cannot say how runs differ")
    kept = renew(made[0], tmp_path / "baseline", [], others=made[1:])
    check = of(judge(made[0], kept), "time ratio", "numpy, keras")
    assert (check.outcome, check.measured.partition(":")[0]) == (INCONCLUSIVE, "4 runs say too little")


def test_runs_of_two_machines_are_no_baseline(tmp_path: Path) -> None:
    one, other = (write_run(tmp_path / name, seeds=SEEDS, environment={"host": name}) for name in ("one", "other"))
    with pytest.raises(UsageError, match=r"must be of one machine, .* is of another: host is one there and other here"):
        renew(one, tmp_path / "baseline", [], others=[other])
    assert not (tmp_path / "baseline").exists()


def test_a_table_of_others_is_refused(tmp_path: Path, baseline: bench.Run) -> None:
    copied = Path(shutil.copytree(baseline.path, tmp_path / "baseline"))
    for content in (b"no table", b""):
        (copied / "runs.parquet").write_bytes(content)
        with pytest.raises(UsageError, match=r"runs\.parquet must hold the trials of runs that this version wrote"):
            judge(baseline, bench.load(copied))


def test_without_a_baseline_time_is_inconclusive_and_says_how_to_make_one(tmp_path: Path) -> None:
    check = of(judge(run(tmp_path / "run"), None), "time ratio", "numpy, keras")
    assert check.outcome is INCONCLUSIVE
    assert "make baseline" in check.measured


def test_one_contender_alone_is_inconclusive(tmp_path: Path) -> None:
    alone = write_run(tmp_path / "run", twins=["numpy"])
    checks = judge(alone, None)
    assert of(checks, "same accuracy", "numpy").outcome is INCONCLUSIVE


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"twins": [], "published": True}, "needs a run of the suite 'twins', .*, got one of published"),
        ({"settings": {"seeds": {"twins": [2]}, "contenders": [], "quick": True}}, "is a quick one"),
    ],
)
def test_a_run_that_cannot_be_judged_is_refused(values: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        judge(write_run(tmp_path / "run", **values), None)


CHECKS = [
    Check("accuracy", "<b>numpy|</b>", PASS, "0.98 (0.97 to 0.99, 10 seeds)", "at least 0.95"),
    Check("proof", "keras", FAIL, "differs", "equal"),
    Check("time ratio", "keras", INCONCLUSIVE, "nothing", "something"),
]


def test_text_is_a_line_a_finding_and_the_outcome_last() -> None:
    lines = as_text(CHECKS).splitlines()
    assert len(lines) == 4
    assert [line.split()[0] for line in lines[:3]] == ["pass", "fail", "inconclusive"]
    assert all("measured:" in line and "expected:" in line for line in lines[:3])
    assert lines[-1] == "FAIL: 1 pass, 1 fail, 1 inconclusive"


def test_markdown_is_a_table_that_obeys_no_name() -> None:
    text = as_markdown(CHECKS)
    assert text.startswith("**FAIL: 1 pass, 1 fail, 1 inconclusive**")
    assert "&lt;b&gt;numpy\\|&lt;/b&gt;" in text
    assert text.count("\n| ") == 4


def test_json_can_be_read_by_a_program(tmp_path: Path, baseline: bench.Run) -> None:
    found = json.loads(as_json(judge(run(tmp_path / "run"), baseline)))
    assert found["outcome"] == "pass"
    accuracy = next(each for each in found["findings"] if each["rule"] == "accuracy")
    assert accuracy["low"] <= accuracy["center"] <= accuracy["high"]
    assert accuracy["count"] == 10


def test_nothing_found_is_not_a_pass_where_a_rule_could_not_tell() -> None:
    assert outcome_of([CHECKS[0], CHECKS[2]]) is INCONCLUSIVE
    assert outcome_of(CHECKS) is FAIL
    assert outcome_of(CHECKS[:1]) is PASS


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (dict, 0),
        (lambda row: {**row, "test_accuracy": 0.46}, 1),
        (lambda row: {**row, "threads": 2}, 3),
    ],
)
def test_the_command_ends_with_the_exit_code_of_its_outcome(
    change: Callable[[dict[str, Any]], dict[str, Any]], code: int, tmp_path: Path, baseline: bench.Run
) -> None:
    made = run(tmp_path / "run", change=change)
    words = ["check", str(made.path), "--baseline", str(baseline.path)]
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == code, done.output
    word = {0: "PASS", 1: "FAIL", 3: "INCONCLUSIVE"}[code]
    assert done.stdout.splitlines()[-1].startswith(word)
    as_data = CliRunner().invoke(cli.app, [*words, "--format", "json"])
    assert json.loads(as_data.stdout)["outcome"] == word.lower()


def test_a_learning_rate_of_zero_fails_and_says_which(
    tmp_path: Path, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = EXPERIMENTS["twins"]
    scenario = suite.entries[0].scenario
    still = replace(scenario, epochs=2, network=replace(scenario.network, learning_rate=0.0))
    entries = tuple(replace(entry, scenario=still) for entry in suite.entries)
    monkeypatch.setitem(EXPERIMENTS, "twins", replace(suite, entries=entries))
    made = bench.run("twins", contenders=["numpy", example], seeds=6, out=tmp_path)
    checks = judge(made, None)
    for twin in ("numpy", "example_contender"):
        assert of(checks, "proof", twin).outcome is PASS
        assert of(checks, "accuracy", twin).outcome is FAIL
    assert outcome_of(checks) is FAIL


def test_a_fault_planted_in_a_twin_fails_and_says_which(tmp_path: Path, example: str) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(Path(example).read_text().replace("/ len(rows)", ""))
    words = ["check", "--contender", "numpy", "--contender", str(wrong), "--seeds", "2", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 1, done.output
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("FAIL")
    (failing,) = (line for line in lines if line.startswith("fail"))
    assert "wrong" in failing
    assert "first to differ is gradient: kernel of layer 1" in failing


def test_how_much_slower_is_allowed_can_be_told(tmp_path: Path, baseline: bench.Run) -> None:
    change = only("numpy", train_seconds=0.4)
    made = run(tmp_path / "run", change=change)
    words = ["check", str(made.path), "--baseline", str(baseline.path)]
    assert CliRunner().invoke(cli.app, words).exit_code == 1
    assert CliRunner().invoke(cli.app, [*words, "--slower", "4"]).exit_code == 0


def test_a_run_that_holds_the_published_duel_too_is_judged_by_the_fair_one_alone(
    tmp_path: Path, baseline: bench.Run
) -> None:
    now = run(tmp_path / "now", published=True, change=only("numpy", train_seconds=0.8))
    checks = {(check.rule, check.subject): check.outcome for check in judge(now, baseline)}
    assert checks["time ratio", "numpy, keras"] is FAIL
    assert "article" not in {subject for _, subject in checks}


def test_a_contender_that_was_timed_anyway_fails_the_proof_and_is_judged_by_no_other_rule(
    tmp_path: Path, baseline: bench.Run
) -> None:
    wrong = verdict("mine", status="differs", first="gradient: kernel of layer 1", first_difference=0.5)
    made = run(
        tmp_path / "run",
        twins=["numpy", "keras", "mine"],
        verdicts=[verdict("numpy"), verdict("keras"), wrong],
        change=only("mine", test_accuracy=0.46),
        shift=lambda contender, _seed: 0.5 * (contender == "mine"),
    )
    checks = judge(made, baseline)
    (about,) = (check for check in checks if "mine" in check.subject)
    assert (about.rule, about.subject, about.outcome) == ("proof", "mine (not equal)", FAIL)
    assert about.measured.startswith("not equal in twins: first to differ is gradient: kernel of layer 1")
    assert {check.outcome for check in checks if check is not about} == {PASS}
    assert outcome_of(checks) is FAIL


def test_where_no_contender_is_equal_the_proof_alone_is_judged(tmp_path: Path) -> None:
    wrong = verdict("numpy", status="differs", first="forward pass", first_difference=0.5)
    checks = judge(run(tmp_path / "run", twins=["numpy"], verdicts=[wrong]), None)
    assert [(check.rule, check.outcome) for check in checks] == [("proof", FAIL)]


# Runs of the user's own


def own_run(folder: Path, task: str, scores: dict[str, float], target: float) -> bench.Run:
    """Return a run of a scenario of the user's own, in which each contender has this score at every seed."""
    scenario = replace(SCENARIOS["twins"], name="mine", task=task, target_accuracy=target)
    score = SCORES[task]
    trials: dict[str, Any] = {}
    for (name, value), seed in product(scores.items(), SEEDS):
        kept = curve(seed)
        for side in ("train", "test"):
            kept[f"{side}_{score.name}"] = kept.pop(f"{side}_accuracy")
        ends = {column: values[-1] for column, values in kept.items() if column.startswith(("train_", "test_"))}
        kept[score.test] = [*kept[score.test][:-1], value]
        named = {"suite": "mine", "scenario": "mine", "pair": "mine", "train_accuracy": None, "test_accuracy": None}
        values = {**named, **ends, score.test: value, "epochs": kept["epoch"][-1]}
        row = trial_row(contender=name, seed=seed, **values)
        trials[f"mine-{name}-{seed}"] = ({**row, "updates": kept["updates"][-1]}, kept)
    settings = {"seeds": {"mine": list(SEEDS)}, "scenarios": {"mine": asdict(scenario)}, "contenders": list(scores)}
    return write_folder(folder, trials, [verdict(name, "mine") for name in scores], {"settings": settings})


@pytest.mark.parametrize(
    ("target", "least", "outcome", "expected"),
    [(0.9, None, PASS, "at least 0.9"), (0.95, None, FAIL, "at least 0.95"), (0.95, 0.9, PASS, "at least 0.9")],
)
def test_a_run_of_ones_own_is_held_to_its_own_target(
    tmp_path: Path, baseline: bench.Run, target: float, least: float | None, outcome: Outcome, expected: str
) -> None:
    made = own_run(tmp_path / "run", "regression", {"numpy": 0.93, "keras": 0.931}, target)
    checks = judge(made, baseline, least_score=least)
    assert of(checks, "R²", "numpy").outcome is outcome
    assert of(checks, "R²", "numpy").expected == f"mean test R², 95 % interval, {expected}"
    assert of(checks, "same R²", "numpy, keras").outcome is PASS
    assert "time ratio" not in {check.rule for check in checks}  # the baseline holds no run of the user's own


def test_a_difference_in_r2_fails_the_gate(tmp_path: Path) -> None:
    made = own_run(tmp_path / "run", "regression", {"numpy": 0.93, "keras": 0.95}, 0.9)
    assert of(judge(made, None), "same R²", "numpy, keras").outcome is FAIL


def test_a_classification_of_ones_own_has_its_own_bound(tmp_path: Path) -> None:
    made = own_run(tmp_path / "run", "classification", {"numpy": 0.8, "keras": 0.8}, 0.75)
    assert of(judge(made, None), "accuracy", "keras").outcome is PASS
    assert of(judge(made, None, least_score=0.85), "accuracy", "keras").outcome is FAIL
