"""What a run shows while it works: bars in a terminal, plain lines elsewhere. The command line prints with it."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.cells import cell_len
from rich.console import Console, Group
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text

from bench.cli import errors
from bench.core.errors import UsageError
from bench.core.spec import AA
from bench.core.words import NOT_EQUAL, Table, seconds_words
from bench.doctor.judge import Judgement, Outcome
from bench.proof.prove import Verdict
from bench.report.contenders import contender_tables
from bench.report.content import QUICK_WARNING, not_equal_words, proof_table
from bench.report.reference_points import remark
from bench.report.trained import trained
from bench.report.write import PAGE
from bench.runs.observer import Observer
from bench.runs.record import Run
from bench.store.tables import TrialRow
from bench.trials.schedule import PlannedTrial

# Wide enough for every table where there is no terminal to ask for its width.
_PLAIN_WIDTH = 200

# Between the columns of a table.
_GAP = 2


def console(*, stderr: bool = False) -> Console:
    """Return a console that takes text as it is, without markup, and does not wrap where nobody reads a screen."""
    made = Console(markup=False, highlight=False, emoji=False, stderr=stderr)
    if not made.is_terminal:
        made.width = _PLAIN_WIDTH
    return made


def show_table(out: Console, table: Table) -> None:
    """Print a table of words: row by row where the terminal is too narrow for it, so that no word is cut."""
    shown = RichTable(
        title=Text(table.title), title_justify="left", title_style="bold", box=None, padding=(0, _GAP, 0, 0)
    )
    columns = zip(table.columns, *table.rows, strict=True)
    longest = [max(cell_len(word) for cell in cells for word in cell.split() or [""]) for cells in columns]
    for column, width in zip(table.columns, longest, strict=True):
        shown.add_column(Text(column), overflow="fold", min_width=width)
    for row in table.rows:
        shown.add_row(*map(Text, row))
    fits = sum(longest) + _GAP * len(longest) <= out.width
    out.print(shown if fits else _stacked(table))
    out.print()


def _stacked(table: Table) -> Group:
    """Return a table for a narrow terminal: a block for each row, with a line for each of its other columns."""
    parts: list[Text | RichTable] = [Text(table.title, "bold")]
    for first, *others in table.rows:
        block = RichTable(box=None, show_header=False, padding=(0, _GAP, 0, _GAP))
        for name, words in zip(table.columns[1:], others, strict=True):
            block.add_row(Text(name), Text(words))
        parts += [Text(f"{table.columns[0]}: {first}"), block]
    return Group(*parts)


def print_run(made: Run) -> None:
    """Print what a run found: by contender, in pairs, in one sentence; last the report's path."""
    out = console()
    out.print()
    for suite, table in contender_tables(made.summary(), made.targets).items():
        if made.experiments[suite].compares_contenders:
            show_table(out, table)
    for finding in made.findings:
        for table in finding.tables:
            show_table(out, table)
        for note in finding.notes:
            out.print(f"{finding.suite}: {note}")
        out.print()
    for each in trained(made):
        out.print(f"{each.name}: {each.line}")
    for finding in made.findings:
        out.print(f"{finding.suite}: {finding.sentence}", style="bold")
        with contextlib.suppress(UsageError):  # a table of the user's own may be gone; what was found stays
            if made.experiments[finding.suite].compares_contenders and (said := remark(made.part(finding.suite))):
                out.print(f"{finding.suite}: {said}", style="bold")
    quick = QUICK_WARNING if made.settings.quick else ""
    for note in filter(None, (not_equal_words(made), *made.settings.notes, quick)):
        out.print(note)
    typer.echo(made.path / PAGE)


