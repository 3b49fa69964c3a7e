"""How often the verdicts are wrong: measured by runs in which nothing differs, and by the same with a slower side."""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from bench.contenders.registry import ContenderInfo, find
from bench.core.errors import UsageError
from bench.core.spec import AA
from bench.core.words import Table, counted, share_words
from bench.datasets import load as load_data
from bench.experiments import SCENARIOS, duel
from bench.process.spawn import MOST_PADDING_BYTES
from bench.statistics.decide import Change, change_of
from bench.statistics.interval import Interval, paired_ratio, wilson_interval
from bench.statistics.noise import Floor
from bench.statistics.runs import against_runs, between_runs, levels
from bench.store import machine
from bench.store.files import read_json, saying, write_json
from bench.trials.launch import launch
from bench.trials.schedule import PlannedTrial

# The original, a second process of it that shows the noise floor, and the same code in a file of its own, as a user's
# contender is. The last one stands for the contender that is compared.
SIDES = ("numpy", "copy", "file")

BLOCKS = 6
RUNS = 60

# Added to the measured seconds of the compared side, to see how often a slowdown is found.
SLOWDOWNS = (0.05, 0.1, 0.2)

# What `bench compare` calls the same unless told, and how many runs before a gate's baseline has at least.
MARGIN = 0.05
BASELINE_RUNS = 5

# The verdict of `bench compare` on training seconds.
COMPARED_SECONDS = "compare, seconds"

SCHEMA = 1
_FILE = "from bench.contenders.numpy_adapter import build\n"
_TIMEOUT_SECONDS = 60.0

Block = tuple[float, ...]
Runs = list[list[Block]]


@dataclass(frozen=True)
class Calibration:
    """The A/A runs of one machine.

    Attributes:
        environment: the machine and the versions, of the first run.
        runs: the training seconds of each run, block by block, by side: see `SIDES`.
    """

    environment: dict[str, Any]
    runs: Runs

    @property
    def is_whole(self) -> bool:
        """Whether there are enough runs to compute rates from: more than the runs of a baseline, and one to compare."""
        return len(self.runs) > BASELINE_RUNS


@dataclass(frozen=True)
class Rate:
    """How often a verdict was given.

    Attributes:
        verdict: which one.
        slowdown: by how much the compared side was slowed; 0 where nothing differs, so that the verdict is false.
        given: how often it said that there is a difference.
        cases: of how many.
    """

    verdict: str
    slowdown: float
    given: int
    cases: int

    @property
    def share(self) -> Interval:
        """The rate with its 95 % interval."""
        return wilson_interval(self.given, self.cases)


def measure(
    path: Path, runs: int = RUNS, on_trial: Callable[[int, int], None] = lambda _done, _all: None
) -> Calibration:
    """Make A/A runs until there are so many, and write them to a file; each run is kept as soon as it is made.

    A file that holds fewer runs of this machine and these versions is gone on with; any other is replaced at the end.

    Raises:
        UsageError: if there are too few runs to compute anything from, a trial fails, or the file cannot be written.
    """
    if runs <= BASELINE_RUNS:
        raise UsageError(f"a calibration needs more than {BASELINE_RUNS} runs, got {runs}")
    environment = machine.environment()
    partial = path.with_name(f".{path.name}.partial")
    with saying(f"the calibration {path} must be writable"):
        path.parent.mkdir(parents=True, exist_ok=True)
        known = [read(each) for each in (partial, path) if each.exists()]
        same = [each for each in known if _identity(each.environment) == _identity(environment)]
        made = next((each for each in same if len(each.runs) < runs), Calibration(environment, []))
        progress = Progress(on_trial, len(made.runs) * len(SIDES) * BLOCKS, runs * len(SIDES) * BLOCKS)
        while len(made.runs) < runs:
            made.runs.append(_run(partial.parent, progress.step))
            _write(partial, made)
        partial.replace(path)
    return made


