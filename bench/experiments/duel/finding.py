"""What the implementation alone changes: the same network, start and order of rows on every side."""

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from bench.core.score import Score, score_of
from bench.core.words import NOT_EQUAL, Table, counted, interval_words, listed, seconds_words, times_words
from bench.experiments.base import Finding, Number, Tables, failures
from bench.experiments.comparing import Comparison, compare
from bench.statistics.band import kept
from bench.statistics.interval import Interval, inverse, paired_difference, paired_ratio
from bench.statistics.noise import Floor, floor_of
from bench.statistics.pairs import SAME_CURVE, curves_of, in_given_order, largest_curve_gap, matched
from bench.statistics.summary import records

if TYPE_CHECKING:
    import pandas as pd

Ratios = Mapping[tuple[str, str], Interval]


def find(tables: Tables) -> Finding[Comparison]:
    """Return how the training times and accuracies of the contenders compare, paired by seed."""
    trials, curves = tables.trials, tables.curves
    twins = in_given_order(trials)
    curves = curves[curves["contender"].isin(twins["contender"])]
    compared = curves_of(twins[twins["status"] == "ok"], curves)
    ok = dict.fromkeys(twins[twins["status"] == "ok"]["contender"])
    present = sorted(ok, key=lambda name: name != "numpy")  # numpy first, the others as they come
    pairs = {sides: found for sides in combinations(present, 2) if len(found := matched(twins, *sides))}
    ratios = {sides: paired_ratio(*_seconds(found)) for sides, found in pairs.items()}
    floor = None if tables.copies is None else floor_of(trials, tables.copies)
    score = score_of(trials)
    gaps = {
        sides: paired_difference(list(found[f"{score.test}_first"]), list(found[f"{score.test}_second"]))
        for sides, found in pairs.items()
    }
    curve_gap = largest_curve_gap(curves)
    return Finding(
        sentence=_sentence(twins, compared, ratios, floor),
        result=compare(trials, curve_gap),
        numbers=_numbers(ratios, curve_gap, floor),
        tables=tuple(table for table in (_ratio_table(ratios), _score_table(score, gaps)) if table.rows),
        notes=(
            *_stopped_note(pairs),
            *_curve_note(compared),
            *_noise_notes(trials, floor),
            *_plain_note(trials),
            *failures(trials),
        ),
        may=_may(twins, ratios),
    )


def _seconds(found: "pd.DataFrame") -> tuple[list[float], list[float]]:
    """Return the training seconds of both sides; of an update, if they stopped after different numbers of them."""
    sides = [found[f"train_seconds_{side}"] for side in ("first", "second")]
    if (found["updates_first"] != found["updates_second"]).any():
        sides = [each / found[f"updates_{side}"] for each, side in zip(sides, ("first", "second"), strict=True)]
    return list(sides[0]), list(sides[1])


def _stopped_note(pairs: Mapping[tuple[str, str], "pd.DataFrame"]) -> list[str]:
    for (first, second), found in pairs.items():
        apart = found[found["updates_first"] != found["updates_second"]]
        if len(apart):
            row = apart.iloc[0]
            return [
                f"Training stopped at different epochs, as at seed {row['seed']}: {first} after {row['epochs_first']}, "
                f"{second} after {row['epochs_second']}. So the ratios are of seconds an update."
            ]
    return []


def _noise_notes(trials: "pd.DataFrame", floor: Floor | None) -> list[str]:
    notes = []
    if floor is not None:
        notes.append(
            f"A copy of {floor.contender}, raced in the same blocks, takes {times_words(floor.ratio)} as long as "
            f"{floor.contender}: a ratio of training times that is within {floor.factor:.3g} of 1, either way, is no "
            f"measurable difference in this run."
        )
    disturbed = trials[trials["disturbed"].fillna(value=False).astype(bool)]
    if len(disturbed):
        notes.append(
            f"Other work on the machine disturbed {len(disturbed)} of {len(trials)} trials while they trained; they "
            f"are kept, and the column disturbed marks them."
        )
    return notes


def _numbers(ratios: Ratios, curve_gap: float | None, floor: Floor | None) -> dict[str, Number]:
    """Return ``ratio.<first>.<second>`` of training seconds, both ways round, ``curve_gap`` and ``copy_ratio``."""
    found: dict[str, Number] = {}
    for (first, second), ratio in ratios.items():
        found[f"ratio.{first}.{second}"] = Number.of(ratio)
        found[f"ratio.{second}.{first}"] = Number.of(inverse(ratio))
    if curve_gap is not None:
        found["curve_gap"] = Number(curve_gap, "tiny")
    if floor is not None:
        found["copy_ratio"] = Number.of(floor.ratio, "near one")
    return found


