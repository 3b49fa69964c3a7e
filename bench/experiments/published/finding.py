"""The article as it was: two set-ups that differ in more than the implementation, and what each costs to 95 %."""

import math
from typing import TYPE_CHECKING

from bench.experiments.finding import Finding, Table, Tables, seconds_words
from bench.experiments.scenarios import SCENARIOS
from bench.statistics.summary import records

if TYPE_CHECKING:
    import pandas as pd

# A network that gives one answer to everything has learned nothing: log 2 is the loss of always saying one half.
_LOSS_OF_A_COIN = math.log(2.0)
_STILL_A_COIN = 1e-3


def find(tables: Tables) -> Finding:
    """Return the finding of the suite ``published``."""
    trials = tables.trials
    ok = trials[trials["status"] == "ok"]
    notes = [*_printed_note(ok), *_cause_note(ok), *_absent_note(trials)]
    return Finding("published", _sentence(ok), (_target_table(trials),), tuple(notes))


def _sentence(ok: "pd.DataFrame") -> str:
    sides = []
    for contender, name in (("article", "the article's NumPy network"), ("keras", "its Keras network")):
        own = ok[(ok["pair"] == "article") & (ok["contender"] == contender)]
        if not len(own):
            continue
        reached = own[own["reached_target"].astype(bool)]
        accuracy = f"test accuracy {own['test_accuracy'].mean():.3f} (mean of {len(own)})"
        if len(reached) < len(own):
            sides.append(
                f"{name} reached 95 % training accuracy in {len(reached)} of {len(own)} trials of "
                f"{int(own['epochs'].iloc[0]):,} epochs, {accuracy}"
            )
        else:
            sides.append(
                f"{name} took {reached['updates_to_target'].median():,.0f} updates and "
                f"{seconds_words(reached['seconds_to_target'].median())} to 95 % training accuracy "
                f"(medians), and ends at {accuracy}"
            )
    if not sides:
        return "There is nothing to tell: no trial of the article's network came to its end."
    shortened = any(
        row["scenario"] in SCENARIOS and row["epochs"] < SCENARIOS[row["scenario"]].epochs for row in records(ok)
    )
    as_published = "As published, but for fewer epochs" if shortened else "As published"
    return f"{as_published}, {'; '.join(sides)}."


def _cause_note(ok: "pd.DataFrame") -> list[str]:
    if set(ok[ok["pair"] == "article"]["contender"]) != {"article", "keras"}:
        return []
    return [
        "Both sides descend by the same rule at the same rate, so the difference cannot come from an optimizer. What "
        "differs is the start, the batches, the shuffling, the number type and the implementation."
    ]


def _printed_note(ok: "pd.DataFrame") -> list[str]:
    printed = ok[(ok["pair"] == "printed") & (ok["contender"] == "article")]
    if not len(printed):
        return []
    coin = (printed["train_loss"] - _LOSS_OF_A_COIN).abs() < _STILL_A_COIN
    return [
        f"The smaller network that the article's text prints, with the article's initial weights, ends no better than "
        f"a coin (loss within {_STILL_A_COIN:g} of log 2) in {int(coin.sum())} of {len(printed)} trials; mean test "
        f"accuracy {printed['test_accuracy'].mean():.3f}."
    ]


def _absent_note(trials: "pd.DataFrame") -> list[str]:
    bad = trials[trials["status"] != "ok"]
    return [
        f"{contender} on {scenario}: {len(group)} trials {status}: {group['status_detail'].iloc[0]}"
        for (contender, scenario, status), group in bad.groupby(["contender", "scenario", "status"], sort=False)
    ]


def _target_table(trials: "pd.DataFrame") -> Table:
    rows = [
        (
            row["pair"],
            row["contender"],
            str(row["seed"]),
            f"{row['train_loss']:.4f}",
            f"{row['train_accuracy']:.4f}",
            f"{row['test_accuracy']:.2f}",
            f"{row['updates_to_target']:,}" if row["reached_target"] else "not reached",
            seconds_words(row["seconds_to_target"]) if row["reached_target"] else "not reached",
        )
        for row in records(trials[trials["status"] == "ok"])
    ]
    columns = (
        "network",
        "contender",
        "seed",
        "training loss",
        "training accuracy",
        "test accuracy",
        "updates to 95 %",
        "seconds to 95 %",
    )
    return Table("Every trial, after its last update", columns, tuple(rows))
