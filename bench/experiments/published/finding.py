"""What each of the article's two set-ups costs to 95 % training accuracy, and where it ends."""

import math
from typing import TYPE_CHECKING

from bench.core.words import Table, seconds_words
from bench.experiments.base import Finding, Tables, failures
from bench.experiments.comparing import Comparison, compare
from bench.experiments.published.plan import EXPERIMENT
from bench.statistics.reached import reached_target
from bench.statistics.summary import records

if TYPE_CHECKING:
    import pandas as pd

# A network that gives one answer to every row has learned nothing: always saying one half has the loss log 2.
_LOSS_OF_A_COIN = math.log(2.0)
_STILL_A_COIN = 1e-3

_MAY_NOT = (
    "From the suite published, what any single cause is worth: its sides differ in initial weights, batches, "
    "shuffling, number type and implementation at once."
)


def find(tables: Tables) -> Finding[Comparison]:
    """Return what each side took to the target, with its accuracy at the end."""
    trials = tables.trials
    ok = trials[trials["status"] == "ok"]
    return Finding(
        sentence=_sentence(ok),
        result=compare(trials),
        tables=(_target_table(ok),),
        notes=(*_printed_note(ok), *_cause_note(ok), *failures(trials, ("contender", "scenario"))),
        may_not=(_MAY_NOT,),
    )


def _sentence(ok: "pd.DataFrame") -> str:
    sides = []
    article = ok[ok["pair"] == "article"]
    reached = reached_target(article)
    for contender, name in (("article", "the article's NumPy network"), ("keras", "its Keras network")):
        if contender not in reached:
            continue
        own, taken = article[article["contender"] == contender], reached[contender]
        accuracy = f"test accuracy {own['test_accuracy'].mean():.3f} (mean of {len(own)})"
        if taken.reached < taken.trials:
            sides.append(
                f"{name} reached 95 % training accuracy in {taken.reached} of {taken.trials} trials of "
                f"{int(own['epochs'].iloc[0]):,} epochs, {accuracy}"
            )
        else:
            sides.append(
                f"{name} took {taken.updates:,.0f} updates and {seconds_words(taken.train_seconds)} to 95 % training "
                f"accuracy (medians), and ends at {accuracy}"
            )
    if not sides:
        return "There is nothing to report: no trial of the article's network ended well."
    planned = {name: scenario.epochs for name, scenario in EXPERIMENT.scenarios.items()}
    shortened = any(row["epochs"] < planned.get(row["scenario"], 0) for row in records(ok))
    as_published = "As published, but for fewer epochs" if shortened else "As published"
    return f"{as_published}, {'; '.join(sides)}."


def _cause_note(ok: "pd.DataFrame") -> list[str]:
    if set(ok[ok["pair"] == "article"]["contender"]) != {"article", "keras"}:
        return []
    return [
        "Both sides descend by the same rule at the same rate, so the difference cannot come from an optimizer. They "
        "differ in initial weights, batches, shuffling, number type and implementation."
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


def _target_table(ok: "pd.DataFrame") -> Table:
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
        for row in records(ok)
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
