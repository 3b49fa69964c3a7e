"""What a report says, before it is Markdown or HTML: both are made from this, so that they say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.contenders.registry import CONTENDERS
from bench.core.words import Table, counted, listed
from bench.doctor.facts import machine_facts, run_facts
from bench.experiments.base import Finding
from bench.proof.compare import TOLERANCE
from bench.proof.prove import Verdict
from bench.report.contenders import contender_tables
from bench.report.reference_points import Reference
from bench.report.trained import Trained, trained
from bench.runs.record import Run
from bench.statistics.decide import FEWEST_SEEDS

# What no experiment measures, unless its `covers` says so.
_UNMEASURED = ("large networks", "accelerators", "other data", "other frameworks")

QUICK_WARNING = (
    "This was a quick run, with a fraction of the epochs and few seeds: it shows that everything works, and no more."
)

PROOF_WORDS = (
    f"Made before anything was timed, in float64: initial weights, forward pass, every gradient, one update with "
    f"default options and 320 updates, each array against a reference in plain NumPy. The largest difference allowed "
    f"is max|a - b| / max|a| = {TOLERANCE:g}, and for the update with default options as much more as Keras rounds its "
    f"coefficients through float32. The drift is the rounding error of float32 over the same updates at the "
    f"scenario's own rate; it is shown, not judged, but weights and predictions must then be numbers of float32."
)


@dataclass(frozen=True)
class Drawn:
    """A picture as it stands in a report.

    Attributes:
        name: ``plots/<name>.svg`` and ``.png``.
        suite: the experiment to which it belongs; None if to the run as a whole.
        title, caption, alt: see `bench.drawing.picture.Picture`.
        svg: the picture.
    """

    name: str
    suite: str | None
    title: str
    caption: str
    alt: str
    svg: str


@dataclass(frozen=True)
class Section:
    """One experiment of a run: what it asks, what it found, its pictures and its tables.

    ``remark`` says where a simple model does better than the networks; it is empty where none does.
    """

    suite: str
    title: str
    finding: Finding[Any]
    remark: str
    tables: tuple[Table, ...]
    pictures: tuple[Drawn, ...]


@dataclass(frozen=True)
class Content:
    """Everything that a report says.

    Attributes:
        run_id: the name that the run's folder was made with.
        refused: whether nothing was compared, since a contender failed the proof.
        warnings: what a reader must know before anything else.
        trained: what each experiment trained or measured.
        contenders: who took part, as pairs of a name and a description.
        sections: one an experiment.
        headline: pictures of the whole run.
        data: pictures of its data sets.
        proof: the verdicts of the proof of equality; None before there are any.
        command: makes the same run.
        may, may_not: what can be concluded from it.
        facts: how it was made, as pairs of a name and words.
    """

    run_id: str
    refused: bool
    warnings: tuple[str, ...]
    trained: tuple[Trained, ...]
    contenders: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    headline: tuple[Drawn, ...]
    data: tuple[Drawn, ...]
    proof: Table | None
    command: str
    may: tuple[str, ...]
    may_not: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def content_of(run: Run, drawn: Sequence[Drawn] = (), references: Mapping[str, Reference] | None = None) -> Content:
    """Return what a run's report says, with these pictures, and what simple models reach by experiment."""
    references = references or {}
    return Content(
        run_id=run.run_id,
        refused=run.status == "refused",
        warnings=tuple(_warnings(run)),
        trained=trained(run),
        contenders=tuple(_contender_titles(run)),
        sections=tuple(
            Section(
                suite=finding.suite,
                title=run.experiments[finding.suite].title,
                finding=finding,
                tables=(
                    *_contenders(run, finding.suite),
                    *finding.tables,
                    *([references[finding.suite].table] if finding.suite in references else []),
                ),
                remark=references[finding.suite].remark if finding.suite in references else "",
                pictures=tuple(each for each in drawn if each.suite == finding.suite),
            )
            for finding in run.findings
        ),
        headline=tuple(each for each in drawn if each.suite is None and not each.name.startswith("data-")),
        data=tuple(each for each in drawn if each.name.startswith("data-")),
        proof=proof_table(run.verdicts) if run.verdicts else None,
        command=run.command,
        may=tuple(_may(run)),
        may_not=tuple(_may_not(run)),
        facts=tuple(_facts(run)),
    )


def _contender_titles(run: Run) -> list[tuple[str, str]]:
    """Return who took part, or was to: the name in tables, and what it is."""
    planned = [name for contenders in run.planned.values() for name in contenders]
    names = dict.fromkeys([*run.trials["contender"], *planned])
    return [(name, CONTENDERS[name].title if name in CONTENDERS else "your own") for name in names]


def _contenders(run: Run, suite: str) -> list[Table]:
    """Return the table by contender, where contenders are what a suite compares."""
    tables = contender_tables(run.summary(), run.targets) if run.experiments[suite].compares_contenders else {}
    return [tables[suite]] if suite in tables else []


def proof_table(verdicts: Sequence[Verdict]) -> Table:
    """Return a row for each contender and case; cases that could not be compared, for one cause, share a row."""
    alike: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in verdicts:
        key = verdict.cause if verdict.detail else (verdict.case,)
        alike.setdefault((verdict.contender, *key), []).append(verdict)
    rows = tuple(
        (
            first.contender,
            f"{first.case} and {counted(len(others), 'other')}" if others else first.case,
            first.status,
            "–" if first.largest is None else f"{first.largest:.1e}",
            "–" if first.default_update is None else f"{first.default_update:.1e}",
            f"{max(first.drift):.1e}" if first.drift else "–",
            first.detail or first.fault,
        )
        for first, *others in alike.values()
    )
    columns = ("contender", "case", "verdict", "largest difference", "default options", "drift", "first to differ")
    return Table("Every contender against the reference", columns, rows)