class Display(Observer):
    """Shows a run as it goes: the proof, the trials with the running one's epochs, and the time left."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._count = 0
        self._total = 0
        self._done_seconds = 0.0
        self._running: PlannedTrial | None = None
        self._not_equal: set[str] = set()

    @contextlib.contextmanager
    def showing(self) -> Iterator["Display"]:
        """Keep bars at the foot of the terminal, if there is one."""
        if not self._out.is_terminal:
            yield self
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._out, transient=True) as self._progress:
            yield self

    def begin(self, trials: Sequence[PlannedTrial], done: int, folder: Path) -> None:
        """Say what is to come."""
        self._total, self._count = len(trials), done
        rough = sum(trial.rough_seconds for trial in trials[done:])
        finished = f", {done} of them finished before" if done else ""
        self._out.print(f"{len(trials)} trials{finished}, roughly {seconds_words(rough)}, into {folder}")
        self._bar("trials", "trials", total=max(rough, 1e-9))

    def proving(self, done: int, total: int) -> None:
        """Show how far the proof is."""
        self._bar("proof", f"proof {done}/{total}", total=total, completed=done)

    def comparing(self, done: int, total: int) -> None:
        """Show how many public names are compared."""
        self._bar("parity", f"names {done}/{total}", total=total, completed=done)

    def proven(self, verdicts: Sequence[Verdict]) -> None:
        """Say what was proven."""
        self._drop("proof")
        self._not_equal = {verdict.contender for verdict in verdicts if verdict.status == "differs"}
        for status in dict.fromkeys(verdict.status for verdict in verdicts):
            names = dict.fromkeys(verdict.contender for verdict in verdicts if verdict.status == status)
            largest = max((verdict.largest or 0.0 for verdict in verdicts if verdict.status == status), default=0.0)
            words = f"proven equal in float64, to {largest:.0e}" if status == "equal" else status
            self._out.print(f"{', '.join(names)}: {words}")
        if any(verdict.status in ("differs", "broken", "not offered") for verdict in verdicts):
            show_table(self._out, proof_table(verdicts))

    def contender_raised(self, contender: str, traceback: str) -> None:
        """Show the traceback, if the user asked for tracebacks."""
        errors.show_traceback_of(contender, traceback)

    def contender_printed(self, contender: str, printed: str, *, failed: bool, log: Path | None) -> None:
        """Show the last lines of what a contender printed before it failed; all, if the user asked for tracebacks."""
        errors.show_printed(contender, printed, failed=failed, log=log)

    def trial_started(self, trial: PlannedTrial) -> None:
        """Show the trial that runs."""
        self._running = trial
        self._bar("epochs", self._name(trial), total=trial.scenario.epochs, completed=0)

    def epoch(self, done: int, total: int) -> None:
        """Show how far the running trial is."""
        if self._running is not None:
            self._bar("epochs", f"{self._name(self._running)} epoch {done}/{total}", total=total, completed=done)
            begun = self._done_seconds + self._running.rough_seconds * done / total
            self._bar("trials", f"trials {self._count}/{self._total}", completed=begun)

    def trial_finished(self, trial: PlannedTrial, row: TrialRow) -> None:
        """Say in a line how it went."""
        self._count += 1
        self._done_seconds += trial.rough_seconds
        self._drop("epochs")
        self._bar("trials", f"trials {self._count}/{self._total}", completed=self._done_seconds)
        width = len(str(self._total))
        self._out.print(f"[{self._count:{width}}/{self._total}] {self._name(trial)}: {_outcome(row)}")

    def looking(self, done: int, total: int) -> None:
        """Show how far the look at the machine is."""
        self._bar("machine", f"machine, canary {done}/{total}", total=total, completed=done)
        if done == total:
            self._drop("machine")

    def racing_itself(self, done: int, total: int) -> None:
        """Show how far the A/A race is."""
        self._bar("race", f"A/A race {done}/{total}", total=total, completed=done)

    def looked(self, judgement: Judgement) -> None:
        """Say what speaks against timing on this machine now."""
        if judgement.outcome is not Outcome.FIT:
            self._out.print(judgement.sentence)

    def racing(self, done: int, total: int) -> None:
        """Show for how many seeds the reference was raced against itself."""
        self._bar("bands", f"bands of rounding {done}/{total}", total=total, completed=done)
        if done == total:
            self._drop("bands")

    def drawing(self, done: int, total: int) -> None:
        """Show how far the report's pictures are."""
        self._drop("trials")
        self._bar("pictures", f"pictures {done}/{total}", total=total, completed=done)

    def animating(self, done: int, total: int) -> None:
        """Show how far an animation is."""
        self._drop("pictures")
        self._bar("frames", f"frames {done}/{total}", total=total, completed=done)

    def not_animated(self, suite: str, reason: str) -> None:
        """Say why a suite has no animation."""
        self._out.print(f"{suite}: no animation: {reason}")

    def _name(self, trial: PlannedTrial) -> str:
        name = trial.contender.name
        if trial.suite == AA:
            return f"{trial.scenario.name} copy of {name} seed {trial.seed}"
        where = trial.suite if trial.scenario.name == trial.suite else f"{trial.suite} {trial.scenario.name}"
        return f"{where} {name}{NOT_EQUAL if name in self._not_equal else ''} seed {trial.seed}"

    def _bar(self, key: str, description: str, *, total: float | None = None, completed: float | None = None) -> None:
        if self._progress is None:
            return
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task("", total=None)
        # a description is markup to rich, and a contender's name may be anything
        shown = description.replace("[", "\\[")
        self._progress.update(self._tasks[key], description=shown, total=total, completed=completed)

    def _drop(self, key: str) -> None:
        if self._progress is not None and key in self._tasks:
            self._progress.remove_task(self._tasks.pop(key))


def _outcome(row: TrialRow) -> str:
    if row.status != "ok":
        return f"{row.status}: {row.status_detail}"
    whole = f"{seconds_words(row.process_seconds or 0.0)} in all"
    if row.train_seconds is None:
        return f"ok, {whole}"
    scored = f"test accuracy {row.test_accuracy:.2f}" if row.test_r2 is None else f"test R² {row.test_r2:.2f}"
    return f"ok, trained in {seconds_words(row.train_seconds)}, {whole}, {scored}"
