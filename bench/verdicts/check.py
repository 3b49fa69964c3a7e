"""The gate: whether a run of the fair duel holds what the project promises. Three answers: pass, fail, inconclusive."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.contenders.registry import CONTENDERS, is_guest
from bench.core.errors import UsageError
from bench.core.markdown import escape, markdown_table
from bench.core.score import ACCURACY, SCORES, Score
from bench.core.words import Table, four_digits, interval_words
from bench.experiments import duel
from bench.proof.compare import TOLERANCE
from bench.runs.record import Run
from bench.statistics.band import kept
from bench.statistics.decide import FEWEST_SEEDS, Outcome, at_least, at_most, within
from bench.statistics.interval import Interval, mean_interval, paired_difference, share_interval
from bench.statistics.pairs import SAME_CURVE, CurveGap, curve_gaps, in_given_order, matched
from bench.statistics.runs import against_runs
from bench.verdicts.baseline import duels_of
from bench.verdicts.calibration import BASELINE_RUNS

if TYPE_CHECKING:
    import pandas as pd

SUITE = duel.EXPERIMENT.name
LEAST_ACCURACY = 0.95
SCORE_MARGIN = 0.01

# A machine of another make shifts the ratio by its caches and kernels alone; a lost optimization costs more than this.
ALLOWED_SLOWDOWN = 1.5

EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 3}


@dataclass(frozen=True)
class Check:
    """What one rule found.

    Attributes:
        rule: which.
        subject: the contender, or the two, that it was applied to.
        outcome: pass, fail or inconclusive.
        measured, expected: in words.
        interval: the figure behind the words, where there is one.
    """

    rule: str
    subject: str
    outcome: Outcome
    measured: str
    expected: str
    interval: Interval | None = None


def judge(
    run: Run,
    baseline: Run | None,
    allowed_slowdown: float = ALLOWED_SLOWDOWN,
    least_score: float | None = None,
) -> list[Check]:
    """Apply every rule to a run of the fair duel, or of a scenario, table or model of the user's own.

    To a contender that failed the proof only the proof's rule is applied. Training times are compared with the
    baseline's for the fair duel alone.

    Args:
        run: which.
        baseline: the run to compare training times with.
        allowed_slowdown: how many times the baseline's ratio of training times may be.
        least_score: the least test accuracy, or R² of a regression; None means 0.95 for the fair duel, and for the
            user's own the target that the scenario asks of training.

    Raises:
        UsageError: if the run has no such suite, or is a quick one, which ends before anything is learned.
    """
    suite = _judged_suite(run)
    if run.settings.quick:
        raise UsageError(f"the gate needs a run of full length, {run.path} is a quick one")
    part = run.part(suite)
    trials, curves = part.tables.trials, part.tables.curves
    score = SCORES[part.task]
    usual = LEAST_ACCURACY if suite == SUITE else part.target
    least = usual if least_score is None else least_score
    twins = _twins(run, suite)
    if not twins:
        raise UsageError(f"the gate needs a run with at least one twin, {run.path} holds none")
    checks = [_proof(run, twin) for twin in twins]
    if run.status == "refused":
        return checks
    equal = [twin for twin in twins if twin not in run.not_equal]
    if not equal:
        return checks
    first, *others = equal
    checks += [_whole(len(run.settings.seeds[suite]), trials, twin) for twin in equal]
    checks += [_least(trials, twin, score, least) for twin in equal]
    for other in others:
        checks.append(_same_score(trials, first, other, score))
        checks.append(_same_curve(curves, first, other))
        if suite == SUITE and not is_guest(other):  # the baseline holds nothing of a user's own, and no guest
            checks.append(_time(trials, baseline, first, other, allowed_slowdown))
    if not others:
        checks.append(
            Check(f"same {score.words}", first, Outcome.INCONCLUSIVE, "one contender", "two twins to compare")
        )
    return checks


def outcome_of(checks: Sequence[Check]) -> Outcome:
    """Return fail if a rule failed; otherwise inconclusive if one could not tell; otherwise pass."""
    found = {check.outcome for check in checks}
    return next((each for each in (Outcome.FAIL, Outcome.INCONCLUSIVE) if each in found), Outcome.PASS)


def as_text(checks: Sequence[Check]) -> str:
    """Return a line a finding, and the outcome last."""
    widths = [max(len(getattr(check, name)) for check in checks) for name in ("outcome", "rule", "subject")]
    lines = [
        " ".join(
            f"{check.outcome:{widths[0]}}  {check.rule:{widths[1]}}  {check.subject:{widths[2]}}  "
            f"measured: {check.measured}; expected: {check.expected}".splitlines()
        )
        for check in checks
    ]
    return "\n".join([*lines, summary(checks)])


def as_markdown(checks: Sequence[Check]) -> str:
    """Return a table, for a job's summary."""
    rows = [(check.outcome, check.rule, check.subject, check.measured, check.expected) for check in checks]
    columns = ("outcome", "rule", "of", "measured", "expected")
    table = markdown_table(Table("bench check", columns, tuple(rows)))
    return f"**{escape(summary(checks))}**\n\n{table}"


