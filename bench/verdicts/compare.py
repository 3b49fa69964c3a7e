"""What changed from one run to another: better, worse, no measurable difference, or it cannot be told."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.core.errors import UsageError
from bench.core.score import score_of
from bench.core.spec import AA
from bench.core.words import Table, bytes_words, counted, interval_words, ratio_words, seconds_words, share_words
from bench.runs.record import Run
from bench.statistics.decide import FEWEST_SEEDS, Change, change_of, difference_of
from bench.statistics.interval import Interval, paired_difference
from bench.statistics.pairs import in_given_order, matched
from bench.statistics.runs import Levels, between_runs, levels
from bench.verdicts.calibration import COMPARED_SECONDS, Calibration, Rate, rates

if TYPE_CHECKING:
    import pandas as pd

DAVID = "numpy"

# An accuracy is the same if it is within a point, which is a margin of its own.
SCORE_MARGIN = 0.01

EXIT_CODES = {Change.WORSE: 1, Change.UNKNOWN: 3}

# What a run's seconds depend on besides its code.
_MACHINE = ("host", "processor", "processors", "system", "python", "versions")

_START = ("startup_seconds", "import_seconds", "build_seconds", "first_update_seconds")

# Bytes do not depend on what else a machine does, so runs add nothing to them.
_STEADY = Levels(0.0, 0.0, 0.0, 2, 1.0)


@dataclass(frozen=True)
class Compared:
    """One quantity of one contender in two runs.

    Attributes:
        scenario, contender, quantity: what was compared.
        before, after: its values, in words.
        verdict: what became of it.
        change: the factor, or of an accuracy the difference; None where it was not computed.
        words: the change in words, or why it cannot be told.
        is_factor: whether the change is a factor.
    """

    scenario: str
    contender: str
    quantity: str
    before: str
    after: str
    verdict: Change
    change: Interval | None
    words: str
    is_factor: bool = True


def compare(before: Run, after: Run, margin: float, calibration: Calibration | None) -> list[Compared]:
    """Return what changed of every contender and scenario that both runs hold.

    Seconds are compared between runs of one machine, its versions and its number of threads; a change of a ratio, of
    memory and of accuracy is compared between any two.

    Args:
        before: the run to compare with.
        after: the run that is compared.
        margin: the least change that matters, as a share.
        calibration: A/A runs of this kind of machine, which tell how much runs differ where nothing does; without them
            no change of a time can be told.

    Raises:
        UsageError: if the runs hold no contender on the same scenario.
    """
    sides = [_of(run) for run in (before, after)]
    shared = [key for key in sides[0] if key in sides[1]]
    if not shared:
        raise UsageError(
            f"{before.path} and {after.path} must hold a contender on the same scenario, they share none: a scenario "
            f"is the same if it has the same name, number of updates and number of weights"
        )
    other = machines_differ(before, after)
    usual = _Usual.of(calibration)
    found: list[Compared] = []
    for key in shared:
        found += _Sides(str(key[0]), str(key[1]), sides[0][key], sides[1][key], margin, usual, other).compared()
    return found


def machines_differ(before: Run, after: Run) -> str:
    """Return the first thing that the seconds of two runs depend on and in which they differ; empty if there is none.

    A run's git commit is no such thing: it is what is compared.
    """
    for name in _MACHINE:
        values = [run.environment.get(name) for run in (before, after)]
        if values[0] == values[1]:
            continue
        if isinstance(values[0], dict) and isinstance(values[1], dict):
            name, *values = next(
                (each, values[0].get(each), values[1].get(each))
                for each in {**values[0], **values[1]}
                if values[0].get(each) != values[1].get(each)
            )
        return f"{name} is {values[0]} there and {values[1]} here"
    threads = [run.settings.threads for run in (before, after)]
    return f"threads are {threads[0]} there and {threads[1]} here" if threads[0] != threads[1] else ""


def outcome_of(found: Sequence[Compared]) -> Change:
    """Return worse if anything is; otherwise that it cannot be told, if anything cannot; otherwise no difference."""
    verdicts = {each.verdict for each in found}
    return next((each for each in (Change.WORSE, Change.UNKNOWN) if each in verdicts), Change.SAME)


def table(found: Sequence[Compared], before: Run, after: Run) -> Table:
    """Return a row for each quantity."""
    rows = tuple(
        (each.scenario, each.contender, each.quantity, each.before, each.after, each.words, each.verdict)
        for each in found
    )
    columns = ("scenario", "contender", "quantity", "before", "after", "after / before", "verdict")
    return Table(f"{after.run_id} against {before.run_id}", columns, rows)


def error_words(calibration: Calibration | None) -> str:
    """Return how often such verdicts are wrong."""
    if calibration is None or not calibration.is_whole:
        return "How often these verdicts are wrong is not known here: bench calibrate measures it."
    own = [rate for rate in rates(calibration.runs) if rate.verdict == COMPARED_SECONDS]
    false, *slower = own

    def words(rate: Rate) -> str:
        return f"{rate.given} of {rate.cases}"

    share = false.share
    found = ", ".join(f"one of {rate.slowdown:.0%} in {words(rate)}" for rate in slower)
    return (
        f"By {counted(len(calibration.runs), 'A/A run')} in which nothing differed, training seconds were called "
        f"better or worse in {words(false)} comparisons (at most {share_words(share.high or 1.0)}, 95 % interval), and "
        f"a slowdown was found, {found}."
    )


def summary(found: Sequence[Compared]) -> str:
    """Return the outcome, with how many quantities came to what."""
    counts = {verdict: sum(each.verdict is verdict for each in found) for verdict in Change}
    return (
        f"{outcome_of(found).upper()}: {', '.join(f'{count} {verdict}' for verdict, count in counts.items() if count)}"
    )


def record(each: Compared) -> dict[str, Any]:
    """Return a comparison as plain values."""
    change = each.change
    return {
        **{name: getattr(each, name) for name in ("scenario", "contender", "quantity", "before", "after", "words")},
        "verdict": str(each.verdict),
        "center": change.center if change else None,
        "low": change.low if change else None,
        "high": change.high if change else None,
    }


def _of(run: Run) -> "dict[tuple[Any, ...], pd.DataFrame]":
    """Return the finished trials of each scenario and contender, by what must be equal for a comparison.

    What was timed once, in its own order of rows, is not compared.
    """
    trials = in_given_order(run.trials)
    own = trials[(trials["status"] == "ok") & (trials["suite"] != AA) & trials["train_seconds"].notna()]
    groups = own.groupby(["scenario", "contender", "updates", "parameters"], sort=False)
    beside = {
        str(scenario): rows for scenario, rows in own.groupby("scenario", sort=False) if DAVID in set(rows["contender"])
    }
    return {tuple(key): rows.assign(ratio=_ratios(rows, beside.get(str(key[0])))) for key, rows in groups}


def _ratios(rows: "pd.DataFrame", beside: "pd.DataFrame | None") -> "list[float]":
    """Return a trial's training seconds over NumPy's of the same seed; NaN where there is none."""
    contender = str(rows["contender"].iloc[0])
    if beside is None or contender == DAVID or rows["order_hash"].isna().any():
        return [math.nan] * len(rows)
    pairs = matched(beside, contender, DAVID)
    ratio = dict(zip(pairs["seed"], pairs["train_seconds_first"] / pairs["train_seconds_second"], strict=True))
    return [float(ratio.get(seed, math.nan)) for seed in rows["seed"]]


@dataclass(frozen=True)
class _Usual:
    """How much runs differ where nothing does: of seconds, and of a ratio; None where it was not measured."""

    seconds: Levels | None
    ratio: Levels | None

    @classmethod
    def of(cls, calibration: Calibration | None) -> "_Usual":
        if calibration is None or not calibration.is_whole:
            return cls(None, None)
        runs = calibration.runs
        seconds = [[math.log(block[-1]) for block in run] for run in runs]
        ratios = [[math.log(block[-1] / block[0]) for block in run] for run in runs]
        return cls(levels(seconds), levels(ratios))


@dataclass(frozen=True)
class _Sides:
    """The trials of one contender on one scenario in both runs."""

    scenario: str
    contender: str
    before: "pd.DataFrame"
    after: "pd.DataFrame"
    margin: float
    usual: _Usual
    other: str

    def compared(self) -> list[Compared]:
        """Return every quantity that both runs hold."""
        seconds = f"seconds of another machine are not compared: {self.other}" if self.other else ""
        found = [
            self._factor("training", ("train_seconds",), seconds_words, self.usual.seconds, refused=seconds),
            self._factor(f"training / {DAVID}", ("ratio",), ratio_words, self.usual.ratio),
            self._factor("start", _START, seconds_words, self.usual.seconds, refused=seconds),
            self._factor("peak memory", ("peak_rss_bytes",), bytes_words, _STEADY),
            self._score(),
            self._updates(),
        ]
        return [each for each in found if each is not None]

    def _made(
        self, quantity: str, values: tuple[str, str], verdict: Change, words: str, change: Any = None
    ) -> Compared:
        return Compared(self.scenario, self.contender, quantity, *values, verdict, change, words)

    def _factor(
        self,
        quantity: str,
        columns: tuple[str, ...],
        write: Callable[[float], str],
        usual: Levels | None,
        refused: str = "",
    ) -> Compared | None:
        """Compare a positive quantity by the factor between its geometric means."""
        before, after = (
            list(rows[list(columns)].astype("float64").sum(axis=1, skipna=False).dropna())
            for rows in (self.before, self.after)
        )
        if not before or not after or min(*before, *after) <= 0.0:
            return None
        said = write(_geometric_mean(before)), write(_geometric_mean(after))
        if few := _too_few(len(before), len(after)):
            return self._made(quantity, said, Change.UNKNOWN, few)
        if refused:
            return self._made(quantity, said, Change.UNKNOWN, refused)
        if usual is None:
            return self._made(quantity, said, Change.UNKNOWN, "no calibration says how runs differ: bench calibrate")
        change = between_runs(after, before, usual)
        words = interval_words(change, write=ratio_words, prefix="95 % interval ")
        return self._made(quantity, said, change_of(change, self.margin), words, change)

    def _score(self) -> Compared | None:
        """Compare the test score by the difference of its means, over the seeds that both runs have."""
        score = score_of(self.before)
        sides = [rows.set_index("seed")[score.test].dropna() for rows in (self.before, self.after)]
        seeds = [seed for seed in sides[0].index if seed in sides[1].index]
        if not seeds:
            return None
        before, after = ([float(side[seed]) for seed in seeds] for side in sides)
        said = tuple(f"{math.fsum(values) / len(values):.3f}" for values in (before, after))
        quantity = f"test {score.words}"
        if few := _too_few(len(seeds), len(seeds)):
            return self._made(quantity, (said[0], said[1]), Change.UNKNOWN, few)
        change = paired_difference(after, before)
        words = interval_words(change, write=lambda value: f"{value:+.3f}", prefix="difference, 95 % interval ")
        found = self._made(quantity, (said[0], said[1]), difference_of(change, SCORE_MARGIN), words, change)
        return replace(found, is_factor=False)

    def _updates(self) -> Compared | None:
        """Compare after how many updates the target was reached, seed by seed; never is more than any number."""
        sides = [
            rows.assign(at=rows["updates_to_target"].astype("float64").fillna(math.inf)).set_index("seed")["at"]
            for rows in (self.before, self.after)
        ]
        seeds = [seed for seed in sides[0].index if seed in sides[1].index]
        if not seeds:
            return None
        before, after = ([float(side[seed]) for seed in seeds] for side in sides)
        reached = [sum(map(math.isfinite, values)) for values in (before, after)]
        said = f"{reached[0]} of {len(seeds)} reached", f"{reached[1]} of {len(seeds)} reached"
        quantity = "updates to target"
        if before == after:
            return self._made(quantity, said, Change.SAME, f"the same at {counted(len(seeds), 'seed')}")
        if few := _too_few(len(seeds), len(seeds)):
            return self._made(quantity, said, Change.UNKNOWN, few)
        more, fewer = (
            sum(sign * (b - a) > 0 for a, b in zip(before, after, strict=True) if a != b) for sign in (1, -1)
        )
        p = _sign_test(more, fewer)
        words = f"more at {counted(more, 'seed')}, fewer at {counted(fewer, 'seed')} (sign test p {p:.2g})"
        verdict = Change.UNKNOWN if p > 0.05 else Change.WORSE if more > fewer else Change.BETTER
        return self._made(quantity, said, verdict, words)


def _sign_test(more: int, fewer: int) -> float:
    """Return the two-sided p of so many signs of either kind, each as likely."""
    total = more + fewer
    tail = sum(math.comb(total, count) for count in range(min(more, fewer) + 1)) / 2.0**total
    return min(1.0, 2.0 * tail)


def _too_few(*counts: int) -> str:
    least = min(counts)
    return f"not enough seeds: {least}, and {FEWEST_SEEDS} are needed" if least < FEWEST_SEEDS else ""


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, values)) / len(values))
