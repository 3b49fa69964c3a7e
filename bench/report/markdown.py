"""``report.md``: what was found first, then pictures, tables, the proof, the machine, and how to make it again."""

import re

from bench.experiments.finding import Table
from bench.report.content import PROOF_WORDS, Content, Drawn


def render(content: Content) -> str:
    """Return the report of a run as Markdown."""
    sentences = [f"**{escape(section.finding.sentence)}**" for section in content.sections]
    warnings = [f"**{escape(warning)}**" for warning in content.warnings]
    # a refused run found nothing, so that comes first
    parts = [*warnings, *sentences] if content.refused else [*sentences, *warnings]
    parts += map(_picture, content.headline)
    for section in content.sections:
        parts.append(f"# {escape(section.suite)}: {escape(section.title.partition(':')[0])}")
        if section.finding.notes:
            parts.append("\n".join(f"- {escape(note)}" for note in section.finding.notes))
        parts += map(_picture, section.pictures)
        parts += map(markdown_table, section.tables)
    parts += ["# The data", *map(_picture, content.data)] if content.data else []
    parts.append("# What may and may not be concluded")
    parts += [_list("It may be concluded:", content.may)] if content.may else []
    parts.append(_list("It may not be concluded:", content.may_not))
    if content.proof is not None:
        parts += ["# Proof of equality", escape(PROOF_WORDS), markdown_table(content.proof)]
    parts += ["# How to make it again", _code(content.command), "# How this was made"]
    parts.append("\n".join(f"- {escape(name)}: {escape(words)}" for name, words in content.facts))
    return "\n\n".join(parts) + "\n"


def _code(text: str) -> str:
    """Return text as a block of code, with a fence longer than any in the text."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}\n{' '.join(text.splitlines())}\n{fence}"


def _list(title: str, sentences: tuple[str, ...]) -> str:
    return "\n".join([title, "", *(f"- {escape(sentence)}" for sentence in sentences)])


def _picture(picture: Drawn) -> str:
    return f"![{escape(picture.alt)}](plots/{picture.name}.png)\n\n*{escape(picture.caption)}*"


def markdown_table(table: Table) -> str:
    """Return a table with its title."""
    head = ["| " + " | ".join(map(escape, table.columns)) + " |", "|" + "---|" * len(table.columns)]
    rows = ["| " + " | ".join(map(escape, row)) + " |" for row in table.rows]
    return "\n".join([f"*{escape(table.title)}*", "", *head, *rows])


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no HTML, no end of a table's cell."""
    escaped = re.sub(r"([\\`*_\[\]|#~$])", r"\\\1", " ".join(text.splitlines()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