@dataclass
class Progress:
    """Counts the trials that are done, and tells of how many."""

    tell: Callable[[int, int], None]
    done: int
    total: int

    def step(self) -> None:
        """Count one more."""
        self.done += 1
        self.tell(self.done, self.total)


def _identity(environment: dict[str, Any]) -> tuple[Any, ...]:
    return environment.get("host"), environment.get("python"), environment.get("versions")


def _run(folder: Path, on_trial: Callable[[], None]) -> list[Block]:
    """Make one run: blocks of all sides, each in a fresh process, in an order that is drawn by lot."""
    import tempfile

    scenario = replace(SCENARIOS[duel.EXPERIMENT.name], name=AA)
    data = load_data(scenario.dataset)
    lots = Random(os.urandom(8))  # noqa: S311 - no secret
    blocks: list[Block] = []
    turns = list(range(len(SIDES)))
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        file = Path(scratch) / "file.py"
        file.write_text(_FILE, encoding="utf-8")
        contenders = [find("numpy"), find("numpy"), find(str(file))]
        for number in range(BLOCKS):
            turns = turns[::-1] if number % 2 else lots.sample(turns, len(turns))
            seconds = dict.fromkeys(turns, 0.0)
            for side in turns:
                trial = _trial(contenders[side], scenario, number, side, lots.randrange(MOST_PADDING_BYTES))
                row = launch(trial, data, Path(scratch) / "trial", timeout_seconds=_TIMEOUT_SECONDS).row
                if row.status != "ok" or row.train_seconds is None:
                    raise UsageError(f"a calibration needs trials that end well, got {row.status}: {row.status_detail}")
                seconds[side] = row.train_seconds
                on_trial()
            blocks.append(tuple(seconds[side] for side in range(len(SIDES))))
    return blocks


def _trial(contender: ContenderInfo, scenario: Any, seed: int, side: int, padding: int) -> PlannedTrial:
    key = f"{AA}-{seed}-{side}"
    return PlannedTrial(AA, scenario, contender, AA, seed, side, key, padding_bytes=padding)


def _write(path: Path, made: Calibration) -> None:
    write_json(path, {"schema": SCHEMA, "sides": SIDES, **asdict(made)})


def read(path: Path) -> Calibration:
    """Return the calibration in a file.

    Raises:
        UsageError: if it is not one that this version wrote.
    """
    try:
        kept = read_json(path)
    except FileNotFoundError as error:
        raise UsageError(f"the calibration {path} must exist, but there is no such file") from error
    try:
        if kept["schema"] != SCHEMA or tuple(kept["sides"]) != SIDES:
            raise ValueError(f"schema {kept['schema']!r:.40}, sides {kept['sides']!r:.80}")
        runs = [[tuple(map(float, block)) for block in run] for run in kept["runs"]]
        if any(len(run) != BLOCKS or any(len(block) != len(SIDES) for block in run) for run in runs):
            raise ValueError(f"runs must have {BLOCKS} blocks of {len(SIDES)} sides")
        if any(not 0.0 < seconds < _TIMEOUT_SECONDS for run in runs for block in run for seconds in block):
            raise ValueError("seconds must be positive and below the time limit")
        if not isinstance(kept["environment"], dict):
            raise ValueError("the environment must be a record")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} must be a calibration that this version wrote: {error}") from error
    return Calibration(kept["environment"], runs)


def rates(runs: Runs) -> list[Rate]:
    """Return how often each verdict says that there is a difference: where there is none, and for each slowdown."""
    found = []
    for slowdown in (0.0, *SLOWDOWNS):
        slowed = [[_slowed(block, slowdown) for block in run] for run in runs]
        for verdict, cases in _verdicts(runs, slowed).items():
            found.append(Rate(verdict, slowdown, sum(cases), len(cases)))
    return found


def records(runs: Runs) -> list[dict[str, Any]]:
    """Return the rates as plain values, each with its interval."""
    return [
        {**asdict(rate), "share": rate.share.center, "low": rate.share.low, "high": rate.share.high}
        for rate in rates(runs)
    ]


