"""The output of `bench verify --all`: tables of all public names, for the terminal and as Markdown."""

from collections.abc import Mapping, Sequence

from bench.core.markdown import escape, markdown_table
from bench.core.words import Table
from bench.parity.measure import TOLERANCE, Allowed, ParityRow

COLUMNS = ("name", "difference", "what to know")

PARITY_WORDS = (
    f"Each thing is used in the same way in both packages, in float64, with its defaults and with drawn arguments. The "
    f"difference is the largest max|a - b| / max|a| of any resulting array, and at most {TOLERANCE:g}; where Keras "
    f"itself rounds, the larger tolerance is listed. Activations and losses are compared by values and by training a "
    f"network; optimizers by the weights after 50 updates; schedules by 50 steps; initializers by the distribution of "
    f"their draws; regularizers and constraints by values and training; metrics by their results after three updates; "
    f"layers by predictions and by the weights of a network after 50 updates; callbacks by their effect on the same "
    f"training; get, serialize and deserialize by the names and descriptions of all things in their module. "
    f"The attributes and methods of networks, layers, metrics, optimizers and callbacks are listed as they are after "
    f"compile; scripts that use them print the same lines with both packages."
)


def parity_tables(rows: Sequence[ParityRow]) -> list[Table]:
    """Return a table for each module."""
    modules = dict.fromkeys(row.module for row in rows)
    return [Table(module, COLUMNS, tuple(_words(row) for row in rows if row.module == module)) for module in modules]


def parity_sentence(rows: Sequence[ParityRow]) -> str:
    """Return the number of names of each result in one sentence."""
    equal = sum(row.status in ("equal", "there") for row in rows)
    reasoned = sum(row.status == "missing" and row.is_sound for row in rows)
    wrong = len(rows) - equal - reasoned
    return (
        f"{equal} of {len(rows)} public names are equal, {reasoned} are missing for a listed reason, "
        f"{wrong or 'none'} {'is' if wrong == 1 else 'are'} missing without a reason, different or not compared."
    )


def parity_page(rows: Sequence[ParityRow], versions: Mapping[str, str]) -> str:
    """Return the page of Markdown."""
    packages = " and ".join(f"{name} {version}" for name, version in versions.items())
    parts = [
        "# Which of Keras's names `numpy_nn` has",
        f"**{escape(parity_sentence(rows))}**",
        f"Written by `python -m bench verify --all --write docs/parity.md`, with {escape(packages)}.",
        escape(PARITY_WORDS),
        *(
            part
            for table in parity_tables(rows)
            for part in (f"## {escape(table.title)}", "\n".join(markdown_table(table).splitlines()[2:]))
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _words(row: ParityRow) -> tuple[str, str, str]:
    difference = "–" if row.largest is None else f"{row.largest:.0e}" if row.largest else "0"
    if row.status == "missing":
        return row.name, difference, f"missing: {row.detail}" if row.detail else "missing without a reason"
    status = () if row.status in ("equal", "there") else (row.status,)
    note = ": ".join((*status, row.detail)) if row.detail else "".join(status)
    return row.name, difference, "; ".join([*([note] if note else []), *map(_bound_words, row.allowed)])


def _bound_words(allowed: Allowed) -> str:
    return f"{allowed.quantity} {allowed.difference:.0e}, allowed {allowed.limit:.0e}: {allowed.words}"