def not_equal_words(run: Run) -> str:
    """Return what a reader must know of contenders that failed the proof and were timed; empty if there are none."""
    if not run.not_equal or run.status == "refused":
        return ""
    return (
        f"Failed the proof, and timed all the same: {listed(list(run.not_equal))}. Times and accuracies of another "
        f"computation say nothing about the implementation."
    )


def _warnings(run: Run) -> list[str]:
    warnings = []
    if run.status == "refused":
        warnings.append("Nothing was compared: a contender failed the proof. The proof below names what differs.")
    warnings += filter(None, [not_equal_words(run)])
    if run.settings.quick:
        warnings.append(QUICK_WARNING)
    warnings += run.settings.notes
    if run.missing and run.status != "refused":
        warnings.append(f"This run is incomplete: {run.missing} of its trials have not been made.")
    if len(run.trials) and not run.verdicts:
        warnings.append(
            "No proof of equality is kept with this run, so it is not known whether its contenders are equal."
        )
    bad = int((run.trials["status"] != "ok").sum())
    if bad:
        warnings.append(
            f"{bad} of {len(run.trials)} trials did not end well; trials.parquet names them with the reason."
        )
    return warnings


def _may(run: Run) -> list[str]:
    may = []
    found = dict.fromkeys(verdict.contender for verdict in run.verdicts if verdict.status == "equal")
    equal = [name for name in found if name not in run.not_equal.values()]
    if equal and run.status != "refused":
        each = f"{listed(equal)} each compute" if len(equal) > 1 else f"{equal[0]} computes"
        may.append(
            f"That {each} what the reference, plain NumPy in float64, computes from the same start, layer by layer and "
            f"update by update, in the cases of the proof below, which was made before anything was timed."
        )
    if run.settings.quick:
        return may
    may += dict.fromkeys(sentence for finding in run.findings for sentence in finding.may)
    if run.trials[run.trials["status"] == "ok"]["contender"].nunique() > 1:
        may.append("What a fresh process pays for a framework before it trains: start, import, compilation, memory.")
    return may


def _may_not(run: Run) -> list[str]:
    covered = {topic for experiment in run.experiments.values() for topic in experiment.covers}
    unmeasured = [topic for topic in _UNMEASURED if topic not in covered]
    may_not = [
        f"Anything about {', '.join(unmeasured[:-1])} or {unmeasured[-1]}: none of them was measured.",
        "Seconds on another machine. Ratios carry over better than seconds, and not everywhere.",
    ]
    may_not += _better(run)
    may_not += dict.fromkeys(sentence for finding in run.findings for sentence in finding.may_not)
    if run.settings.quick:
        may_not.append("From a quick run, anything but that everything works.")
    few = [suite for suite, seeds in run.settings.seeds.items() if len(seeds) < FEWEST_SEEDS]
    if few:
        may_not.append(
            f"From {' and '.join(few)}, how far another choice of seeds would move the figures: fewer than "
            f"{FEWEST_SEEDS} seeds were run."
        )
    return may_not


def _better(run: Run) -> list[str]:
    """Return that a small difference of accuracy says nothing, with the size of one test row."""
    trials = run.trials[run.trials["test_accuracy"].notna()]
    sizes = [int(size) for size in trials["test_rows"].dropna().unique()]
    if trials.empty:
        return []
    row = f": with {min(sizes):,} test rows, one row is {100 / min(sizes):.2g} % of accuracy" if sizes else ""
    return [f"That one contender classifies better by less than a few test rows{row}."]


def _facts(run: Run) -> list[tuple[str, str]]:
    settings, machine = run.settings, run.environment
    versions = ", ".join(f"{name} {number}" for name, number in machine.get("versions", {}).items() if number)
    pools = "; ".join(f"{name}: {', '.join(libraries)}" for name, libraries in run.thread_pools.items())
    by_lot = run.trials["place"].notna().any()
    order = "the order in each seed's block by lot" if by_lot else "contenders in turn, backwards at every other seed"
    return [
        ("seeds", "; ".join(f"{suite}: {', '.join(map(str, seeds))}" for suite, seeds in settings.seeds.items())),
        (
            "data",
            "new data and a new split for each seed"
            if settings.resample_data
            else "the same data and split for every seed",
        ),
        ("threads", ", ".join(map(str, sorted(run.trials["threads"].dropna().unique()))) or str(settings.threads)),
        (
            "machine",
            f"{machine.get('processor')}, {machine.get('processors')} processors, "
            f"{machine.get('memory_bytes', 0) / 2**30:.0f} GiB, {machine.get('system')}",
        ),
        *machine_facts(machine),
        *run_facts(machine),
        ("versions", f"Python {machine.get('python')}, {versions}"),
        ("status", f"{run.status}, run {run.run_id}"),
        (
            "protocol",
            f"every trial a fresh process; {order}; the training clock stands still while weights are copied; accuracy "
            f"and loss of all contenders by one evaluator in float64",
        ),
        *([("libraries with threads, and the kernels they chose", pools)] if pools else []),
        (
            "variables that pin one library's kernels, such as OPENBLAS_CORETYPE",
            "kept" if settings.keep_environment else "cleared",
        ),
        ("files", "columns.md for every column and its unit, trials/ for every trial"),
    ]