def _sentence(twins: "pd.DataFrame", curves: "pd.DataFrame", ratios: Ratios, floor: Floor | None) -> str:
    base = next(iter(ratios))[0] if ratios else None  # numpy, wherever it takes part
    slower = {second: inverse(ratio) for (first, second), ratio in ratios.items() if first == base}
    ok = twins[twins["status"] == "ok"]
    if base is None:
        if len(ok) and twins["contender"].nunique() == 1:
            return f"There is nothing to compare: {ok['contender'].iloc[0]} took part alone."
        trained = f"only {listed(list(dict.fromkeys(ok['contender'])))}" if len(ok) else "no contender"
        return f"There is nothing to compare: {trained} trained to the end."
    compared = ok[ok["contender"].isin([base, *slower])]
    same = _same_curve(curves[curves["contender"].isin([base, *slower])])
    if any(name.endswith(NOT_EQUAL) for name in (base, *slower)):
        same = "but not all computing the same"
    longer = [f"{name} takes {times_words(ratio, remark=_undecided(ratio, floor))}" for name, ratio in slower.items()]
    score = score_of(compared)
    means = compared.groupby("contender", sort=False)[score.test].mean()
    scores = [f"{name} {mean:.3f}" for name, mean in means.items()]
    return (
        f"From the same start, {same}, {listed(longer)} as long to train as {base}, at "
        f"{counted(int(compared['threads'].max()), 'thread')}; mean test {score.words}: {listed(scores)}."
    )


def _same_curve(curves: "pd.DataFrame") -> str:
    gap, found = largest_curve_gap(curves), kept(curves)
    close = gap is not None and gap < SAME_CURVE
    if not (close if found is None else found.inside):
        return "but NOT along the same curve"
    if found is not None and found.unjudged is not None:
        return "along the same curve wherever there is a band of rounding to judge by"
    return (
        "along the same curve"
        if close
        else "along the same curve until rounding parts them, as it parts float32 itself"
    )


def _undecided(ratio: Interval, floor: Floor | None) -> str:
    if ratio.low is None or ratio.high is None:
        return ""
    if ratio.low <= 1.0 <= ratio.high:
        return "which leaves open which is faster"
    return "" if floor is None or floor.clears(ratio) else "no measurable difference: within this run's noise floor"


def _ratio_table(ratios: Ratios) -> Table:
    title = "Training seconds, paired by seed: geometric mean of the ratio and its 95 % t interval"
    rows = [
        (*sides, interval_words(ratio, of="pairs"), interval_words(inverse(ratio), of="pairs"))
        for sides, ratio in ratios.items()
    ]
    return Table(title, ("first", "second", "first / second", "second / first"), tuple(rows))


def _score_table(score: Score, gaps: Ratios) -> Table:
    title = f"Test {score.words}, paired by seed: mean difference and its 95 % t interval"
    rows = [(*sides, interval_words(gap, of="pairs")) for sides, gap in gaps.items()]
    return Table(title, ("first", "second", "first - second"), tuple(rows))


def _curve_note(curves: "pd.DataFrame") -> list[str]:
    gap, found = largest_curve_gap(curves), kept(curves)
    if gap is None:
        return []
    apart = (
        f"Training-loss curves from the same seed differ by at most {gap:.1e}, over all epochs, seeds and contenders"
    )
    if found is None:
        verdict = "less than" if gap < SAME_CURVE else "NOT less than"
        return [f"{apart}: {verdict} {SAME_CURVE:g}. This run kept no band of rounding, so a fixed bound decides."]
    share = found.furthest.distance / found.furthest.allowed
    notes = [
        f"{apart}. Each is held to a band: the reference in the same number type, beside copies of itself whose last "
        f"bits are disturbed, shows how far rounding alone takes a curve by each epoch. The furthest out is "
        f"{found.furthest.contender} at seed {found.furthest.seed}, epoch {found.furthest.epoch}, at {share:.0%} of "
        f"what is allowed there."
    ]
    if found.widest.allowed >= SAME_CURVE:
        notes.append(
            f"The band is as wide as {found.widest.allowed:.1e} (seed {found.widest.seed}, epoch "
            f"{found.widest.epoch}): this training is chaotic. It magnifies what rounding alone makes different in two "
            f"programs, such as a sum within rounding of zero that passes a ReLU in one of them and not in the other, "
            f"until they part, as float32 does from itself."
        )
    if found.inside and found.by_chance:
        notes.append(
            f"{counted(found.by_chance, 'curve')} left the band at a few seeds and not far, as a correct curve does "
            f"where rounding takes a way that no copy took: that is no sign of a fault, which would show at most seeds."
        )
    if found.unjudged is not None:
        notes.append(
            f"Not every epoch was raced, so not every curve is judged to its end: there is no band for "
            f"{found.unjudged.contender} at seed {found.unjudged.seed} from epoch {found.unjudged.epoch} on."
        )
    return notes


def _plain_note(trials: "pd.DataFrame") -> list[str]:
    plain = trials[trials["order_hash"].isna() & (trials["status"] == "ok")]
    return [
        f"As most people write it, fit(x, y, shuffle=True), {row['contender']} took "
        f"{seconds_words(row['train_seconds'])} ({seconds_words(row['train_seconds'] / row['updates'])} an update) at "
        f"seed {row['seed']}, in its own order of rows: timed once, not paired."
        for row in records(plain)
    ]


def _may(twins: "pd.DataFrame", ratios: Ratios) -> tuple[str, ...]:
    if all(any(name.endswith(NOT_EQUAL) for name in sides) for sides in ratios):
        return ()
    return (
        f"How the training times of these contenders compare for this network, on this data, on this machine, at "
        f"{counted(int(twins['threads'].max()), 'thread')}, with the intervals that stand beside the ratios.",
    )
