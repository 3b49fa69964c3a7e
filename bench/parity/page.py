"""What `bench verify --all` says: tables of all public names, in the terminal, as Markdown and as JSON."""

import json
from collections.abc import Callable, Mapping, Sequence

from bench.core.markdown import escape, markdown_table
from bench.core.words import Table
from bench.parity.cover import TOLERANCE, Allowed, Row

COLUMNS = ("name", "difference", "what to know")

COVERAGE_WORDS = (
    f"Each thing is used alike in both packages, in float64, with its defaults and with drawn arguments. The "
    f"difference is the largest max|a - b| / max|a| of any array that came of it, and may be {TOLERANCE:g}; where "
    f"the original itself is no more exact than that, the bound is said. Activations and losses are compared by "
    f"values and by training a network with them; optimizers by the weights after 50 updates; schedules by 50 "
    f"steps; initializers by the distribution of their draws; regularizers and constraints by values and training; "
    f"metrics by their results after three updates; layers by their predictions and by the weights of a network "
    f"after 50 updates; callbacks by what they did to the same training."
)


def coverage_tables(rows: Sequence[Row]) -> list[Table]:
    """Return a table for each module."""
    modules = dict.fromkeys(row.module for row in rows)
    return [Table(module, COLUMNS, tuple(_words(row) for row in rows if row.module == module)) for module in modules]


def coverage_sentence(rows: Sequence[Row]) -> str:
    """Return in one sentence how many names there are, and what became of them."""
    equal = sum(row.status in ("equal", "there") for row in rows)
    reasoned = sum(row.status == "missing" and row.is_sound for row in rows)
    wrong = len(rows) - equal - reasoned
    return (
        f"{equal} of {len(rows)} public names are there and equal, {reasoned} are missing for a reason, "
        f"{wrong or 'none'} {'is' if wrong == 1 else 'are'} missing without one, different or not compared."
    )


def coverage_page(rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    """Return all that is known as a page of Markdown."""
    packages = " and ".join(f"{name} {version}" for name, version in versions.items())
    parts = [
        "# Which of Keras's names `numpy_nn` has",
        f"**{escape(coverage_sentence(rows))}**",
        f"Written by `python -m bench verify --all --write docs/coverage.md`, with {escape(packages)}.",
        escape(COVERAGE_WORDS),
        *(
            part
            for table in coverage_tables(rows)
            for part in (f"## {escape(table.title)}", "\n".join(markdown_table(table).splitlines()[2:]))
        ),
    ]
    return "\n\n".join(parts) + "\n"


def coverage_json(rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    """Return all that is known as JSON."""
    return json.dumps({"versions": dict(versions), "rows": [row.to_json() for row in rows]}, indent=2)


PAGES: dict[str, Callable[[Sequence[Row], Mapping[str, str]], str]] = {
    "json": coverage_json,
    "markdown": coverage_page,
}


def _words(row: Row) -> tuple[str, str, str]:
    difference = "–" if row.largest is None else f"{row.largest:.0e}" if row.largest else "0"
    if row.status == "missing":
        return row.name, difference, f"missing: {row.detail}" if row.detail else "missing, and nobody has said why"
    status = () if row.status in ("equal", "there") else (row.status,)
    said = ": ".join((*status, row.detail)) if row.detail else "".join(status)
    return row.name, difference, "; ".join([*([said] if said else []), *map(_bound_words, row.allowed)])


def _bound_words(allowed: Allowed) -> str:
    return f"{allowed.quantity} {allowed.difference:.0e}, allowed {allowed.limit:.0e}: {allowed.words}"
