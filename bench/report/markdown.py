"""``report.md``: the finding first, then its tables, the proof, the machine, and how to make it again."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.findings.finding import Table
from bench.proof.compare import TOLERANCE
from bench.proof.prove import Verdict
from bench.report.contenders import contender_tables

if TYPE_CHECKING:
    from bench.session import Run

QUICK_WARNING = (
    "This was a quick run, with a fifth of the epochs and few seeds: it shows that everything works, no more."
)


def render(run: "Run") -> str:
    """Return the report of a run as Markdown."""
    parts: list[str] = []
    if run.status == "refused":
        parts.append("**Nothing was compared: the contenders are no twins.** The proof below names what differs.")
    parts += [f"**{escape(finding.sentence)}**" for finding in run.findings]
    if run.settings.quick:
        parts.append(QUICK_WARNING)
    if run.missing and run.status != "refused":
        parts.append(f"This run is not whole: {run.missing} of its trials have not been made.")
    parts.append("# By contender")
    parts += [_markdown(table) for table in contender_tables(run.summary())]
    for finding in run.findings:
        parts.append(f"# {finding.suite}")
        parts += [f"- {escape(note)}" for note in finding.notes]
        parts += [_markdown(table) for table in finding.tables]
    if run.verdicts:
        parts += ["# Proof of equality", PROOF_WORDS, _markdown(proof_table(run.verdicts))]
    parts += ["# How this was made", *_made(run)]
    return "\n\n".join(parts) + "\n"


PROOF_WORDS = (
    f"Before the clock, in float64: initial weights, forward pass, every gradient, one update with default options and "
    f"320 updates, each array against a reference in plain NumPy. Allowed is max|a - b| / max|a| = {TOLERANCE:g}. "
    f"The drift is what float32 does to the same updates at the scenario's own rate: shown, not judged."
)


def proof_table(verdicts: Sequence[Verdict]) -> Table:
    """Return a row for each contender and case."""
    rows = []
    for verdict in verdicts:
        differs = f"{verdict.first} differs by {verdict.first_difference:.1e}" if verdict.first else ""
        rows.append(
            (
                verdict.contender,
                verdict.case,
                verdict.status,
                "–" if verdict.largest is None else f"{verdict.largest:.1e}",
                "–" if verdict.default_update is None else f"{verdict.default_update:.1e}",
                f"{max(verdict.drift):.1e}" if verdict.drift else "–",
                verdict.detail or differs,
            )
        )
    columns = ("contender", "case", "verdict", "largest difference", "default options", "drift", "first to differ")
    return Table("Every contender against the reference", columns, tuple(rows))


def _made(run: "Run") -> list[str]:
    settings, machine = run.settings, run.environment
    data = (
        "new data and a new split for each seed"
        if settings.resample_data
        else "the article's data and split throughout"
    )
    versions = ", ".join(f"{name} {number}" for name, number in machine.get("versions", {}).items() if number)
    seeds = "; ".join(f"{suite}: {', '.join(map(str, seeds))}" for suite, seeds in settings.seeds.items())
    lines = [
        f"- command: `{run.command}`",
        f"- seeds: {escape(seeds)}",
        f"- data: {data}",
        f"- threads: {settings.threads}",
        f"- machine: {escape(str(machine.get('processor')))}, {machine.get('processors')} processors, "
        f"{machine.get('memory_bytes', 0) / 2**30:.0f} GiB, {escape(str(machine.get('system')))}",
        f"- versions: Python {machine.get('python')}, {escape(versions)}",
        f"- status: {run.status}, run {escape(run.path.name)}",
        "- every trial a fresh process; contenders in turn, backwards at every other seed; the training clock stands "
        "still while weights are copied; accuracy and loss of all contenders by one evaluator in float64",
        "- columns and their units: columns.md; every trial: trials/",
    ]
    pools = "; ".join(f"{name}: {', '.join(libraries)}" for name, libraries in run.thread_pools.items())
    if pools:
        lines.append(f"- libraries with threads, and the kernels they chose: {escape(pools)}")
    kept = "kept" if settings.keep_environment else "cleared"
    lines.append(f"- variables that pin one library's kernels, such as OPENBLAS\\_CORETYPE: {kept}")
    return ["\n".join(lines)]


def _markdown(table: Table) -> str:
    head = ["| " + " | ".join(map(escape, table.columns)) + " |", "|" + "---|" * len(table.columns)]
    rows = ["| " + " | ".join(map(escape, row)) + " |" for row in table.rows]
    return "\n".join([f"*{escape(table.title)}*", "", *head, *rows])


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no HTML, no end of a table's cell."""
    escaped = re.sub(r"([\\`*_\[\]|#~$])", r"\\\1", text.replace("\n", " "))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
