"""Text and tables as Markdown, with text from outside escaped."""

import re

from bench.core.words import Table


def markdown_table(table: Table) -> str:
    """Return a table with its title above it."""
    head = ["| " + " | ".join(map(escape, table.columns)) + " |", "|" + "---|" * len(table.columns)]
    rows = ["| " + " | ".join(map(escape, row)) + " |" for row in table.rows]
    return "\n".join([f"*{escape(table.title)}*", "", *head, *rows])


def code_block(text: str) -> str:
    """Return text as a block of code, with a fence longer than any in the text."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}\n{' '.join(text.splitlines())}\n{fence}"


def escape(text: str) -> str:
    """Return text that Markdown shows verbatim, without markup or HTML, also in the cell of a table."""
    escaped = re.sub(r"([\\`*_\[\]|#~$])", r"\\\1", " ".join(text.splitlines()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