def as_json(checks: Sequence[Check]) -> str:
    """Return everything, for a program."""
    findings = [
        {
            "rule": check.rule,
            "subject": check.subject,
            "outcome": check.outcome,
            "measured": check.measured,
            "expected": check.expected,
            "center": check.interval.center if check.interval else None,
            "low": check.interval.low if check.interval else None,
            "high": check.interval.high if check.interval else None,
            "count": check.interval.count if check.interval else None,
        }
        for check in checks
    ]
    return json.dumps({"outcome": outcome_of(checks), "findings": findings}, indent=1, allow_nan=False)


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json}


def summary(checks: Sequence[Check]) -> str:
    """Return the outcome, with how many rules came to what."""
    counts = {outcome: sum(check.outcome is outcome for check in checks) for outcome in Outcome}
    words = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    return f"{outcome_of(checks).upper()}: {words}"


def twins_of_suite() -> list[str]:
    """Return the names of the suite's contenders that are twins."""
    return [name for name in duel.EXPERIMENT.contenders if CONTENDERS[name].is_twin]


def judged(chosen: Sequence[str]) -> list[str]:
    """Return the contenders of a run for the gate: the chosen twins, or all of them, and the guests.

    Raises:
        UsageError: if a chosen contender cannot be paired.
    """
    twins = twins_of_suite()
    wrong = [name for name in chosen if not is_guest(name) and name not in twins]
    if wrong:
        raise UsageError(f"the gate judges twins, {wrong[0]} is not one; the twins are {', '.join(twins)}")
    names = [name for name in twins if name in chosen] or twins
    return [*names, *(name for name in chosen if is_guest(name))]


def _judged_suite(run: Run) -> str:
    """Return the suite that is judged: the fair duel, or the first one on something of the user's own."""
    own = [suite for suite in run.settings.suites if suite == SUITE or suite in run.settings.scenarios]
    if not own:
        raise UsageError(
            f"the gate needs a run of the suite {SUITE!r}, or of a scenario, a table or a model of your own, got one "
            f"of {', '.join(run.settings.suites)}"
        )
    return SUITE if SUITE in own else own[0]


def _twins(run: Run, suite: str) -> list[str]:
    """Return the twins that the run was planned to train, including those that left no trial."""
    trials = in_given_order(run.trials[run.trials["suite"] == suite])
    planned = [name for (planned, _), contenders in run.planned.items() if planned == suite for name in contenders]
    own = [name for name in planned if name in twins_of_suite() or is_guest(name)]
    return list(dict.fromkeys([*own, *trials["contender"]]))


