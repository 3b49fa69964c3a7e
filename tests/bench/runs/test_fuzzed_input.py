"""Random input: each is used, or refused in one sentence."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.contenders.registry import find
from bench.core.errors import UsageError
from bench.datasets.table import table_rows
from bench.runs.scenario_file import read_scenario
from bench.runs.settings import make_settings

thorough = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

VALUES = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.text(max_size=4),
    st.sampled_from(
        ["true", "[]", "[[1, 2]]", '"relu"', "'x'", "{a = 1}", "1979-05-27", "nan", "-inf", "", "[" * 5000]
    ),
)
NAMES = st.sampled_from(["name", "dataset", "epochs", "layers", "optimizer", "learning_rate", "batch_size", "momentum"])


def refusal(use: object, *arguments: object) -> str:
    """Return what a use is answered with; empty if it is accepted."""
    assert callable(use)
    try:
        use(*arguments)
    except UsageError as error:
        return str(error)
    return ""


@thorough
@given(lines=st.lists(st.tuples(NAMES | st.text(max_size=4), VALUES), max_size=5), raw=st.binary(max_size=30))
def test_a_scenario_is_read_or_refused(tmp_path: Path, lines: list[tuple[str, str]], raw: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(
        "\n".join(f"{name} = {value}" for name, value in lines).encode(errors="replace") + raw[: len(raw) % 5]
    )
    assert "\n" not in refusal(read_scenario, path)


@thorough
@given(rows=st.lists(st.lists(VALUES, min_size=2, max_size=3), max_size=12), raw=st.binary(max_size=8))
def test_a_table_is_read_or_refused(tmp_path: Path, rows: list[list[str]], raw: bytes) -> None:
    path = tmp_path / "mine.csv"
    table = "\n".join(["x,y", *(",".join(row) for row in rows)]).encode(errors="replace")
    path.write_bytes(table + raw[: len(raw) % 3])
    assert len(refusal(table_rows, path, "y", None)) < 1000


@thorough
@given(name=st.text(max_size=20) | st.text(max_size=10).map(lambda text: f"./{text}.py"))
def test_a_contender_is_found_or_refused(name: str) -> None:
    assert len(refusal(find, name)) < 2000


@thorough
@given(name=st.text(max_size=20) | st.text(max_size=10).map(lambda text: f"{text}/"))
def test_an_experiment_is_found_or_refused(name: str) -> None:
    assert len(refusal(make_settings, [name])) < 2000


@pytest.mark.parametrize("name", ["\udcff.toml", "\udcff", "./\udcff.py"])
def test_a_name_that_is_not_utf_8_is_refused(name: str) -> None:
    assert refusal(make_settings, [name])