def _slowed(block: Block, slowdown: float) -> Block:
    *others, compared = block
    return (*others, compared * (1.0 + slowdown))


def _verdicts(runs: Runs, slowed: Runs) -> dict[str, list[bool]]:
    """Return for each verdict whether it says in each case that there is a difference."""
    inside = []
    for run in slowed:
        original, copy, compared = map(list, zip(*run, strict=True))
        floor = Floor(SIDES[0], paired_ratio(copy, original))
        inside.append(floor.clears(paired_ratio(compared, original)))
    own = [[block[-1] for block in run] for run in runs]
    ratios = [[block[-1] / block[0] for block in run] for run in runs]
    slowed_own = [[block[-1] for block in run] for run in slowed]
    slowed_ratios = [[block[-1] / block[0] for block in run] for run in slowed]
    return {
        "within a run": inside,
        COMPARED_SECONDS: _compared(own, slowed_own),
        "compare, ratio": _compared(ratios, slowed_ratios),
        f"check, {BASELINE_RUNS} runs before": _checked(ratios, slowed_ratios),
    }


def _compared(runs: Sequence[list[float]], slowed: Sequence[list[float]]) -> list[bool]:
    """Compare each run with the next one, by the levels of all runs."""
    usual = levels([list(map(math.log, run)) for run in runs])
    found = []
    for (before, _), (_, after) in pairwise(zip(runs, slowed, strict=True)):
        verdict = change_of(between_runs(after, before, usual), MARGIN)
        found.append(verdict in (Change.BETTER, Change.WORSE))
    return found


def _checked(runs: Sequence[list[float]], slowed: Sequence[list[float]]) -> list[bool]:
    """Hold each run to the runs before it."""
    return [
        (against_runs(slowed[number], runs[number - BASELINE_RUNS : number]).low or 0.0) > 1.0
        for number in range(BASELINE_RUNS, len(runs))
    ]


def rates_table(made: Calibration) -> Table:
    """Return the rates as a table of words."""
    found = rates(made.runs)
    rows = []
    for verdict in dict.fromkeys(rate.verdict for rate in found):
        own = [rate for rate in found if rate.verdict == verdict]
        rows.append((verdict, *map(_rate_words, own)))
    columns = ("verdict", "nothing differs", *(f"{slowdown:.0%} slower" for slowdown in SLOWDOWNS))
    title = (
        f"How often each verdict says that there is a difference, with 95 % intervals: "
        f"{counted(len(made.runs), 'A/A run')} of {BLOCKS} blocks"
    )
    return Table(title, columns, tuple(rows))


def calibration_figures(path: Path) -> dict[str, str]:
    """Return the figures of a calibration that a text may quote, by name; nothing where there is no such file.

    ``calibration.runs``, ``calibration.table`` as Markdown, ``calibration.counts`` without intervals, and the standard
    deviations of the ratio of two equal sides: ``calibration.spread`` within a run, ``calibration.between`` of what a
    run adds.
    """
    if not path.exists():
        return {}
    made = read(path)
    found = rates_table(made)
    counts = [tuple(cell.partition(" (")[0] for cell in row) for row in found.rows]
    logs = [[math.log(block[-1] / block[0]) for block in run] for run in made.runs]
    return {
        "calibration.runs": str(len(made.runs)),
        "calibration.table": _table_text(found.columns, found.rows),
        "calibration.counts": _table_text(found.columns, counts),
        "calibration.spread": share_words(math.sqrt(levels(logs).within)),
        "calibration.between": share_words(math.sqrt(levels(logs).between)),
    }


def _table_text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, with the empty lines that it needs around it."""
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\n"


def _rate_words(rate: Rate) -> str:
    share = rate.share
    low, high = (share_words(end) for end in (share.low or 0.0, share.high or 0.0))
    return f"{rate.given} of {rate.cases} ({low} to {high})"