def _proof(run: Run, twin: str) -> Check:
    expected = f"every array within {TOLERANCE:g} of the reference, in float64"
    verdicts = [verdict for verdict in run.verdicts if verdict.contender == run.not_equal.get(twin, twin)]
    if not verdicts:
        return Check("proof", twin, Outcome.INCONCLUSIVE, "no proof was made", expected)
    for verdict in verdicts:
        if verdict.status == "differs":
            measured = f"not equal in {verdict.case}: first to differ is {verdict.first}, {verdict.by_how_much}"
            measured += f" ({verdict.diagnosis})" if verdict.diagnosis else ""
            return Check("proof", twin, Outcome.FAIL, measured, expected)
        if verdict.status != "equal":
            outcome = Outcome.INCONCLUSIVE if verdict.status == "skipped" else Outcome.FAIL
            return Check("proof", twin, outcome, f"{verdict.case}: {verdict.status}: {verdict.detail}", expected)
    largest = max(verdict.largest or 0.0 for verdict in verdicts)
    return Check("proof", twin, Outcome.PASS, f"equal, to {largest:.1e}", expected)


def _whole(planned: int, trials: "pd.DataFrame", twin: str) -> Check:
    own = trials[trials["contender"] == twin]
    expected = f"{planned} of {planned} trials ok"
    counts = own["status"].value_counts().to_dict()
    words = [f"{count} {status}" for status, count in counts.items()]
    if len(own) < planned:
        words.append(f"{planned - len(own)} not made")
    if set(counts) & {"diverged", "failed", "timed_out", "out_of_memory"}:
        outcome = Outcome.FAIL
    else:
        outcome = Outcome.PASS if counts.get("ok", 0) == planned else Outcome.INCONCLUSIVE
    bad = own[own["status"] != "ok"]
    reason = f" ({bad['status_detail'].iloc[0]})" if len(bad) else ""
    return Check("trials", twin, outcome, f"{', '.join(words)}{reason}", expected)


def _least(trials: "pd.DataFrame", twin: str, score: Score, least: float) -> Check:
    expected = f"mean test {score.words}, 95 % interval, at least {least:g}"
    values = list(trials[(trials["contender"] == twin) & (trials["status"] == "ok")][score.test])
    if not values:
        return Check(score.words, twin, Outcome.INCONCLUSIVE, "nothing: no trial is ok", expected)
    interval = share_interval(values) if score is ACCURACY else mean_interval(values)
    return Check(score.words, twin, at_least(interval, least), _words(interval, "seeds"), expected, interval)


def _same_score(trials: "pd.DataFrame", first: str, other: str, score: Score) -> Check:
    expected = f"paired difference of test {score.words}, 90 % interval, within ± {SCORE_MARGIN:g}"
    pairs = matched(trials, first, other)
    rule, subject = f"same {score.words}", f"{first}, {other}"
    if pairs.empty:
        return Check(rule, subject, Outcome.INCONCLUSIVE, "nothing: no pair is ok", expected)
    interval = paired_difference(
        list(pairs[f"{score.test}_first"]), list(pairs[f"{score.test}_second"]), confidence=0.90
    )
    return Check(rule, subject, within(interval, SCORE_MARGIN), _words(interval, "pairs"), expected, interval)


def _same_curve(curves: "pd.DataFrame", first: str, other: str) -> Check:
    """Hold both curves of each seed to the band that rounding alone explains."""
    subject = f"{first}, {other}"
    gaps = curve_gaps(curves, first, other)
    own = curves[curves["contender"].isin([first, other]) & curves["seed"].isin([gap.seed for gap in gaps])]
    found = kept(own)
    if found is None:
        return _same_curve_without_band(gaps, subject)
    expected = "training-loss curves within the band that rounding alone explains"
    apart = max(gaps, key=lambda gap: gap.largest)
    measured = f"{apart.largest:.1e} apart at most, at seed {apart.seed}, epoch {apart.epoch}"
    place = found.furthest if found.unjudged is None or not found.inside else found.unjudged
    at = f"{place.contender} at seed {place.seed}, epoch {place.epoch}"
    if not found.inside:
        measured = f"{place.distance:.1e} from the reference where rounding explains {place.allowed:.1e}: {at}"
        return Check("same curve", subject, Outcome.FAIL, measured, expected)
    if found.unjudged is not None:
        measured += f"; inside where there is a band, but there is none for {at}"
        return Check("same curve", subject, Outcome.INCONCLUSIVE, measured, expected)
    if found.by_chance:
        measured += (
            f"; {found.by_chance} of {len(own.groupby(['contender', 'seed']))} curves left the band, not far: {at}"
        )
        return Check("same curve", subject, Outcome.PASS, measured, expected)
    measured += f"; inside, at most {found.furthest.distance / found.furthest.allowed:.0%} of the way out: {at}"
    return Check("same curve", subject, Outcome.PASS, measured, expected)


