"""Tables in a terminal: as wide as it is, and no word cut."""

from io import StringIO

import pytest
from machines import examined
from rich.console import Console

from bench.cli.display import Display, show_table
from bench.core.words import Table
from bench.doctor.judge import judge

TABLE = Table("Times", ("contender", "training"), (("numpy", "138 ms (130 to 163)"), ("keras_tuned", "3.48 s")))


@pytest.mark.parametrize(
    ("width", "first"),
    [(80, "contender training"), (24, "contender training"), (18, "contender: numpy")],
)
def test_a_table_too_wide_for_the_terminal_is_shown_row_by_row(width: int, first: str) -> None:
    text = StringIO()
    out = Console(width=width, markup=False, highlight=False, file=text)
    show_table(out, TABLE)
    shown = text.getvalue().splitlines()
    assert shown[0].rstrip() == "Times"
    assert shown[1].split() == first.split()
    assert max(map(len, shown)) <= width
    for word in (word for row in TABLE.rows for cell in row for word in cell.split()):
        assert any(word in line.split() for line in shown), (word, shown)


def test_a_run_says_what_speaks_against_the_machine_and_nothing_of_a_quiet_one() -> None:
    written = StringIO()
    display = Display(Console(width=200, markup=False, file=written))
    display.looked(judge(examined(raced=None)))
    assert written.getvalue() == ""
    display.looked(judge(examined(raced=None, others_share=0.5)))
    assert "other programs used 50.0 % of the processors; to change that: close other programs" in written.getvalue()