def _same_curve_without_band(gaps: Sequence[CurveGap], subject: str) -> Check:
    """Compare the curves of each seed by a fixed bound, where a run kept no band.

    Float32 twins that are proven equal can drift apart once a sum falls within rounding of zero: a few late epochs then
    differ, which is no fault. Curves that differ in most epochs belong to two different networks.
    """
    expected = f"training-loss curves of one seed closer than {SAME_CURVE:g}, since this run kept no band of rounding"
    if not gaps:
        return Check("same curve", subject, Outcome.INCONCLUSIVE, "nothing: no seed has both curves", expected)
    worst = max(gaps, key=lambda gap: gap.largest)
    measured = f"{worst.largest:.1e} apart at most, at seed {worst.seed}, epoch {worst.epoch}"
    if worst.largest < SAME_CURVE:
        return Check("same curve", subject, Outcome.PASS, measured, expected)
    apart = max(gaps, key=lambda gap: gap.usual)
    if not apart.usual < SAME_CURVE:
        measured = f"{apart.usual:.1e} apart in half of all epochs, at seed {apart.seed}"
        return Check("same curve", subject, Outcome.FAIL, measured, expected)
    measured += f"; {worst.usual:.1e} in half of all epochs: rounding or a fault, this does not tell"
    return Check("same curve", subject, Outcome.INCONCLUSIVE, measured, expected)


def _time(trials: "pd.DataFrame", baseline: Run | None, first: str, other: str, allowed: float) -> Check:
    expected = f"training seconds {first} / {other} at most {allowed:g} times the baseline's"
    subject = f"{first}, {other}"

    def undecided(measured: str) -> Check:
        return Check("time ratio", subject, Outcome.INCONCLUSIVE, measured, expected)

    now = matched(trials, first, other)
    if now.empty:
        return undecided("nothing: no pair is ok")
    if baseline is None:
        return undecided("there is no baseline to compare with; make baseline makes one")
    runs = [matched(own[own["suite"] == SUITE], first, other) for own in duels_of(baseline)]
    if any(before.empty for before in runs):
        return undecided(f"the baseline holds no pair of {subject}")
    for name in ("parameters", "updates", "threads"):
        here, *others = (set(pairs[f"{name}_first"]) | set(pairs[f"{name}_second"]) for pairs in (now, *runs))
        there = set().union(*others)
        if here != there:
            return undecided(f"{name} {_listed(here)} here, {_listed(there)} in the baseline: not comparable")
    if len(runs) < BASELINE_RUNS:
        held = "one run cannot say how runs differ" if len(runs) == 1 else f"{len(runs)} runs say too little"
        return undecided(f"{held}: a baseline needs {BASELINE_RUNS} of them; make baseline makes them")
    ratios, *before = (list(pairs["train_seconds_first"] / pairs["train_seconds_second"]) for pairs in (now, *runs))
    change = against_runs(ratios, before)
    measured = (
        f"{_geometric_mean(ratios):.3g}, {len(runs)} runs of the baseline "
        f"{_geometric_mean(list(map(_geometric_mean, before))):.3g}: {_words(change, 'pairs')} times"
    )
    return Check("time ratio", subject, at_most(change, allowed), measured, expected, change)


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def _listed(values: set[object]) -> str:
    return " and ".join(sorted(map(str, values)))


def _words(interval: Interval, unit: str) -> str:
    few = interval.count < FEWEST_SEEDS
    remark = f"and {FEWEST_SEEDS} are the fewest for a verdict" if few else ""
    return interval_words(interval, write=four_digits, of=unit, remark=remark)
